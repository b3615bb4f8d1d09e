package simulation

import (
	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// tying is how many worlds there are to two in which people delete organisations and offices with
// what points to them, and give that to others: at Edens that delete nothing to which something
// points, in one, and at Edens that empty what points to it, in the other. In a sixteenth of all
// other worlds Edens do so, too.
const tying = 32

func (s *simulation) ties() bool { return !s.long && (s.seed%tying == 16 || s.seed%tying == 25) }

// tied reports whether a world's Edens mind what points to what they delete.
func (s *simulation) tied() bool { return s.ties() || s.seed/64%16 == 9 }

// restricts reports whether they do not delete it then; else, if the world is tied, they empty that.
func (s *simulation) restricts() bool { return s.tied() && (s.seed+s.seed/1024)%2 == 0 }
func (s *simulation) empties() bool   { return s.tied() && !s.restricts() }

// house gives a new asset an office, if somebody sees one.
func (s *simulation) house(rec *core.Record, seen func(core.Link) (core.Record, bool)) (words string, done bool) {
	if rec.Resource != "asset_asset" {
		return "", false
	}
	return s.lead(rec, "site_id", "org_office", seen)
}

// rehouse lets an asset move to another office now and then.
func (s *simulation) rehouse(rec *core.Record, seen func(core.Link) (core.Record, bool)) (words string, done bool) {
	if rec.Resource != "asset_asset" || !s.chance(30) {
		return "", false
	}
	return s.house(rec, seen)
}

// lead has a field point to some record of a table that somebody sees.
func (s *simulation) lead(rec *core.Record, field string, table core.Resource, seen func(core.Link) (core.Record, bool)) (words string, done bool) {
	to, _ := s.some(table)
	if there, is := seen(to); !is || there.Deleted {
		return "", false
	}
	rec.Set(core.Field{Name: field, Value: core.RefTo(to.Resource, to.UUID)})
	return field + "=" + short(to), true
}

// dissolveAt is somebody at a laptop who deletes an organisation, or an office, and much of what
// points to it, in whatever order, and gives some of that to others.
func (s *simulation) dissolveAt(l *laptop) {
	link, _ := s.some(pick(s, s.resources))
	if _, here := l.record(link); !here {
		return
	}
	first := s.chance(50)
	if first {
		s.deleteHere(l, link)
	}
	for _, rec := range recordsOf(s, l.db) {
		for _, f := range rec.Fields {
			if rec.Deleted || !f.Links(link) || rec.Link() == link {
				continue
			}
			switch n := s.rand.IntN(100); {
			case n < 60:
				s.deleteHere(l, rec.Link())
			case n < 85:
				if words, done := s.lead(&rec, f.Name, link.Resource, l.record); done {
					s.tell("%s edits %s: %s", l.name, short(rec.Link()), words)
					l.save(rec)
				}
			}
			break
		}
	}
	if _, here := l.record(link); here && !first {
		s.deleteHere(l, link)
	}
}

// mind checks what a run with an Eden that minds what points to what it deletes has told: nothing is
// refused for what the same run took out of the way, and what nobody entered clashes with nothing.
func (s *simulation) mind(l *laptop, k *link, run core.Run) {
	s.t.Helper()
	refused, err := l.db.Quarantines(s.ctx, k.repo)
	s.must(err)
	e, eden := k.hub.(*edenHub)
	for _, q := range refused {
		if there, is := k.hub.get(q.Record); eden && q.Run == run.ID && q.Reason == inTheWay && is && !there.Deleted && !e.Restricted(q.Record) {
			s.t.Errorf("%s: the deletion of %s was refused for what is not in its way any more", l.name, short(q.Record))
		}
	}
	clashes, err := l.db.Conflicts(s.ctx, storage.ConflictQuery{Repository: k.repo})
	s.must(err)
	for _, c := range clashes {
		if c.Run == run.ID && c.Base != nil && !c.Base.Deleted && !c.Theirs.Deleted && s.onlyEmptied(l, &c) {
			s.t.Errorf("%s: %s is in conflict for what %s emptied by itself", l.name, short(c.Record), k.hub.name())
		}
	}
}

// inTheWay is what an Eden says of a record to which something points.
const inTheWay = "restricted by other records"

// onlyEmptied reports whether all that differs there since both sides agreed are references to what
// is deleted, which are empty now: nobody there enters that.
func (s *simulation) onlyEmptied(l *laptop, c *core.Conflict) bool {
	names := core.Differences(c.Base, &c.Theirs)
	for _, name := range names {
		was := c.Base.Value(name)
		if was.Kind != core.Reference || c.Theirs.Value(name).Kind != core.Null {
			return false
		}
		if !c.Ours.Deleted && core.SameValue(c.Ours.Value(name), was) { // where nothing is joined all of a record clashes
			return false
		}
		to, err := l.db.Record(s.ctx, core.Link{Resource: core.Resource(was.Aux), UUID: was.Str})
		if err != nil || !to.Deleted {
			return false
		}
	}
	return len(names) > 0
}
