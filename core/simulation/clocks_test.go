package simulation

import "time"

// mistiming is how many worlds there are to one in which servers' clocks go wrong, and laptops'
// jump in the middle of a run, as when they are set by the network.
const mistiming = 16

func (s *simulation) mistimes() bool { return s.seed%mistiming == 4 }

// clockOf sets a server's clock wrong, or right. What is done at an Eden whose clock was put
// back lies below everybody's marker, and may be gone over unseen (docs/limits.md).
func (s *simulation) clockOf(h hub) {
	off := pick(s, []time.Duration{0, 0, time.Minute, -7 * time.Minute, 3 * time.Hour, -5 * time.Hour, 30 * time.Hour})
	if _, eden := h.(*edenHub); eden && off < h.clock().Sub(s.now) {
		return
	}
	s.tell("%s: its clock is %s off", h.name(), off)
	h.mistime(off)
}

// jump prepares that a laptop's clock jumps while the next run is at some request.
func (s *simulation) jump(l *laptop, k *link) {
	before := k.wire.meanwhile
	k.wire.meanwhile = map[int]func(){1 + s.rand.IntN(4+5*len(s.tasks)): func() { s.clockAt(l) }}
	for n, do := range before {
		k.wire.meanwhile[n] = do
	}
}
