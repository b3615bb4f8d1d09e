package simulation

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

var (
	seedFrom  = flag.Uint64("from", 1, "first seed of the simulation")
	seedCount = flag.Uint64("seeds", 1000, "how many seeds the simulation runs")
	tellAll   = flag.Bool("story", false, "tell the story of seeds that hold, too")
)

// The promise of the program: laptops and a server, people who edit, delete,
// merge and restore on all sides, clocks that are years off, every fault of
// network, disk and process. After every step everything that somebody entered
// stands in a record, or in a list of conflicts, or was changed by somebody who
// had seen it. When the faults stop, all agree within three runs, and a further
// run moves nothing.
func TestSimulation(t *testing.T) {
	count := *seedCount
	if testing.Short() {
		count = min(count, 40)
	}
	// The flag alone does not stop parallel tests that wait for their turn.
	failFast, failed := flag.Lookup("test.failfast").Value.String() == "true", new(atomic.Bool)
	for seed := *seedFrom; seed < *seedFrom+count; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			if failFast && failed.Load() {
				return
			}
			s := newSimulation(t, seed)
			s.run()
			if t.Failed() || *tellAll {
				t.Log(s.replay())
			}
			if t.Failed() {
				failed.Store(true)
			}
		})
	}
}

// start is when every story begins.
var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// A simulation is the story of one seed.
type simulation struct {
	t    *testing.T
	ctx  context.Context
	seed uint64
	rand *rand.Rand
	root string
	now  time.Time // the true one

	resources []core.Resource
	tasks     []core.Resource
	update    core.Policy
	conflict  core.Policy
	merge     bool
	page      int
	batch     int
	long      bool // a world of long documents: Fieldsyncs only, much to send at once, trouble while it is sent
	brake     int  // deletions of a table that a run may carry out without a question
	steps     int

	hubs    []hub
	laptops []*laptop
	later   func() // adds the second server to what the first laptop knows; nil: it does already

	backups map[hub]func() // how to restore the last one of a server

	files [][]byte // of settings
	twice bool     // a server is set up that is set up already

	gained  map[core.Resource][]string // columns that came to the servers' tables
	strange bool                       // two servers had versions of their own of the same records

	cast   []core.Link // all records of the story
	values map[string]*value
	tokens int
	story  []string
	state  surroundings
	// underWay: a run is. What is emptied at an Eden right before a component of the record
	// arrives there is not heard of (docs/limits.md).
	underWay bool
	unseen   bool                    // a laptop that knows two servers may have written to one of them without seeing what is there
	belated  bool                    // an Eden carried out a late push of an older version
	served   map[hub]map[string]bool // values at a hub and in its list of conflicts
	unlisted map[string]bool         // values in a list of conflicts that went with a data folder
}

// surroundings are lasting circumstances that explain what a run may say.
type surroundings struct {
	unreadable, unwritable bool
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	s := &simulation{t: t, ctx: t.Context(), seed: seed, rand: rand.New(rand.NewPCG(seed, seed)), root: t.TempDir(), now: start,
		values: map[string]*value{}, backups: map[hub]func(){}, gained: map[core.Resource][]string{}, served: map[hub]map[string]bool{}, unlisted: map[string]bool{}}
	s.choose()
	s.hubs = append(s.hubs, s.makeHub())
	if s.chance(10) || s.rings() {
		s.hubs = append(s.hubs, s.makeHub())
	}
	s.furnish()
	s.laptops = append(s.laptops, newLaptop(s, 1), newLaptop(s, 2))
	for i, h := range s.hubs {
		push := i > 0 && s.chance(50) && !s.rings()
		if i > 0 && s.seed%4 == 1 && !s.restores() {
			s.later = func() { s.laptops[0].join(h, push) }
			continue
		}
		s.laptops[0].join(h, push)
	}
	s.laptops[1].join(s.hubs[0], false)
	if s.chance(10) {
		third := newLaptop(s, 3)
		third.join(s.hubs[0], s.chance(30))
		s.laptops = append(s.laptops, third)
	}
	if s.chains() {
		s.chain()
	}
	if s.rings() {
		s.ring()
	}
	t.Cleanup(func() {
		for _, l := range s.laptops {
			if l.serves == nil {
				s.must(l.db.Close())
			}
		}
		for _, h := range s.hubs {
			if n, ok := h.(*nodeHub); ok && n.db != nil {
				s.must(n.db.Close())
			}
		}
		*s = simulation{} // the test keeps this function, and what it knows, until the last seed has ended
	})
	return s
}

// chance is true in so many of a hundred cases.
func (s *simulation) chance(percent int) bool { return s.rand.IntN(100) < percent }

func pick[T any](s *simulation, list []T) T { return list[s.rand.IntN(len(list))] }

// choose settles what kind of world this is.
func (s *simulation) choose() {
	s.long = s.seed%10 == 6
	s.resources = pick(s, [][]core.Resource{
		{"org_office"}, {"org_office"}, {"org_organisation", "org_office"}, {"pr_person", "pr_contact"}, {"org_organisation", "org_office", "pr_person", "pr_contact"},
	})
	if s.gives() {
		s.resources = []core.Resource{"pr_person", "pr_contact"}
	}
	if s.ties() {
		s.resources = pick(s, [][]core.Resource{{"org_organisation", "org_office"}, {"org_organisation", "org_office", "asset_asset"}, {"org_office", "asset_asset"}})
	}
	for _, r := range s.resources {
		if r != "pr_contact" || s.tangles() {
			s.tasks = append(s.tasks, r)
		}
	}
	s.update, s.conflict, s.merge = core.PolicyNewer, core.PolicyNewer, !s.chance(15)
	if s.chance(10) {
		s.update = core.PolicyOther
	}
	if s.chance(50) {
		s.conflict = pick(s, []core.Policy{core.PolicyThis, core.PolicyOther, core.PolicyMaster, core.PolicyAsk, core.PolicyAsk})
	}
	if s.brake = 20; s.chance(25) {
		s.brake = 1 + s.rand.IntN(2)
	}
	s.page, s.batch, s.steps = 2+s.rand.IntN(9), 1+s.rand.IntN(5), 25+s.rand.IntN(20)
}

func (s *simulation) makeHub() hub {
	switch {
	case s.long:
		return newNodeHub(s, s.chance(50))
	case s.ties() || s.chance(60):
		e := newEdenHub(s)
		s.bend(e)
		return e
	case s.chance(60):
		return newNodeHub(s, true)
	}
	return newNodeHub(s, false)
}

// bend gives an Eden some of the peculiarities that real ones have.
func (s *simulation) bend(e *edenHub) {
	if s.chance(10) {
		e.NoNative(s.tasks...)
	}
	if s.chance(10) {
		e.IgnorePaging()
	}
	if s.chance(10) {
		e.OldRegistration()
	}
	if s.chance(10) {
		e.RoutesBug(0)
	}
	if s.chance(20) {
		e.Gzip()
	}
	if e.hides = s.chance(10); e.hides {
		e.NativeHides(func(l core.Link) bool { return strings.HasSuffix(l.UUID, "3") })
	}
	switch {
	case s.restricts():
		e.Restrict("org_organisation", "org_office")
	case s.empties():
		e.SetNull("organisation_id", "root_organisation", "site_id")
	}
}

// run tells the story: trouble first, then calm, then the reckoning.
func (s *simulation) run() {
	s.tell("world: %v, update %s, conflict %s, merge %t, %d hubs, %d laptops, page %d, batch %d, brake %d", s.resources, s.update, s.conflict, s.merge, len(s.hubs), len(s.laptops), s.page, s.batch, s.brake)
	for i := range s.steps {
		if i == s.steps/2 {
			s.joinLater()
		}
		s.step()
		if s.t.Failed() {
			return
		}
	}
	s.settle()
	s.reckon()
}

// joinLater adds the second server, if that is still to be done: in a quarter of the worlds that
// have one its people begin with the first alone.
func (s *simulation) joinLater() {
	if s.later == nil {
		return
	}
	s.tell("%s knows the second server now", s.laptops[0].name)
	s.later()
	s.later = nil
}

func (s *simulation) tell(format string, args ...any) {
	s.story = append(s.story, s.now.Format("02 15:04:05 ")+fmt.Sprintf(format, args...))
}

// replay is the story and how to see it again.
func (s *simulation) replay() string {
	return fmt.Sprintf("%s\nreplay: make simulate SEEDS=1 FROM=%d", strings.Join(s.story, "\n"), s.seed)
}

// passTime moves all clocks.
func (s *simulation) passTime(d time.Duration) {
	s.now = s.now.Add(d)
	for _, h := range s.hubs {
		h.pass(d)
	}
}

// A seed that fails can be told again only if nothing else decides anything.
func TestASeedTellsTheSameStoryAgain(t *testing.T) {
	for seed := uint64(1); seed <= 12; seed++ {
		var told [2][]string
		for i := range told {
			s := newSimulation(t, seed)
			s.run()
			told[i] = s.story
		}
		if !slices.Equal(told[0], told[1]) {
			t.Errorf("seed %d tells another story the second time", seed)
			for i := range min(len(told[0]), len(told[1])) {
				if told[0][i] != told[1][i] {
					t.Logf("first: %s\nthen:  %s", told[0][i], told[1][i])
					break
				}
			}
		}
	}
}
