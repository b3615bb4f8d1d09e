package simulation

import "github.com/fieldsync/fieldsync/core"

// giving is how many worlds there are to one in which people give contacts to other persons,
// on laptops and at servers, also in the middle of a run.
const giving = 32

func (s *simulation) gives() bool { return s.seed%giving == 9 }

// giveAt is somebody at a laptop who gives a contact to another person.
func (s *simulation) giveAt(l *laptop) {
	c, _ := s.some("pr_contact")
	to, _ := s.some("pr_person")
	rec, ok := l.record(c)
	if _, there := l.record(to); !ok || !there || rec.Master.IsZero() || rec.Master == to {
		return
	}
	if _, there := l.record(rec.Master); !there {
		return // nobody sees it
	}
	s.tell("%s gives %s to %s", l.name, short(c), short(to))
	rec.Follow(&core.Record{Master: to})
	l.save(rec)
}

// giveThere is the same at a server.
func (s *simulation) giveThere() {
	h := pick(s, s.hubs)
	rec, ok := s.living(h, "pr_contact")
	to, there := s.living(h, "pr_person")
	if !ok || !there || rec.Master.IsZero() || rec.Master == to.Link() {
		return
	}
	if from, is := h.get(rec.Master); !is || from.Deleted {
		return
	}
	s.tell("%s: somebody gives %s to %s", h.name(), short(rec.Link()), short(to.Link()))
	rec.Follow(&core.Record{Master: to.Link()})
	rec.ModifiedOn = max(core.MTimeOf(h.clock()), rec.ModifiedOn+1)
	h.save(rec)
}
