package replicate_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

var (
	seedFrom  = flag.Uint64("from", 1, "first seed of the simulation")
	seedCount = flag.Uint64("seeds", 10, "how many seeds the simulation runs")
)

// A small relative of package simulation that talks over real connections, where
// time-outs, keep-alive and broken sockets are the operating system's own: two
// laptops and a server, random edits on all sides, every fault of the network. When the faults stop, all agree within three
// runs, a further run moves nothing, and every edit is either in the result, was
// knowingly changed by somebody who had seen it, or stands in a list of
// conflicts.
func TestSimulation(t *testing.T) {
	simulate(t, "TestSimulation", *seedCount, func(t *testing.T) *world { return newWorld(t) })
}

// The same with a Fieldsync in the place of the Eden, with fewer seeds: its logins
// are slow on purpose.
func TestSimulationOfNodes(t *testing.T) {
	simulate(t, "TestSimulationOfNodes", max(1, *seedCount/5), func(t *testing.T) *world {
		w, n := newNodes(t)
		if err := n.db.Share(t.Context(), "org_office", true); err != nil {
			t.Fatal(err)
		}
		return w
	})
}

func simulate(t *testing.T, name string, seeds uint64, make func(*testing.T) *world) {
	for seed := *seedFrom; seed < *seedFrom+seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := newSimulation(t, make(t), seed)
			for range 60 {
				s.step()
			}
			s.settle()
			s.check()
			if t.Failed() {
				t.Logf("replay: go test -tags sqlite_fts5 ./core/replicate -run '%s$' -from %d -seeds 1", name, seed)
				for _, line := range s.story {
					t.Log(line)
				}
			}
		})
	}
}

type simulation struct {
	*world
	rand    *rand.Rand
	laptops []*laptop
	links   []core.Link
	token   int
	// seen is true for a value that somebody changed knowing it.
	seen  map[string]bool
	where map[string]core.Link
	story []string
}

type laptop struct {
	name   string
	db     *storage.DB
	repo   core.Repository
	engine *replicate.Engine
}

func newSimulation(t *testing.T, w *world, seed uint64) *simulation {
	s := &simulation{world: w, rand: rand.New(rand.NewPCG(seed, seed)), seen: map[string]bool{}, where: map[string]core.Link{}}
	for i, db := range []*storage.DB{s.db, s.open(t)} {
		l := &laptop{name: fmt.Sprintf("laptop %d", i+1), db: db, repo: s.repo, engine: s.engineFor(db)}
		if i > 0 {
			repo, err := db.AddRepository(t.Context(), core.Repository{Name: "hub", URL: s.repo.URL, Username: s.repo.Username, Password: s.repo.Password})
			if err != nil {
				t.Fatal(err)
			}
			l.repo = repo
		}
		if _, err := db.AddTask(t.Context(), core.NewTask(l.repo.ID, "org_office")); err != nil {
			t.Fatal(err)
		}
		s.laptops = append(s.laptops, l)
	}
	for i := 1; i <= 4; i++ {
		s.links = append(s.links, office(i))
		s.hub.Put(rec(office(i), "name", s.value(office(i)), "b", s.value(office(i)), "c", s.value(office(i))))
	}
	return s
}

func (s *simulation) tell(format string, args ...any) {
	s.story = append(s.story, fmt.Sprintf("%s ", s.clock.Now().Format("02 15:04:05"))+fmt.Sprintf(format, args...))
}

// value makes a value that is nowhere else.
func (s *simulation) value(l core.Link) string {
	s.token++
	v := fmt.Sprintf("v%d", s.token)
	s.where[v] = l
	return v
}

// supersede notes that somebody who had rec knowingly changed the field, or
// everything.
func (s *simulation) supersede(rec core.Record, field string) {
	for _, f := range rec.Fields {
		if field == "" || f.Name == field {
			s.seen[f.Value.Str] = true
		}
	}
}

func (s *simulation) step() {
	s.pass(time.Duration(s.rand.IntN(3)*s.rand.IntN(600)) * time.Second)
	l := s.laptops[s.rand.IntN(len(s.laptops))]
	link := s.links[s.rand.IntN(len(s.links))]
	field := []string{"name", "b", "c"}[s.rand.IntN(3)]
	switch n := s.rand.IntN(20); {
	case n < 6:
		s.editAt(l, link, field)
	case n < 7:
		s.deleteAt(l, link)
	case n < 8:
		link = office(len(s.links) + 1)
		s.links = append(s.links, link)
		v := s.value(link)
		s.tell("%s makes %s name=%s", l.name, link.UUID[43:], v)
		s.editIn(l.db, link, set("name", v))
	case n < 11:
		s.editThere(link, field)
	case n < 12:
		if r, ok := s.hub.Get(link); ok && !r.Deleted {
			s.supersede(r, "")
			s.tell("server deletes %s", link.UUID[43:])
			s.hub.Delete(link)
		}
	default:
		s.syncAt(l, s.rand.IntN(3) == 0)
	}
}

func (s *simulation) editAt(l *laptop, link core.Link, field string) {
	r, err := l.db.Record(s.t.Context(), link)
	if err != nil || r.Deleted {
		return
	}
	s.supersede(r, field)
	v := s.value(link)
	s.tell("%s sets %s %s=%s", l.name, link.UUID[43:], field, v)
	s.editIn(l.db, link, set(field, v))
}

func (s *simulation) deleteAt(l *laptop, link core.Link) {
	r, err := l.db.Record(s.t.Context(), link)
	if err != nil || r.Deleted {
		return
	}
	s.supersede(r, "")
	s.tell("%s deletes %s", l.name, link.UUID[43:])
	s.editIn(l.db, link, func(r *core.Record) { r.Deleted, r.Fields = true, nil })
}

func (s *simulation) editThere(link core.Link, field string) {
	r, ok := s.hub.Get(link)
	if !ok || r.Deleted {
		return
	}
	s.supersede(r, field)
	v := s.value(link)
	s.tell("server sets %s %s=%s", link.UUID[43:], field, v)
	s.change(link, field, v)
}

// kinds are the troubles that a request may meet.
var kinds = []string{"500", "503", "cut", "reset", "lost reply", "portal", "401"}

// trouble lets one of the next requests go wrong.
func (s *simulation) trouble() {
	kind, after := kinds[s.rand.IntN(len(kinds))], s.rand.IntN(5)
	s.tell("trouble ahead: %s at request %d", kind, after+1)
	if s.eden == nil {
		s.hub.(*node).spoil(after, kind)
		return
	}
	for range after {
		s.eden.Inject(1, edentest.Delay(0)) // requests that pass
	}
	s.eden.Inject(1, map[string]func() edentest.Fault{
		"500": func() edentest.Fault { return edentest.Status(500) },
		"503": func() edentest.Fault { return edentest.Status(503) },
		"cut": func() edentest.Fault { return edentest.CutAfter(300) }, "reset": edentest.Reset,
		"lost reply": edentest.LoseReply, "portal": edentest.Portal,
		"401": func() edentest.Fault { return edentest.Status(401) },
	}[kind]())
}

func (s *simulation) heal() {
	if s.eden == nil {
		s.hub.(*node).spoil(-1, "")
		return
	}
	s.eden.Heal()
}

func (s *simulation) syncAt(l *laptop, trouble bool) core.Run {
	s.t.Helper()
	if trouble {
		s.trouble()
	}
	repo, err := l.db.Repository(s.t.Context(), l.repo.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	run, err := l.engine.Sync(s.t.Context(), repo, replicate.Options{})
	s.heal()
	s.tell("%s syncs: %s, %v", l.name, run.Counts, err)
	if run.Received != run.Accounted() {
		s.t.Errorf("the states of a run add up to %d of %d", run.Accounted(), run.Received)
	}
	if err != nil && !trouble {
		s.t.Errorf("a run without faults failed: %v", err)
	}
	return run
}

// settle ends the trouble; what a server refused is due again after a day.
func (s *simulation) settle() {
	for range 3 {
		for _, l := range s.laptops {
			s.pass(26 * time.Hour)
			s.syncAt(l, false)
		}
	}
}

func (s *simulation) check() {
	for _, l := range s.laptops {
		s.pass(time.Minute)
		if run := s.syncAt(l, false); run.Changed()+run.Conflicts+run.Sent+run.Quarantined != 0 {
			s.t.Errorf("%s: a further run moved %s", l.name, run.Counts)
		}
		for _, link := range s.links {
			s.compare(l, link)
		}
	}
	kept := s.kept()
	for v, link := range s.where {
		if !s.seen[v] && !kept[v] {
			s.t.Errorf("the edit %s of %s was lost: it is nowhere and no conflict tells of it", v, link.UUID[43:])
		}
	}
}

func (s *simulation) compare(l *laptop, link core.Link) {
	there, ok := s.hub.Get(link)
	here, err := l.db.Record(s.t.Context(), link)
	switch {
	case err != nil && (!ok || there.Deleted):
	case err != nil || !ok:
		if err == nil && here.Deleted {
			return
		}
		s.t.Errorf("%s: %s is here: %v, at the server: %v", l.name, link.UUID[43:], err == nil, ok)
	case !core.SameContent(&here, &there):
		s.t.Errorf("%s: %s differs: here %+v, at the server %+v", l.name, link.UUID[43:], here.Fields, there.Fields)
	}
}

// kept lists the values that are at the server or in a list of conflicts.
func (s *simulation) kept() map[string]bool {
	kept := map[string]bool{}
	note := func(r core.Record) {
		for _, f := range r.Fields {
			kept[f.Value.Str] = true
		}
	}
	for _, link := range s.links {
		if r, ok := s.hub.Get(link); ok && !r.Deleted {
			note(r)
		}
	}
	for _, l := range s.laptops {
		list, err := l.db.Conflicts(s.t.Context(), storage.ConflictQuery{})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, c := range list {
			note(c.Ours)
			note(c.Theirs)
		}
	}
	return kept
}
