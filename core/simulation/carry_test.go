package simulation

import "time"

// carrying is how many worlds there are to one in which persons carry their contacts again
// and again while somebody else works on them.
const carrying = 16

func (s *simulation) carries() bool { return s.seed%carrying == 15 }

// carryAt is a laptop whose clock is hours ahead. Its person edits somebody and, when that
// has been sent, one of their contacts; right before that one arrives, along with the other,
// that one is edited at the server.
func (s *simulation) carryAt(l *laptop) {
	link, ok := s.some("pr_contact")
	if !ok {
		return
	}
	contact, here := l.record(link)
	person, known := l.record(contact.Master)
	if !here || !known {
		return
	}
	k := pick(s, l.links)
	l.skew = time.Duration(1+s.rand.IntN(5)) * time.Hour
	s.editHere(l, person)
	s.syncAt(l, k, false)
	s.passTime(s.pause())
	if contact, here = l.record(link); !here {
		return
	}
	s.editHere(l, contact)
	k.wire.atPush = func() {
		if there, ok := k.hub.get(person.Link()); ok && !there.Deleted && k.hub.has(there.Resource, "") {
			s.passTime(time.Second)
			s.underWay = true
			s.editOf(k.hub, there)
			s.underWay = false
		}
	}
	s.syncAt(l, k, false)
}
