package async

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestABurstOfWishesBecomesFewCallsAndTheLastIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		g := &Gate{Pause: 100 * time.Millisecond, Do: func() { calls.Add(1) }}
		for range 50 {
			g.Wish()
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		before := calls.Load()
		if before < 4 || before > 7 {
			t.Errorf("500 ms of wishes made %d calls, want about 5", before)
		}
		g.Wish()
		time.Sleep(time.Second)
		synctest.Wait()
		if calls.Load() != before+1 {
			t.Error("the last wish was not honoured")
		}
	})
}

func TestOnlyTheLastOfQuickKeystrokesIsSearched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		d := &Debouncer{Delay: 150 * time.Millisecond}
		for _, text := range []string{"r", "re", "red"} {
			d.Call(func() { got = append(got, text) })
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(got) != 1 || got[0] != "red" {
			t.Errorf("searched %q, want only red", got)
		}
	})
}

// What was shown as going on ends, whichever way work ends.
func TestWorkThatEndsInABugIsOverOnTheScreen(t *testing.T) {
	var on []string
	l := Lanes{Work: func(f func()) {
		defer func() {
			if recover() != nil {
				on = append(on, "told")
			}
		}()
		f()
	}, Screen: func(f func()) { f() }}
	say := func(word string) func() { return func() { on = append(on, word) } }
	l.RunOr(func() func() { return say("shown") }, say("broken"))
	l.RunOr(func() func() { return nil }, say("broken"))
	l.RunOr(func() func() { panic("injected: a bug in a page") }, say("broken"))
	if want := []string{"shown", "broken", "told"}; !slices.Equal(on, want) {
		t.Errorf("got %v, want %v", on, want)
	}
}
