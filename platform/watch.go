package platform

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// pollEvery is how often the network interfaces are looked at.
const pollEvery = 5 * time.Second

// A Watcher tells of the laptop's surroundings. The zero Watcher is ready to use.
type Watcher struct {
	Log *slog.Logger // may be nil

	mu   sync.Mutex // guards what follows
	last schedule.Surroundings
	tell func(schedule.Surroundings)
}

// Watch calls tell whenever the surroundings change, until ctx ends; never from
// two goroutines at once. The interfaces are looked at everywhere; what the
// system itself tells is added where there is something to ask.
func (w *Watcher) Watch(ctx context.Context, tell func(schedule.Surroundings)) error {
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	w.mu.Lock()
	w.tell, w.last = tell, schedule.Surroundings{Networks: networks()}
	w.tell(w.last)
	w.mu.Unlock()
	var system sync.WaitGroup
	defer system.Wait()
	system.Go(func() {
		// told in the log: the program goes on without what the system says
		_ = core.Careful(w.Log, "listening to the system", func() error { w.watchSystem(ctx); return nil })
	})
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			w.update(func(s *schedule.Surroundings) { s.Networks = networks() })
		}
	}
}

// update changes what is known and tells it if it is news.
func (w *Watcher) update(change func(*schedule.Surroundings)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.last
	change(&s)
	if slices.Equal(s.Networks, w.last.Networks) && s.Connectivity == w.last.Connectivity && s.Metered == w.last.Metered && s.Saver == w.last.Saver && s.Wakes == w.last.Wakes {
		return
	}
	w.last = s
	w.tell(s)
}

// virtual are the beginnings of names of interfaces that lead nowhere outside.
var virtual = []string{"docker", "veth", "br-", "virbr", "vmnet", "vboxnet", "vEthernet", "podman", "cni", "lxc"}

// networks names the networks that this laptop has an address in. Addresses of
// IPv6 that change every day for privacy are cut to their network.
func networks() []string {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var out []string
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || slices.ContainsFunc(virtual, func(v string) bool { return strings.HasPrefix(i.Name, v) }) {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
				out = append(out, i.Name+" "+networkOf(n))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func networkOf(n *net.IPNet) string {
	if n.IP.To4() != nil {
		return n.String() // another address in the same network is another lease: connections are dead
	}
	return n.IP.Mask(n.Mask).String()
}
