package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// fields are those that people fill in.
var fields = map[core.Resource][]string{
	"org_organisation": {"name", "acronym", "comments"}, "org_office": {"name", "phone1", "comments"},
	"pr_person": {"first_name", "last_name", "comments"}, "pr_contact": {"value", "comments"}, "asset_asset": {"number", "comments"},
}

// furnish gives the first server its first records, as if they had always been
// there.
func (s *simulation) furnish() {
	for _, r := range s.resources {
		for range 3 {
			l := s.newLink(r, nil)
			rec := core.Record{Resource: r, UUID: l.UUID}
			s.place(&rec)
			s.house(&rec, s.hubs[0].get)
			for _, f := range fields[r] {
				rec.Set(core.Field{Name: f, Value: core.Text(s.newValue(l, f))})
			}
			s.hubs[0].save(rec)
		}
	}
	if len(s.hubs) > 1 && s.chance(50) {
		s.estrange()
	}
}

// estrange gives the second server versions of its own of the same records, older
// and newer ones: they were changed there before any laptop knew both. Nobody can
// tell which of two such versions is the later one: the update policy decides, and the
// history of a laptop tells of the one that lost.
func (s *simulation) estrange() {
	s.strange = true
	for _, l := range slices.Clone(s.cast) {
		rec, _ := s.hubs[0].get(l)
		for _, f := range fields[l.Resource] {
			if s.chance(30) {
				rec.Set(core.Field{Name: f, Value: core.Text(s.newValue(l, f))})
			}
		}
		rec.CreatedOn, rec.ModifiedOn = 0, rec.ModifiedOn.Add(time.Duration(s.rand.IntN(5)-2)*time.Hour)
		s.hubs[1].save(rec)
	}
}

// newLink gives a record its identity. That of one which a laptop makes bears its mark;
// that of an import does not.
func (s *simulation) newLink(r core.Resource, maker *laptop) core.Link {
	l := core.Link{Resource: r, UUID: fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", len(s.cast)+1)}
	if maker != nil && s.chance(70) {
		node, err := maker.db.Node(s.ctx)
		s.must(err)
		l.UUID = node.Mark(uuid.MustParse(fmt.Sprintf("%08d-0000-4000-8000-000000000000", len(s.cast)+1)))
	}
	s.cast = append(s.cast, l)
	return l
}

// some returns a record of the story.
func (s *simulation) some(r core.Resource) (core.Link, bool) {
	var of []core.Link
	for _, l := range s.cast {
		if l.Resource == r {
			of = append(of, l)
		}
	}
	if len(of) == 0 {
		return core.Link{}, false
	}
	return pick(s, of), true
}

// place gives a new record its organisation or its person.
func (s *simulation) place(rec *core.Record) {
	switch rec.Resource {
	case "org_office":
		if org, ok := s.some("org_organisation"); ok && s.chance(70) {
			rec.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
		}
	case "pr_contact":
		if person, ok := s.some("pr_person"); ok {
			rec.Master, rec.Alias = person, "contact"
		}
	}
}

// step is one thing that happens.
func (s *simulation) step() {
	s.passTime(s.pause())
	l := pick(s, s.laptops)
	if s.long && s.chance(25) {
		s.muchAt(l)
	}
	if s.restores() {
		s.folderOf(l)
	}
	if s.carries() && s.chance(20) {
		s.carryAt(l)
	}
	if s.mistimes() && s.chance(6) {
		s.clockOf(pick(s, s.hubs))
	}
	if s.doubles() && len(s.laptops) < 4 && len(l.links) == 1 && s.chance(8) { // two that carry would make a ring
		s.double(l)
	}
	if s.backsUp() {
		s.backupOf(pick(s, s.hubs))
	}
	if s.administers() && s.chance(15) {
		s.settingsOf(l)
	}
	if s.handles() && s.chance(20) {
		s.handleAt(l)
	}
	if s.provisions() && s.chance(20) {
		s.setupAt(l)
	}
	if s.gives() && s.chance(40) {
		s.giveAt(l)
	}
	if s.gives() && s.chance(20) {
		s.giveThere()
	}
	if s.ties() && s.chance(15) {
		s.dissolveAt(l)
	}
	if s.setsUpAgain() && s.chance(10) {
		s.setUpAgainAt(l, pick(s, l.links))
	}
	switch n := s.rand.IntN(100); {
	case n < 22:
		s.editAt(l)
	case n < 26:
		s.deleteAt(l)
	case n < 28:
		s.restoreAt(l)
	case n < 33:
		s.createAt(l)
	case n < 36:
		s.answer(l)
	case n < 37:
		s.undoAt(l)
	case n < 38:
		s.decideAt(l)
	case n < 48:
		s.editThere()
	case n < 51:
		s.deleteThere()
	case n < 53:
		s.mergeThere()
	case n < 56:
		s.createThere()
	case n < 58:
		s.arriveLate()
	case n < 60:
		s.clockAt(l)
	case n < 62:
		s.rightsThere()
	case n < 63:
		s.schemaThere()
	default:
		s.syncAt(l, pick(s, l.links), s.chance(40))
	}
}

// change makes an edit of a record: a field gets a new value, or none, or the
// record points elsewhere.
// has tells which fields can be seen.
func (s *simulation) change(rec *core.Record, has func(core.Resource, string) bool) (words string) {
	if org, ok := s.some("org_organisation"); ok && rec.Resource == "org_office" && s.chance(15) {
		rec.Set(core.Field{Name: "organisation_id", Value: core.RefTo(org.Resource, org.UUID)})
		return "organisation_id=" + short(org)
	}
	if words, done := s.tangle(rec); done {
		return words
	}
	names := slices.DeleteFunc(s.columns(rec.Resource), func(name string) bool { return !has(rec.Resource, name) })
	name := pick(s, names)
	s.supersede(*rec, name)
	if name != names[0] && s.chance(15) && !s.underWay {
		rec.Unset(name)
		return name + " cleared"
	}
	v := s.newValue(rec.Link(), name)
	rec.Set(core.Field{Name: name, Value: core.Text(v)})
	return name + "=" + v
}

func (s *simulation) editAt(l *laptop) {
	rec, ok := l.record(pick(s, s.cast))
	if !ok {
		return
	}
	s.editHere(l, rec)
}

// editHere is a person who edits a record as it stands.
func (s *simulation) editHere(l *laptop, rec core.Record) {
	words, moved := s.rehouse(&rec, l.record)
	if !moved {
		words = s.change(&rec, func(core.Resource, string) bool { return true })
	}
	s.tell("%s edits %s: %s", l.name, short(rec.Link()), words)
	l.save(rec)
}

func (s *simulation) createAt(l *laptop) {
	rec := core.Record{Resource: pick(s, s.resources)}
	s.place(&rec)
	if _, here := l.record(rec.Master); !rec.Master.IsZero() && !here {
		return // nobody adds a contact to a person who is not there
	}
	s.house(&rec, l.record)
	link := s.newLink(rec.Resource, l)
	rec.UUID = link.UUID
	name := fields[rec.Resource][0]
	v := s.newValue(link, name)
	rec.Set(core.Field{Name: name, Value: core.Text(v)})
	s.tell("%s makes %s: %s=%s", l.name, short(link), name, v)
	l.save(rec)
}

// muchAt is a person who works through a list.
func (s *simulation) muchAt(l *laptop) {
	for range 3 + s.rand.IntN(6) {
		if s.chance(40) {
			s.createAt(l)
		} else {
			s.editAt(l)
		}
	}
}

func (s *simulation) deleteAt(l *laptop) {
	rec, ok := l.record(pick(s, s.cast))
	if !ok {
		return
	}
	s.deleteHere(l, rec.Link())
}

// deleteHere is a person who deletes a record as it stands.
func (s *simulation) deleteHere(l *laptop, link core.Link) {
	s.tell("%s deletes %s", l.name, short(link))
	all := recordsOf(s, l.db)
	s.supersedeTree(all, link)
	l.loses(all, link)
	l.act(storage.EditDelete, link)
}

// loses notes what a person deletes with a record.
func (l *laptop) loses(all []core.Record, gone core.Link) {
	for _, r := range all {
		l.gone[r.Link()] = l.gone[r.Link()] || r.Link() == gone || r.Master == gone
	}
}

// supersedeTree notes that somebody deleted a record, and with it its components.
func (s *simulation) supersedeTree(all []core.Record, l core.Link) {
	for _, r := range all {
		if r.Link() == l || r.Master == l {
			s.supersede(r, "")
		}
	}
}

func (s *simulation) restoreAt(l *laptop) {
	link := pick(s, s.cast)
	rec, err := l.db.Record(s.ctx, link)
	if err != nil || !rec.Deleted {
		return
	}
	s.tell("%s restores %s", l.name, short(link))
	l.act(storage.EditRestore, link)
}

// undoAt takes back a run, or brings a former version back: what stood there in
// the meantime was seen.
func (s *simulation) undoAt(l *laptop) {
	link := pick(s, s.cast)
	history, err := l.db.History(s.ctx, link)
	if err != nil || len(history) == 0 {
		return
	}
	version := pick(s, history)
	if present, err := l.db.Record(s.ctx, link); err == nil {
		s.supersede(present, "")
	}
	s.tell("%s brings a version of %s back", l.name, short(link))
	_, _, err = l.db.RestoreVersion(s.ctx, version.ID, l.name, 0)
	s.must(err)
	l.look()
}

// answer is a person who decides about one open conflict, having seen both
// versions.
func (s *simulation) answer(l *laptop) {
	open := l.open()
	if len(open) == 0 {
		return
	}
	c := pick(s, open)
	winner := pick(s, []string{storage.WinnerOurs, storage.WinnerTheirs, storage.WinnerBoth})
	s.supersede(c.Ours, "")
	s.supersede(c.Theirs, "")
	if present, ok := l.record(c.Record); ok {
		s.supersede(present, "")
	}
	var mixed *core.Record
	if winner == storage.WinnerBoth {
		m := c.Ours.Clone()
		if m.Deleted {
			m = c.Theirs.Clone()
		}
		m.Set(core.Field{Name: fields[m.Resource][0], Value: core.Text(s.newValue(c.Record, fields[m.Resource][0]))})
		m.Deleted, m.ReplacedBy = false, ""
		mixed = &m
	}
	s.tell("%s decides about %s: %s", l.name, short(c.Record), winner)
	s.must(l.db.ResolveConflict(s.ctx, c.ID, winner, mixed, c.Ours.Hash(), l.name))
	l.look()
}

// living returns a record as the people at a hub see it.
func (s *simulation) living(h hub, r core.Resource) (core.Record, bool) {
	var alive []core.Record
	for _, rec := range h.all() {
		if !rec.Deleted && (r == "" || rec.Resource == r) && h.has(rec.Resource, "") {
			alive = append(alive, rec)
		}
	}
	if len(alive) == 0 {
		return core.Record{}, false
	}
	return pick(s, alive), true
}

func (s *simulation) editThere() {
	h := pick(s, s.hubs)
	rec, ok := s.living(h, "")
	if !ok {
		return
	}
	s.editOf(h, rec)
}

// editOf is somebody at a server who edits a record as it stands there.
func (s *simulation) editOf(h hub, rec core.Record) {
	words, moved := s.rehouse(&rec, h.get)
	if !moved {
		words = s.change(&rec, h.has)
	}
	s.tell("%s: somebody edits %s: %s", h.name(), short(rec.Link()), words)
	rec.ModifiedOn = core.MTimeOf(h.clock())
	h.save(rec)
}

func (s *simulation) deleteThere() {
	h := pick(s, s.hubs)
	rec, ok := s.living(h, "")
	if !ok {
		return
	}
	s.removeThere(h, rec)
	for s.brake < 20 && s.chance(60) { // where it may be unusually many
		if rec, ok = s.living(h, rec.Resource); !ok {
			return
		}
		s.removeThere(h, rec)
	}
}

func (s *simulation) removeThere(h hub, rec core.Record) {
	if e, ok := h.(*edenHub); ok && e.Restricted(rec.Link()) {
		s.tell("%s: somebody may not delete %s", h.name(), short(rec.Link()))
		return
	}
	s.tell("%s: somebody deletes %s", h.name(), short(rec.Link()))
	all := h.all()
	s.supersedeTree(all, rec.Link())
	if n, ok := h.(*nodeHub); ok && n.active != nil {
		n.active.loses(all, rec.Link())
	}
	h.remove(rec.Link(), "")
}

// mergeThere is the deduplication of two records, whose values somebody looked at.
func (s *simulation) mergeThere() {
	h := pick(s, s.hubs)
	loser, ok := s.living(h, pick(s, s.tasks))
	if !ok {
		return
	}
	winner, _ := s.living(h, loser.Resource)
	if winner.UUID == loser.UUID {
		return
	}
	s.tell("%s: somebody merges %s into %s", h.name(), short(loser.Link()), short(winner.Link()))
	if e, eden := h.(*edenHub); eden {
		s.supersede(loser, "")
		e.handOver(loser.Link(), winner.Link())
	} else {
		s.supersedeTree(h.all(), loser.Link())
	}
	h.remove(loser.Link(), winner.UUID)
}

func (s *simulation) createThere() {
	h := pick(s, s.hubs)
	s.addThere(h, 0, "makes")
}

// arriveLate is a record that another client brings to the server with the old
// stamp it has there: it stands below everyone's marker (spec
// eden-sync-protocol W1).
func (s *simulation) arriveLate() {
	h := pick(s, s.hubs)
	s.addThere(h, time.Duration(1+s.rand.IntN(100))*time.Hour, "brings, late,")
}

func (s *simulation) addThere(h hub, age time.Duration, verb string) {
	rec := core.Record{Resource: pick(s, s.resources)}
	s.place(&rec)
	if !h.has(rec.Resource, "") {
		return
	}
	if master, ok := h.get(rec.Master); !rec.Master.IsZero() && (!ok || master.Deleted) {
		return
	}
	s.house(&rec, h.get)
	link := s.newLink(rec.Resource, nil)
	rec.UUID = link.UUID
	name := fields[rec.Resource][0]
	v := s.newValue(link, name)
	rec.Set(core.Field{Name: name, Value: core.Text(v)})
	rec.ModifiedOn = core.MTimeOf(h.clock().Add(-age))
	s.tell("%s: somebody %s %s: %s=%s", h.name(), verb, short(link), name, v)
	h.save(rec)
}

// clockAt sets a laptop's clock wrong, or right.
func (s *simulation) clockAt(l *laptop) {
	const year = 365 * 24 * time.Hour
	if l.serves != nil {
		return // whose clock counts for all who call it
	}
	l.skew = pick(s, []time.Duration{0, 0, time.Minute, -7 * time.Minute, 3 * time.Hour, -5 * time.Hour, 30 * time.Hour, -50 * 24 * time.Hour, 10 * year, -10 * year})
	s.tell("%s: its clock is %s off", l.name, l.skew)
}

// rightsThere takes the laptops' rights at an Eden away, or gives them back.
func (s *simulation) rightsThere() {
	e, ok := s.hubs[0].(*edenHub)
	if !ok {
		return
	}
	if s.chance(50) && !s.administers() && !s.setsUpAgain() { // who has forgotten a server and sees nothing of it writes over it; see docs/limits.md
		s.state.unreadable = !s.state.unreadable
		s.unseen = s.unseen || len(s.hubs) > 1
	} else {
		s.state.unwritable = !s.state.unwritable
	}
	s.allow(e)
	s.tell("Eden: no right to read: %t, to write: %t", s.state.unreadable, s.state.unwritable)
}

func (s *simulation) allow(e *edenHub) {
	for _, r := range s.tasks {
		e.ReadRight(r, !s.state.unreadable)
		e.WriteRight(r, !s.state.unwritable)
	}
}

// spoil prepares what goes wrong in the next run.
func (s *simulation) spoil(l *laptop, k *link) {
	k.wire.plan, k.wire.size = map[int]trouble{}, s.rand.Float64()
	for range 1 + s.rand.IntN(2) {
		k.wire.plan[1+s.rand.IntN(4+5*len(s.tasks))] = pick(s, troubles)
	}
	if s.chance(30) {
		k.wire.meanwhile = map[int]func(){1 + s.rand.IntN(4+5*len(s.tasks)): func() { s.meanwhile(l) }}
	}
	if s.long {
		k.wire.atLong = pick(s, append(troubles, "", "", ""))
		if s.chance(40) {
			k.wire.whileLong = func() { s.meanwhile(l) }
		}
	}
	switch n := s.rand.IntN(100); {
	case n < 15:
		k.wire.from = 1 + s.rand.IntN(12)
	case n < 40:
		l.weak.killAt = 1 + s.rand.IntN(30)
	case n < 50:
		l.weak.fullAt = 1 + s.rand.IntN(30)
	case n < 60:
		k.hub.weaken(1+s.rand.IntN(20), 0)
	case n < 65:
		k.hub.weaken(0, 1+s.rand.IntN(20))
	}
}

// meanwhile is what a person does while a run is under way.
func (s *simulation) meanwhile(l *laptop) {
	s.underWay = true
	defer func() { s.underWay = false }()
	s.passTime(time.Second)
	if s.handles() && s.chance(30) {
		s.handleAt(l)
	}
	if s.interferes() && s.chance(30) {
		s.rulesOf(l, pick(s, l.links))
	}
	if s.provisions() && s.chance(30) {
		s.setupAt(l)
	}
	if s.gives() && s.chance(50) {
		if s.chance(50) {
			s.giveAt(l)
		} else {
			s.giveThere()
		}
	}
	switch s.rand.IntN(5) {
	case 0:
		s.editThere()
	case 1:
		s.deleteAt(l)
	case 2:
		s.deleteThere()
	default:
		s.editAt(l)
	}
	s.passTime(time.Second)
}

// syncAt makes a run and checks what holds of every run.
func (s *simulation) syncAt(l *laptop, k *link, trouble bool) core.Run {
	s.t.Helper()
	l.weak.writes = 0
	if trouble {
		s.spoil(l, k)
	}
	if s.mistimes() && trouble && s.chance(30) {
		s.jump(l, k)
	}
	watch := s.watchBrake(l, k)
	run, err, killed := l.sync(k, replicate.Options{Full: trouble && s.chance(5)})
	k.hub.weaken(0, 0)
	watch.check(k, run)
	if killed {
		s.tell("%s is killed at write %d", l.name, l.weak.writes)
		s.account()
		if l == s.laptops[0] {
			s.joinLater()
		}
		return run
	}
	s.tell("%s syncs with %s: %s, %v", l.name, k.hub.name(), run.Counts, err)
	if run.Received != run.Accounted() {
		s.t.Errorf("the states of a run add up to %d of %d", run.Accounted(), run.Received)
	}
	if core.IsKind(err, core.NodeWentBack) {
		s.account()
		return s.recognised(l, k)
	}
	if core.IsKind(err, core.WentBack) && (k.older || s.backsUp() || s.redates()) {
		s.account()
		return s.wentBack(l, k)
	}
	if core.IsKind(err, core.Internal) || err != nil && !trouble && !s.explained(err) {
		s.t.Errorf("a run without faults failed: %v", err)
	}
	s.account()
	if s.tied() && !trouble && err == nil {
		s.mind(l, k, run)
	}
	return run
}

// explained reports whether the lasting circumstances explain a run's trouble.
func (s *simulation) explained(err error) bool {
	switch core.AsProblem(err).Kind {
	case core.Brake:
		return s.brake < 20 // else no table has enough
	case core.UnknownResource:
		return slices.ContainsFunc(s.resources, func(r core.Resource) bool {
			return slices.ContainsFunc(s.hubs, func(h hub) bool { return s.missing(h, r) })
		})
	case core.NoReadRight:
		return s.state.unreadable
	case core.InvalidSetting:
		return s.twice
	case core.Forbidden, core.NoWriteRight, core.NotRegistered, core.NotAccepted, core.ServerFault: // a bare 500 behind a routes.py
		return s.state.unwritable
	}
	return false
}
