package simulation

import (
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// settle ends all trouble and lets everybody synchronise: people answer what
// they are asked, and after the last answer three runs must be enough, three with each
// server where a laptop carries things from one to the other. What a server refused is
// due again after a day.
func (s *simulation) settle() {
	s.tell("the trouble ends")
	s.state = surroundings{}
	s.repair()
	s.sendAllBack()
	if s.administers() || s.provisions() {
		s.usualSettings()
	}
	for _, h := range s.hubs {
		if s.mistimes() {
			h.mistime(0)
		}
		if e, ok := h.(*edenHub); ok {
			s.allow(e)
		}
	}
	for _, l := range s.laptops {
		if s.chance(70) {
			l.skew = 0
		}
	}
	weekly := false
	for quiet, rounds := 0, 0; quiet < s.rounds() && rounds < 16*len(s.hubs) && !s.t.Failed(); rounds++ {
		quiet++
		for _, l := range s.laptops {
			for len(l.open()) > 0 {
				s.answer(l)
				quiet = 0
			}
			for slices.ContainsFunc(l.links, func(k *link) bool { return len(l.held(k)) > 0 }) && !s.t.Failed() {
				s.decideAt(l)
				quiet = 0
			}
			for _, k := range l.links {
				s.passTime(26 * time.Hour)
				s.syncAt(l, k, false)
			}
		}
		if quiet == s.rounds()-1 && !weekly && s.needsWeekly() {
			weekly, quiet = true, quiet-1
			s.passTime(8 * 24 * time.Hour)
		}
	}
}

// rounds is how many runs of everybody must be enough. In a chain what somebody did at one end
// reaches the other end by one run of each, and in a ring it meets itself.
func (s *simulation) rounds() int {
	if s.chains() || s.rings() {
		return 3*len(s.hubs) + len(s.laptops)
	}
	return 3 * len(s.hubs)
}

// needsWeekly reports whether something may differ that only the weekly comparison
// finds: what a controller hides may stand below every marker, and so does what stands
// in a column that came back.
func (s *simulation) needsWeekly() bool {
	return slices.ContainsFunc(s.hubs, func(h hub) bool { e, ok := h.(*edenHub); return ok && (e.hides || e.unheard) })
}

// reckon checks that all agree and that a further run moves nothing.
func (s *simulation) reckon() {
	for _, l := range s.laptops {
		s.passTime(time.Minute)
		for _, k := range l.links {
			before, err := l.db.Seq(s.ctx)
			s.must(err)
			run := s.syncAt(l, k, false)
			after, err := l.db.Seq(s.ctx)
			s.must(err)
			run.Sent -= run.Refused // what a server never takes is due from time to time; see aside
			if run.Changed()+run.Conflicts+run.Sent+run.Quarantined != 0 || before != after {
				s.t.Errorf("%s: a further run moved %s and wrote %d versions", l.name, run.Counts, after-before)
			}
			if k.push {
				s.compareSent(l, k)
			} else {
				s.compare(l, k)
			}
		}
		if n := len(l.open()); n > 0 {
			s.t.Errorf("%s: %d conflicts are still open", l.name, n)
		}
	}
}

// compare checks that a laptop and a hub hold the same.
func (s *simulation) compare(l *laptop, k *link) {
	there, here := byLink(k.hub.all()), byLink(recordsOf(s, l.db))
	aside := s.aside(l, k, here, there)
	for _, c := range s.cast {
		a, b := visible(k.hub, within(here[c], there[c].Master)), visible(k.hub, there[c])
		okA, okB := a.UUID != "" && !a.Deleted, b.UUID != "" && !b.Deleted
		switch master := there[b.Master]; {
		case aside[c]:
		case okA && b.UUID == "" && c.Resource == "pr_contact" && a.Master.IsZero() && !s.tangles(): // it came by itself, of somebody who is deleted: no task brings it
		case okA && b.UUID == "" && k.tookOlder: // the server lost it, and is not to have it
		case okB && c.Resource == "pr_contact" && (master.UUID == "" || master.Deleted): // nobody finds a contact without a living person
		case okA != okB:
			s.t.Errorf("%s: %s is here: %t, at %s: %t", l.name, short(c), okA, k.hub.name(), okB)
		case okA && !core.SameContent(&a, &b):
			s.t.Errorf("%s: %s differs: here %+v, at %s %+v", l.name, short(c), a.Fields, k.hub.name(), b.Fields)
		case okA && a.Master != b.Master && (k.anew || s.cameBack(k.hub, b.Master)): // it was moved there meanwhile; its next change tells
		case okA && a.Master != b.Master:
			s.t.Errorf("%s: %s belongs to %s here, to %s at %s", l.name, short(c), short(a.Master), short(b.Master), k.hub.name())
		}
	}
}

// compareSent checks that a server that a laptop only pushes to lacks nothing of it.
// What is changed there the laptop need not hear of.
func (s *simulation) compareSent(l *laptop, k *link) {
	aside := s.aside(l, k, byLink(recordsOf(s, l.db)), byLink(k.hub.all()))
	unsent, err := l.db.UnsentLinks(s.ctx, k.repo)
	s.must(err)
	for _, c := range unsent {
		if !aside[c] {
			s.t.Errorf("%s: %s was never sent to %s", l.name, short(c), k.hub.name())
		}
	}
}

// cameBack reports whether a record was deleted at a Fieldsync and lives again: what was moved to
// it meanwhile was shown alone.
func (s *simulation) cameBack(h hub, l core.Link) bool {
	n, node := h.(*nodeHub)
	if !node || n.db == nil {
		return false
	}
	history, err := n.db.History(s.ctx, l)
	s.must(err)
	return slices.ContainsFunc(history, func(v core.Version) bool { return v.Record.Deleted })
}

// keyless is a record without the key to its master, which an Eden shows only where the
// record stands by itself.
func keyless(rec core.Record) core.Record {
	rec = rec.Clone()
	rec.Fields = slices.DeleteFunc(rec.Fields, func(f core.Field) bool { return f.Links(rec.Master) })
	return rec
}

// within is a record below the master to which it points: what an Eden shows alone says no more.
func within(rec core.Record, master core.Link) core.Record {
	if rec.Master.IsZero() && slices.ContainsFunc(rec.Fields, func(f core.Field) bool { return f.Links(master) }) {
		rec.Master = master
	}
	return rec
}

// visible is a record without what the hub has no column for, and without that key.
func visible(h hub, rec core.Record) core.Record {
	rec = keyless(rec)
	rec.Fields = slices.DeleteFunc(rec.Fields, func(f core.Field) bool { return !h.has(rec.Resource, f.Name) })
	return rec
}

// aside lists the records that a server will never take: they stand set aside,
// with a reason, for a person to see. Everything else that is set aside is a fault.
func (s *simulation) aside(l *laptop, k *link, here, there map[core.Link]core.Record) map[core.Link]bool {
	list, err := l.db.Quarantines(s.ctx, k.repo)
	s.must(err)
	aside := map[core.Link]bool{}
	for _, q := range list {
		_, eden := k.hub.(*edenHub)
		a, b := keyless(here[q.Record]), keyless(within(there[q.Record], here[q.Record].Master))
		switch names := core.Differences(&a, &b); {
		case q.Outgoing && s.update == core.PolicyOther: // the administrator wants the server's versions only
		case q.Outgoing && lostAlone(k.hub, q.Record.Resource, names): // there is no place for it
		case q.Outgoing && eden && len(names) > 0 && slices.Contains([]string{"organisation_id", "root_organisation", "site_id"}, strings.Join(placed(k.hub, q.Record.Resource, names), " ")): // it understands no cleared reference, and none to what it does not have
		case q.Outgoing && eden && b.UUID == "" && leadsNowhere(a, here, there): // nor one to what was deleted before it ever had it
		case q.Outgoing && eden && a.Deleted && k.hub.(*edenHub).Restricted(q.Record): // something there stays in the way
		case q.Outgoing && eden && len(names) == 0 && here[a.Master].Deleted: // nor the key to a person who is deleted
		case q.Outgoing && eden && a.ReplacedBy != "" && here[core.Link{Resource: a.Resource, UUID: a.ReplacedBy}].UUID == "": // merged into what never came here, and may live there
		case q.Outgoing && !eden && there[b.Master].Deleted: // a Fieldsync shows nobody what belongs to a deleted record, and decided about both versions
		default:
			s.t.Errorf("%s: %s is set aside: %s", l.name, short(q.Record), q.Reason)
		}
		aside[q.Record] = true
	}
	return aside
}

// leadsNowhere reports whether a record points to one that is deleted here, and that a server never
// had.
func leadsNowhere(rec core.Record, here, there map[core.Link]core.Record) bool {
	return slices.ContainsFunc(rec.PointsTo(), func(to core.Link) bool { return here[to].Deleted && there[to].UUID == "" })
}

func byLink(records []core.Record) map[core.Link]core.Record {
	m := make(map[core.Link]core.Record, len(records))
	for _, r := range records {
		m[r.Link()] = r
	}
	return m
}
