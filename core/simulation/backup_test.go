package simulation

import (
	"maps"

	"github.com/fieldsync/fieldsync/core"
)

// backingUp is how many worlds there are to one in which servers are restored from backups.
const backingUp = 16

func (s *simulation) backsUp() bool { return s.seed%backingUp == 2 }

// backupOf is what happens to a server's data: somebody makes a backup, or restores the last
// one.
func (s *simulation) backupOf(h hub) {
	switch n := s.rand.IntN(100); {
	case n < 6:
		if restore := h.backup(); restore != nil {
			s.tell("%s: somebody makes a backup", h.name())
			s.backups[h] = restore
		}
	case n < 10 && s.backups[h] != nil:
		s.restoreHub(h)
	}
}

// restoreHub restores a server. What was entered there since, and stands in no laptop's records
// nor questions, is gone. Of the versions that are there and here then nobody can tell the later
// one but a person, who finds the other in the history.
func (s *simulation) restoreHub(h hub) {
	s.tell("%s: somebody restores the backup", h.name())
	s.account()
	s.backups[h]()
	s.backups[h] = h.backup()
	s.strange = true
	for _, l := range s.laptops {
		for _, k := range l.links {
			k.older = k.older || k.hub == h
		}
	}
	stand := map[string]bool{}
	for _, l := range s.laptops {
		maps.Copy(stand, valuesOf(recordsOf(s, l.db), l.open()))
	}
	for _, other := range s.hubs {
		maps.Copy(stand, valuesOf(other.all(), nil))
	}
	for text, v := range s.values {
		v.seen = v.seen || !stand[text]
	}
}

// redates reports whether a server may date what it has before what it was, though nobody restored
// it: an Eden whose clock was ahead does so with what is done next, and one that shows a laptop
// nothing, with what that brings from another server and the Eden keeps out. In a ring another
// laptop may bring a version from before a deletion of which it has not heard, and so may a push
// that an Eden carries out long after it was sent, whatever is there, where that is the policy.
func (s *simulation) redates() bool { return s.mistimes() || s.unseen || s.rings() || s.belated }

// wentBack is a person who is told that a server has older records than it had, and says what
// is right: mostly that it is sent what it lost.
func (s *simulation) wentBack(l *laptop, k *link) core.Run {
	s.t.Helper()
	s.strange = true // what is sent back may go over what was dated before, and is in the history
	if !k.older && !s.redates() {
		s.t.Errorf("%s: %s is taken for restored, and was not", l.name, k.hub.name())
		return core.Run{}
	}
	if s.chance(20) {
		s.takeOlder(l, k)
	} else {
		s.sendBack(l, k)
	}
	return s.syncAt(l, k, false)
}

func (s *simulation) sendBack(l *laptop, k *link) {
	s.tell("%s: %s is to be sent what it lost", l.name, k.hub.name())
	k.older = false
	s.must(l.db.SendBack(s.ctx, k.repo))
}

// takeOlder is a person for whom the older state is right. What the server lost stays here
// alone.
func (s *simulation) takeOlder(l *laptop, k *link) {
	s.tell("%s: the older state of %s is right", l.name, k.hub.name())
	k.older, k.tookOlder = false, true
	s.must(l.db.TakeOlder(s.ctx, k.repo))
}

// sendAllBack is an administrator who has everybody send back what restored servers lost,
// noticed or not.
func (s *simulation) sendAllBack() {
	for _, l := range s.laptops {
		for _, k := range l.links {
			if k.older {
				s.sendBack(l, k)
			}
		}
	}
}
