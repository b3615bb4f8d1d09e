package synclog

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// fakeStore has so many entries, the newest with the greatest id.
type fakeStore struct {
	entries []core.LogEntry
	asked   []Query
	plan    core.Undo
	undone  []string // run, by
}

func (f *fakeStore) PlanUndo(_ context.Context, run string, _ time.Duration) (core.Undo, error) {
	plan := f.plan
	plan.Run = run
	return plan, nil
}

func (f *fakeStore) UndoRun(_ context.Context, run, by string, _ time.Duration) (core.Undo, error) {
	f.undone = []string{run, by}
	done := f.plan
	done.Undo = "undo-1"
	return done, nil
}

func (f *fakeStore) Repositories(context.Context) ([]core.Repository, error) {
	return []core.Repository{{ID: 7, Name: "HQ"}}, nil
}

func (f *fakeStore) LogResources(context.Context) ([]core.Resource, error) {
	return []core.Resource{"org_office", "pr_person"}, nil
}

func (f *fakeStore) Record(_ context.Context, l core.Link) (core.Record, error) {
	if l.UUID == "urn:uuid:gone" {
		return core.Record{}, core.ErrNotFound
	}
	return core.Record{Resource: l.Resource, UUID: l.UUID}, nil
}

func (f *fakeStore) LogEntries(_ context.Context, q Query) (out []core.LogEntry, _ error) {
	f.asked = append(f.asked, q)
	for _, e := range f.entries {
		if (q.Before == 0 || e.ID < q.Before) && strings.Contains(e.Message, q.Search) && (q.Limit == 0 || len(out) < q.Limit) {
			out = append(out, e)
		}
	}
	return out, nil
}

func many(n int) *fakeStore {
	f := &fakeStore{}
	for i := n; i > 0; i-- {
		f.entries = append(f.entries, core.LogEntry{ID: int64(i), Time: core.MTime(i), Repository: "HQ", Resource: "org_office", Mode: "pull", Direction: "incoming",
			Action: "fetch", Result: core.ResultSuccess, Message: "Fetched", Run: "run-1", Details: "cause"})
	}
	return f
}

type screen struct {
	entries []core.LogEntry
	resets  int
	began   core.MTime
	told    []string
	nothing bool
	undone  core.Undo
	kinds   []core.Resource
	opened  []core.Link
	absent  int
}

func (s *screen) ShowFilters(_ []string, _ []int64, r []core.Resource) { s.kinds = r }
func (s *screen) OpenRecord(l core.Link)                               { s.opened = append(s.opened, l) }
func (s *screen) ShowAbsent()                                          { s.absent++ }

func (s *screen) AskUndo(_ core.Undo, sentences []string, nothing bool) {
	s.told, s.nothing = sentences, nothing
}
func (s *screen) ShowUndone(u core.Undo) { s.undone = u }

func (s *screen) ShowProblem(error) {}
func (s *screen) ShowEntries(e []core.LogEntry, reset bool) {
	s.entries = e
	if reset {
		s.resets++
	}
}

func TestTheLogIsReadPageByPage(t *testing.T) {
	store, s := many(250), &screen{}
	p := newPresenter(t.Context(), store, async.Direct(), time.Now, "ada", 0, s)
	p.load()
	if len(s.entries) != pageSize || s.entries[0].ID != 250 {
		t.Fatalf("first page: %d entries", len(s.entries))
	}
	p.more()
	p.more()
	if len(s.entries) != 250 || s.entries[249].ID != 1 {
		t.Fatalf("all pages: %d entries", len(s.entries))
	}
	asked := len(store.asked)
	p.more()
	if len(store.asked) != asked {
		t.Error("asked again behind the end")
	}
	p.search("nothing like it")
	if len(s.entries) != 0 {
		t.Errorf("the search showed %d entries", len(s.entries))
	}
}

func TestARunIsFollowedWhileItWrites(t *testing.T) {
	s := &screen{}
	p := newPresenter(t.Context(), many(3), async.Direct(), time.Now, "ada", 0, s)
	p.load()
	store := p.store.(*fakeStore)
	before := len(store.asked)
	store.entries = append(many(4).entries[:1:1], store.entries...)
	p.happened(event.Logged{})
	p.happened(event.Progress{})
	if n := len(store.asked) - before; n != 1 || len(s.entries) != 4 || s.resets != 1 {
		t.Errorf("read anew %d times, want once: only a new entry counts; %d entries, begun anew %d times", n, len(s.entries), s.resets)
	}
}

// Whoever reads further down goes on reading while a run writes: what was read on stays, the
// entry that was chosen, and what is in sight.
func TestWhoReadsFurtherDownStaysThere(t *testing.T) {
	w := test.NewTempApp(t).NewWindow("")
	host := frame.NewHost(t.Context(), w)
	store, bus := many(250), &event.Bus{}
	p := New(host, store, bus)
	w.SetContent(p.Content())
	w.Resize(fyne.NewSize(1000, 640))
	p.Shown()
	defer p.Hidden()
	p.presenter.more()
	p.list.Select(150)
	chosen, offset := p.chosen.ID, p.list.GetScrollOffset()
	top := p.entries[p.firstSeen()].ID
	store.entries = append(many(253).entries[:3:3], store.entries...)
	bus.Emit(event.Logged{})
	if len(p.entries) < 203 || p.entries[0].ID != 253 {
		t.Fatalf("%d entries, the first is %d", len(p.entries), p.entries[0].ID)
	}
	if p.chosen == nil || p.chosen.ID != chosen || p.list.GetScrollOffset() <= offset || p.entries[p.firstSeen()].ID != top {
		t.Errorf("chosen %+v, want %d; at %v, was at %v", p.chosen, chosen, p.list.GetScrollOffset(), offset)
	}
	p.presenter.search("nothing like it")
	if p.chosen != nil || uitest.Says(w.Canvas(), "Details") {
		t.Error("the details are of an entry that is not shown")
	}
	if uitest.Says(w.Canvas(), "Choose an entry") {
		t.Error("an entry is to be chosen where there is none")
	}
	p.presenter.search("")
	if !uitest.Says(w.Canvas(), "Choose an entry") {
		t.Error("nothing says how to see the details")
	}
}

// firstSeen is the uppermost row in sight.
func (p *Page) firstSeen() int {
	return int(p.list.GetScrollOffset() / (widgets.NewItem(0).MinSize().Height + theme.Size(theme.SizeNamePadding)))
}

// Excel reads letters that are not English only after a mark, and a file without entries has
// at least its heads.
func TestTheExportedLogCanBeOpenedByASpreadsheet(t *testing.T) {
	for _, n := range []int{0, 1} {
		var out strings.Builder
		if err := writeCSV(&out, many(n).entries, time.Now()); err != nil {
			t.Fatal(err)
		}
		if rows := strings.Count(out.String(), "\n"); !strings.HasPrefix(out.String(), "\ufeffMessage,") || rows != n+1 {
			t.Errorf("%d entries: %q", n, out.String())
		}
	}
}

func TestDetailsHaveEveryFieldOfEdensLog(t *testing.T) {
	e := many(1).entries[0]
	all := text(e, time.Now())
	if !strings.HasPrefix(all, "Message: Fetched\n") {
		t.Errorf("what it says does not come first:\n%s", all)
	}
	for _, want := range []string{"Date and time", "Repository: HQ", "Offices (org_office)", "Mode: pull", "Direction: incoming", "Action: fetch", "(success)", "Remote error: No", "Message: Fetched", "cause", "run-1"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
}

func TestAnEntryShowsItsDetailsWhenChosen(t *testing.T) {
	a := test.NewTempApp(t)
	w := a.NewWindow("")
	host := frame.NewHost(t.Context(), w)
	p := New(host, many(3), &event.Bus{})
	w.SetContent(p.Content())
	w.Resize(fyne.NewSize(1000, 640))
	p.Shown()
	defer p.Hidden()
	p.list.Select(1)
	if !uitest.Says(w.Canvas(), "Technical cause") || !uitest.Says(w.Canvas(), "Offices (org_office)") {
		t.Error("the details are not shown")
	}
	test.Tap(uitest.Button(w.Canvas(), "Copy"))
	if got := a.Clipboard().Content(); !strings.Contains(got, "Mode: pull") {
		t.Errorf("copied %q", got)
	}
}

func (s *screen) ShowRun(began core.MTime) { s.began = began }
func (s *screen) ShowWritten(string)       {}

func TestAnEntryLeadsToItsRunAndBack(t *testing.T) {
	store, s := many(3), &screen{}
	p := newPresenter(t.Context(), store, async.Direct(), time.Now, "ada", 0, s)
	p.setRun("run-1")
	if got := store.asked[len(store.asked)-1].Run; got != "run-1" || s.began.IsZero() {
		t.Errorf("asked for the run %q, shown since %v", got, s.began)
	}
	p.setRun("")
	if got := store.asked[len(store.asked)-1].Run; got != "" || !s.began.IsZero() {
		t.Errorf("still asked for the run %q, shown since %v", got, s.began)
	}
}

func TestTheWholeLogIsExportedWithEveryField(t *testing.T) {
	store := many(250)
	store.entries[0].Message = "=HYPERLINK(1)"
	p := newPresenter(t.Context(), store, async.Direct(), time.Now, "ada", 0, &screen{})
	name := filepath.Join(t.TempDir(), "log.csv")
	p.write(name)
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil || len(rows) != 251 || len(rows[0]) != len(details(store.entries[0], time.Now())) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if !slices.Contains(rows[1], "'=HYPERLINK(1)") {
		t.Errorf("a spreadsheet program would run %q", rows[1])
	}
}

func TestAnEntryOfOneRecordLeadsToIt(t *testing.T) {
	s := &screen{}
	p := newPresenter(t.Context(), many(1), async.Direct(), time.Now, "ada", 0, s)
	here, gone := core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, core.Link{Resource: "org_office", UUID: "urn:uuid:gone"}
	p.openRecord(here)
	p.openRecord(gone)
	if !slices.Equal(s.opened, []core.Link{here}) || s.absent != 1 {
		t.Errorf("opened %v; said %d times that it is not here", s.opened, s.absent)
	}

	a := test.NewTempApp(t)
	w := a.NewWindow("")
	host := frame.NewHost(t.Context(), w)
	var opened []core.Link
	host.OpenRecord = func(l core.Link) { opened = append(opened, l) }
	store := many(2)
	store.entries[0].UUID, store.entries[0].Title = here.UUID, "Relief office"
	page := New(host, store, &event.Bus{})
	w.SetContent(page.Content())
	w.Resize(fyne.NewSize(1000, 640))
	page.Shown()
	defer page.Hidden()
	page.list.Select(1)
	if uitest.Button(w.Canvas(), "Open the record") != nil {
		t.Error("an entry of many records offers to open one")
	}
	page.list.Select(0)
	if !uitest.Says(w.Canvas(), "Relief office: Fetched") {
		t.Error("the entry does not name its record")
	}
	test.Tap(uitest.Button(w.Canvas(), "Open the record"))
	if !slices.Equal(opened, []core.Link{here}) {
		t.Errorf("opened %v", opened)
	}
}

func TestTheLogSaysNumbersInWords(t *testing.T) {
	e := core.LogEntry{Resource: "org_office", Mode: "pull", Message: "Data imported successfully (3 received, 2 new, 1 unchanged)", Counts: &core.Counts{Received: 3, Created: 2, Unchanged: 1}}
	if first, _ := headline(e, time.Now(), ""); first != "3 received, 2 new, 1 unchanged." {
		t.Errorf("got %q", first)
	}
	e.Message, e.Counts = core.LogNothingToSend, &core.Counts{}
	if first, _ := headline(e, time.Now(), ""); first != core.LogNothingToSend {
		t.Errorf("nothing counted: got %q", first)
	}
}

func TestTheLogIsFilteredByResourceAndByDay(t *testing.T) {
	a := test.NewTempApp(t)
	w := a.NewWindow("")
	host := frame.NewHost(t.Context(), w)
	zone := time.FixedZone("", 3600)
	host.Now = func() time.Time { return time.Date(2026, 3, 15, 10, 0, 0, 0, zone) }
	store := many(3)
	page := New(host, store, &event.Bus{})
	w.SetContent(page.Content())
	w.Resize(fyne.NewSize(1000, 640))
	page.Shown()
	defer page.Hidden()
	last := func() Query { return store.asked[len(store.asked)-1] }

	page.resource.SetSelected("Offices")
	if last().Resource != "org_office" {
		t.Errorf("asked for %q", last().Resource)
	}
	page.period.choice.SetSelected("In the last 7 days")
	if want := core.MTimeOf(time.Date(2026, 3, 8, 0, 0, 0, 0, zone)); last().Since != want || last().Until != 0 {
		t.Errorf("asked from %v to %v, want from %v", last().Since, last().Until, want)
	}
	own := func() { page.period.choice.SetSelectedIndex(len(page.period.choice.Options) - 1) }
	own()
	asked := len(store.asked)
	test.Type(uitest.Entry(w.Canvas(), "First day"), "yesterday")
	test.Tap(uitest.Button(w.Canvas(), "Show"))
	if len(store.asked) != asked || !uitest.Says(w.Canvas(), "Enter a date") {
		t.Error("what is no day was asked for")
	}
	uitest.Entry(w.Canvas(), "First day").SetText("2026-03-01")
	uitest.Entry(w.Canvas(), "Last day").SetText("2026-03-02")
	test.Tap(uitest.Button(w.Canvas(), "Show"))
	from, to := core.MTimeOf(time.Date(2026, 3, 1, 0, 0, 0, 0, zone)), core.MTimeOf(time.Date(2026, 3, 3, 0, 0, 0, 0, zone))
	if last().Since != from || last().Until != to || last().Resource != "org_office" {
		t.Errorf("asked %+v, want the whole of both days", last())
	}
	if page.period.choice.Selected != "2026-03-01 – 2026-03-02" {
		t.Errorf("the filter says %q", page.period.choice.Selected)
	}
	own()
	test.Tap(uitest.Button(w.Canvas(), "Cancel"))
	if last().Since != from || page.period.choice.Selected != "2026-03-01 – 2026-03-02" {
		t.Errorf("cancelling changed the filter: %q", page.period.choice.Selected)
	}
	page.period.choice.SetSelected("At any time")
	if last().Since != 0 || last().Until != 0 {
		t.Errorf("asked %+v", last())
	}
}

// What is of no repository, a run that was taken back or a window that ended unexpectedly,
// says only when it was.
func TestAnEntryOfNoRepositoryHasNoEmptyPlaceForIt(t *testing.T) {
	now := time.Now()
	e := core.LogEntry{Time: core.MTimeOf(now), Resource: "none", Mode: "none", Message: "A run was taken back."}
	if _, below := headline(e, now, ""); below != words.When(e.Time, now) {
		t.Errorf("below it stands %q", below)
	}
	e.Repository = "HQ"
	if _, below := headline(e, now, ""); !strings.HasSuffix(below, "·  HQ") {
		t.Errorf("below one of a repository stands %q", below)
	}
	if _, below := headline(e, now, "HQ"); below != words.When(e.Time, now) {
		t.Errorf("where there is no other repository, below it stands %q", below)
	}
}

// Where the name of a repository makes the filters need a second line, the list gives way.
func TestTheListGivesWayToWiderFilters(t *testing.T) {
	w := test.NewTempWindow(t, nil)
	host := &frame.Host{Context: t.Context(), Window: w, Lanes: async.Direct(), Now: time.Now}
	p := New(host, many(3), &event.Bus{})
	w.SetContent(p.Content())
	w.Resize(fyne.NewSize(1100, 600))
	bottom := func(o fyne.CanvasObject) float32 {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y + o.Size().Height
	}
	top := func(o fyne.CanvasObject) float32 { return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y }
	p.ShowFilters([]string{"All repositories", strings.Repeat("Headquarters of the North ", 4), "HQ"}, []int64{0, 7, 8}, []core.Resource{"org_office"})
	lowest := float32(0)
	for _, c := range []fyne.CanvasObject{p.repository, p.resource, p.period.choice} {
		lowest = max(lowest, bottom(c))
	}
	if top(p.repository) <= top(p.search) {
		t.Fatal("the filters have room beside the search")
	}
	if list := top(p.list); list < lowest {
		t.Errorf("the list begins at %v, the filters end at %v", list, lowest)
	}
}

// What went wrong says whether it was on the way in or out, and a peer that pulls from this laptop
// is sent something. What went well says it in its own words.
func TestTroubleSaysWhichWayItWas(t *testing.T) {
	for _, tt := range []struct {
		mode, direction string
		result          core.Result
		want            string
	}{
		{"pull", "outgoing", core.ResultError, "  ·  while receiving"},
		{"push", "outgoing", core.ResultWarning, "  ·  while sending"},
		{"pull", "incoming", core.ResultFatal, "  ·  while sending"},
		{"push", "incoming", core.ResultWarning, "  ·  while receiving"},
		{"push", "outgoing", core.ResultSuccess, ""},
		{"register", "outgoing", core.ResultError, ""},
	} {
		e := core.LogEntry{Mode: tt.mode, Direction: tt.direction, Result: tt.result, Message: "x", Time: core.MTimeOf(time.Now())}
		if _, below := headline(e, time.Now(), ""); below != words.When(e.Time, time.Now())+tt.want {
			t.Errorf("%+v: %q", tt, below)
		}
	}
}
