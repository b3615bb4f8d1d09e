package replicate_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// recorded returns one exchange of a recorded scenario; the test is skipped, with a
// sentence, where the recordings are not at hand.
func recorded(t *testing.T, scenario string, n int) edentest.Exchange {
	t.Helper()
	for _, e := range edentest.Scenario(t, filepath.Join(edentest.Corpus(t), scenario)) {
		if e.N == n {
			return e
		}
	}
	t.Fatalf("%s has no exchange %d", scenario, n)
	return edentest.Exchange{}
}

// decoded reads a recorded document: the masters it counts, and what came along.
func decoded(t *testing.T, doc []byte) (root s3xml.Root, recs []core.Record) {
	t.Helper()
	d := s3xml.NewDecoder(bytes.NewReader(doc), s3xml.Limits{})
	root, err := d.Root()
	for err == nil {
		var rec core.Record
		if err = d.Next(&rec); err == nil {
			recs = append(recs, rec)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return root, recs
}

// at moves both clocks forward to a recorded moment.
func (w *world) at(m core.MTime) {
	w.t.Helper()
	d := m.Time().Sub(w.clock.Now())
	if d < 0 {
		w.t.Fatalf("the clock cannot go back to %s", m)
	}
	w.pass(d)
}

// A recordedState is one line of an outcome.txt: a record in a database.
type recordedState struct {
	website string
	deleted bool
	mci     int
	mtime   core.MTime
}

var outcomeLine = regexp.MustCompile(`^C [A-Z]+ (\w+) +website=(\S+) +deleted=(True|False) mci=(\d) mtime=(\S+ \S+)$`)

// outcome reads an outcome.txt: for each heading the records by their short name.
func outcome(t *testing.T, scenario string) map[string]map[string]recordedState {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(edentest.Corpus(t), scenario, "outcome.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]recordedState{}
	heading := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if h, ok := strings.CutPrefix(line, "--- "); ok {
			heading = h
			out[heading] = map[string]recordedState{}
		}
		m := outcomeLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		mtime, err := core.ParseMTime(m[5])
		if err != nil {
			t.Fatal(err)
		}
		mci, _ := strconv.Atoi(m[4])
		out[heading][m[1]] = recordedState{m[2], m[3] == "True", mci, mtime}
	}
	return out
}

// unlikeEden are the end states of scenario 12 in which we keep the manual's promise and Eden's code does not. want is how
// our record ends, then what the hub has after the push that follows.
var unlikeEden = map[string]struct{ rule, want string }{
	"OTHER fieldonly": {"the hub did not change it, so there is nothing of the other side's to take: an edit is not lost", "http://field-edit.example.org"},
}

const originalSite = "http://orig.example.org"

// TestRecordedConflictsEndAsRecorded replays scenario 12: a hub and a field that both changed records, every way round, and
// the hub's recorded answer. The field must end as Eden's did, but for what unlikeEden says. Stamps are compared where the
// hub's version was taken; Eden's THIS keeps the data and takes the stamp, which hides an edit from everybody (spec
// eden-sync-protocol W4): ours keeps both.
func TestRecordedConflictsEndAsRecorded(t *testing.T) {
	for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyOther, core.PolicyThis} {
		t.Run(string(policy), func(t *testing.T) {
			scenario := "12-conflict-pull-" + string(policy)
			pull, states := recorded(t, scenario, 1), outcome(t, scenario)
			c := newClash(t, policy, pull, states)
			c.play()

			w := c.w
			w.eden.ForgetRequests()
			w.eden.InjectOn(edentest.Pulls, 1, edentest.Reply(pull.Status, pull.Header.Get("Content-Type"), string(pull.Response)))
			run := w.sync()
			if want := c.root.Results; run.Received < want {
				t.Errorf("received %d, the hub sent %d", run.Received, want)
			}
			checkAsked(t, w, pull)
			c.compare(states["field after pull"])
			c.settle(run)
		})
	}
}

// A clash is scenario 12 in the making.
type clash struct {
	w             *world
	policy        core.Policy
	hub, field    map[string]recordedState // before the pull
	root          s3xml.Root
	doc           []core.Record
	links         map[string]core.Link
	bornInField   string
	taskOfTheTest core.Task
}

func newClash(t *testing.T, policy core.Policy, pull edentest.Exchange, states map[string]map[string]recordedState) *clash {
	t.Helper()
	c := &clash{w: newWorld(t), policy: policy, hub: states["hub before"], field: states["field before pull"], links: map[string]core.Link{},
		bornInField: "fieldborn_both_hubnewer"}
	if len(c.hub) != 7 || len(c.field) != 7 || len(states["field after pull"]) != 7 {
		t.Fatalf("outcome.txt has %d, %d and %d records, want 7 each", len(c.hub), len(c.field), len(states["field after pull"]))
	}
	c.root, c.doc = decoded(t, pull.Response)
	for name, there := range c.hub {
		i := slices.IndexFunc(c.doc, func(r core.Record) bool {
			return r.Title() == "C "+string(policy)+" "+name || there.deleted && r.Deleted && r.ModifiedOn == there.mtime
		})
		if i < 0 { // the hub did not change it and did not send it
			c.links[name] = link("org_organisation", 1)
			continue
		}
		c.links[name] = c.doc[i].Link()
	}
	return c
}

// play brings hub and field to where they stood before the pull: agreed, then changed on both sides, each at its recorded
// moment.
func (c *clash) play() {
	w := c.w
	w.t.Helper()
	task := core.NewTask(w.repo.ID, "org_organisation")
	c.taskOfTheTest = w.addTask(task)
	w.at(w.earliest(c) - 3600)
	for name, l := range c.links {
		fresh := rec(l, "name", "C "+string(c.policy)+" "+name, "acronym", "C-"+string(c.policy), "website", originalSite)
		fresh.Set(core.Field{Name: "root_organisation", Value: core.RefTo(l.Resource, l.UUID)})
		if name == c.bornInField {
			w.edit(l, func(r *core.Record) { *r = fresh })
		} else {
			w.eden.Put(fresh)
		}
	}
	w.sync()
	w.sync()
	type step struct {
		at core.MTime
		do func()
	}
	var steps []step
	for name, l := range c.links {
		if s := c.field[name]; s.website != originalSite || s.deleted {
			steps = append(steps, step{s.mtime, func() {
				w.edit(l, func(r *core.Record) {
					r.Set(core.Field{Name: "website", Value: core.Text(s.website)})
					r.Deleted = s.deleted
				})
			}})
		}
		if s := c.hub[name]; s.deleted {
			steps = append(steps, step{s.mtime, func() { w.eden.Delete(l) }})
		}
	}
	slices.SortFunc(steps, func(a, b step) int { return int(a.at - b.at) })
	for _, s := range steps {
		w.at(s.at)
		s.do()
	}
	for _, r := range c.doc { // what the hub had, it has: living records with the stamps it sent
		if !r.Deleted {
			r.MCI--
			w.eden.Put(r)
		}
	}
	task = w.task("org_organisation")
	task.Mode, task.Update, task.Conflict = core.ModePull, c.policy, c.policy
	c.save(task)
	c.beforePull()
}

func (w *world) earliest(c *clash) core.MTime {
	first := core.MTime(1 << 62)
	for name := range c.links {
		first = min(first, c.hub[name].mtime, c.field[name].mtime)
	}
	return first
}

func (c *clash) save(task core.Task) {
	c.w.t.Helper()
	if err := c.w.db.UpdateTask(c.w.t.Context(), task); err != nil {
		c.w.t.Fatal(err)
	}
}

// beforePull checks that the stage is set as recorded.
func (c *clash) beforePull() {
	c.w.t.Helper()
	for name, want := range c.field {
		if got := c.w.stateOf(c.links[name]); got.website != want.website && !want.deleted || got.deleted != want.deleted || got.mci != want.mci {
			c.w.t.Fatalf("before the pull %s is %+v, want %+v", name, got, want)
		}
	}
}

func (w *world) stateOf(l core.Link) recordedState {
	w.t.Helper()
	r := w.here(l)
	return recordedState{r.Value("website").Str, r.Deleted, r.MCI, r.ModifiedOn}
}

// compare holds our end states against Eden's.
func (c *clash) compare(after map[string]recordedState) {
	c.w.t.Helper()
	for name, want := range after {
		got := c.w.stateOf(c.links[name])
		if unlike, ok := unlikeEden[string(c.policy)+" "+name]; ok {
			if got.website != unlike.want || got.deleted {
				c.w.t.Errorf("%s ends as %+v, but %s", name, got, unlike.rule)
			}
			continue
		}
		if got.deleted != want.deleted || !want.deleted && got.website != want.website || got.mci != want.mci {
			c.w.t.Errorf("%s ends as %+v, Eden's as %+v\n%s", name, got, want, c.w.logs())
		}
		if taken := want.website == c.hub[name].website && want.website != c.field[name].website; taken && got.mtime != want.mtime {
			c.w.t.Errorf("%s was taken with the stamp %s, Eden's with %s", name, got.mtime, want.mtime)
		}
	}
}

// settle lets what was kept go to the hub, and looks whether both sides agree then, and stay quiet. Under OTHER the hub keeps
// its own, as the policy says seen from there: our edit stays here, marked as refused.
func (c *clash) settle(pulled core.Run) {
	w := c.w
	w.t.Helper()
	if pulled.Conflicts == 0 {
		w.t.Error("no conflict was counted")
	}
	task := w.task("org_organisation")
	task.Mode = core.ModeBoth
	c.save(task)
	run := w.sync()
	if want := map[core.Policy]int{core.PolicyOther: 1}[c.policy]; run.Refused != want {
		w.t.Errorf("%d records were refused, want %d\n%s", run.Refused, want, w.logs())
	}
	for name, l := range c.links {
		here, there := w.here(l), w.there(l)
		if _, ok := unlikeEden[string(c.policy)+" "+name]; ok {
			continue
		}
		if here.Deleted != there.Deleted || !here.Deleted && here.Value("website").Str != there.Value("website").Str {
			w.t.Errorf("%s: here %+v, at the hub %+v\n%s", name, here, there, w.logs())
		}
	}
	w.quiet()
}

// checkAsked compares our request for a pull with the recorded one: the same resource at the same address, a stamp in the one
// form that Eden reads. Eden asks for everything under OTHER and THIS; we know by the base what both sides agreed on.
func checkAsked(t *testing.T, w *world, pull edentest.Exchange) {
	t.Helper()
	for _, r := range w.eden.Requests() {
		if !strings.HasSuffix(r.Path, "/sync.xml") || r.Query.Get("resource") != pull.QueryOf().Get("resource") {
			continue
		}
		if want := strings.TrimPrefix(pull.Request.URL.Path, "/eden"); r.Path != want {
			t.Errorf("asked at %s, recorded %s", r.Path, want)
		}
		for key := range pull.QueryOf() {
			if key != "msince" && !r.Query.Has(key) {
				t.Errorf("asked without %s: %s", key, r.RawQuery)
			}
		}
		if _, err := time.Parse("2006-01-02T15:04:05", r.Query.Get("msince")); err != nil {
			t.Errorf("msince: %v", err)
		}
		return
	}
	t.Errorf("the hub was not asked: %v", w.requests())
}
