package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// A week is a simulated one on a flaky network, with its figures.
type week struct {
	*world
	random  *rand.Rand
	hints   bool
	network int

	returns  int
	longest  time.Duration // from the network's return, or a wake, to the beginning of a run
	downFor  time.Duration // awake and connected while the peer was down
	downAsks int
	edits    int
	wakes    int
}

func TestAWeekOnAFlakyNetwork(t *testing.T) {
	for _, hints := range []bool{false, true} {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("hints %v seed %d", hints, seed), func(t *testing.T) {
				in(t, "2026-06-08 08:00", func(t *testing.T, w *world) {
					w.add("hub", core.Job{Every: 30 * time.Minute}, core.Job{Cron: "0 12 * * 1-5"})
					w.add("other", core.Job{Every: 2 * time.Hour})
					w.start(schedule.Tuning{})
					k := &week{world: w, random: rand.New(rand.NewPCG(seed, 7)), hints: hints}
					k.live()
					w.end()
					k.judge(t)
				})
			})
		}
	}
}

// live is seven days of thirteen hours; the laptop sleeps at night and now and
// then by day.
func (k *week) live() {
	days := 7
	if hurry {
		days = 1
	}
	for range days {
		day := k.now()
		for k.now().Sub(day) < 13*time.Hour {
			k.something()
		}
		k.asleep(day.Add(24 * time.Hour).Sub(k.now()))
	}
}

// something is what happens next, for a while.
func (k *week) something() {
	switch k.random.IntN(8) {
	case 0, 1:
		k.away(k.between(time.Minute, 3*time.Hour))
	case 2:
		k.away(k.between(5*time.Second, time.Minute))
	case 3:
		k.asleep(k.between(time.Minute, 2*time.Hour))
	case 4:
		k.login(k.between(2*time.Minute, 30*time.Minute))
	case 5:
		k.down(k.between(10*time.Minute, 4*time.Hour))
	default:
		for range k.random.IntN(5) {
			k.edit(int64(1 + k.random.IntN(2)))
			k.edits++
			k.pass(k.between(10*time.Second, 5*time.Minute))
		}
	}
	k.pass(k.between(3*time.Minute, 90*time.Minute))
}

func (k *week) between(least, most time.Duration) time.Duration {
	return least + time.Duration(k.random.Int64N(int64(most-least))).Round(time.Second)
}

func (k *week) hint(c schedule.Connectivity, networks ...string) {
	if k.hints {
		k.told(schedule.Surroundings{Connectivity: c, Networks: networks})
	}
}

// away is a stretch without a network.
func (k *week) away(d time.Duration) {
	k.change(func() { k.offline = true })
	k.hint(schedule.ConnectivityNone)
	k.pass(d)
	k.change(func() { k.offline = false })
	k.network++
	k.back()
}

// back is the moment from which a run must come soon.
func (k *week) back() {
	at := k.now()
	k.hint(schedule.ConnectivityFull, fmt.Sprintf("wlan %d", k.network))
	waited := k.waits(func() bool {
		o := k.outlook()
		return o.Why == core.WhyRetry && (o.Cause == core.CauseOffline || o.Cause == core.CausePortal)
	})
	if waited {
		k.returns++
		k.longest = max(k.longest, k.now().Sub(at))
	}
}

// waits lets time pass until the condition no longer holds; false if it did not
// hold at all: then nothing had noticed that the network was away.
func (k *week) waits(holds func() bool) bool {
	if !holds() {
		return false
	}
	for range 600 {
		if !holds() {
			break
		}
		k.pass(time.Second)
	}
	return true
}

// asleep stops the timers.
func (k *week) asleep(d time.Duration) {
	k.jump(d)
	k.network++
	at := k.now()
	k.hint(schedule.ConnectivityFull, fmt.Sprintf("wlan %d", k.network))
	k.wakes++
	k.pass(time.Second)
	for range 600 {
		if k.atWork() || len(k.since(at)) > 0 {
			break
		}
		k.pass(time.Second)
	}
	k.longest = max(k.longest, k.now().Sub(at))
}

func (k *week) atWork() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.running[1]
}

// login is a network that wants a login first.
func (k *week) login(d time.Duration) {
	k.change(func() { k.portal = true })
	k.network++
	k.hint(schedule.ConnectivityPortal, fmt.Sprintf("hotel %d", k.network))
	k.pass(d)
	k.change(func() { k.portal = false })
	k.back()
}

// down is a peer that does not answer on a good network.
func (k *week) down(d time.Duration) {
	before := 0
	k.change(func() {
		before = k.asks
		k.trouble[1] = &core.Problem{Kind: core.ServerFault, Subject: "hub"}
	})
	k.pass(d)
	k.change(func() {
		k.downAsks += k.asks - before
		delete(k.trouble, 1)
	})
	k.downFor += d
}

func (k *week) judge(t *testing.T) {
	perHour := float64(k.downAsks) / k.downFor.Hours()
	through, failed := 0, 0
	for _, r := range k.runs {
		if r.failed == nil {
			through++
		} else {
			failed++
		}
	}
	t.Logf("runs started %d (%d through, %d cut off), overlapping %d; returns of the network %d, wakes %d, longest wait for a try after them %s; "+
		"peer down %.1f h, %.1f requests an hour meanwhile; edits %d, unsent at the end %d; notifications %d; log rows %d; memory stored %d times",
		len(k.runs), through, failed, k.overlaps, k.returns, k.wakes, k.longest, k.downFor.Hours(), perHour, k.edits, len(k.unsent), len(k.notices), len(k.log), k.saves)
	if k.overlaps > 0 {
		t.Errorf("%d overlapping runs", k.overlaps)
	}
	if k.longest > 30*time.Second {
		t.Errorf("a try came only %s after the network's return", k.longest)
	}
	if perHour > 15 {
		t.Errorf("%.1f requests an hour to a peer that is down", perHour)
	}
	if perDay := len(k.runs) / 7; perDay > 120 {
		t.Errorf("%d runs a day", perDay)
	}
	if len(k.notices) > 30 {
		t.Errorf("%d notifications in a week", len(k.notices))
	}
	byHour := map[string]int{}
	for _, n := range k.notices {
		key := string(n.Class) + n.At.Time().Format(" 2006-01-02 15")
		if byHour[key]++; byHour[key] > 2 {
			t.Errorf("more than two of %s", key)
		}
	}
}
