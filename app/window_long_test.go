//go:build !headless && unix

package app

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/ui"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	pages "github.com/fieldsync/fieldsync/ui/records"
	"github.com/fieldsync/fieldsync/ui/synclog"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// fill puts n offices into the store, as a pull would.
func (g *guide) fill(n int) {
	db := g.node.Store.(replica).DB
	now := core.MTimeOf(time.Now())
	kinds := []string{"Clinic", "School", "Warehouse", "Water point", "Registration desk"}
	for at := 0; at < n; {
		err := db.Import(g.Context(), func(tx intake.Tx) error {
			for end := min(n, at+5000); at < end; at++ {
				rec := core.Record{Resource: "org_office", UUID: fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012x", at), MCI: 1, ModifiedOn: now, CreatedOn: now, Fields: []core.Field{
					{Name: "name", Value: core.Text(fmt.Sprintf("%s %d", kinds[at%len(kinds)], (at*7919)%n))}, {Name: "code", Value: core.Text(fmt.Sprintf("OF%06d", at))},
					{Name: "phone1", Value: core.Text(fmt.Sprintf("+999 %07d", at*31%9999991))}, {Name: "email", Value: core.Text(fmt.Sprintf("office%d@example.org", at))},
					{Name: "comments", Value: core.Text("Opened for the flood response; open on weekdays.")}}}
				if err := tx.Put(g.Context(), &rec, core.Change{Rule: "create", At: now}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			g.Fatal(err)
		}
	}
	if err := db.IndexSearch(g.Context()); err != nil {
		g.Fatal(err)
	}
}

// list returns the longest list on the screen.
func (g *guide) list() (longest *widget.List) {
	uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool {
		if l := uitest.ListOf(o); l != nil && (longest == nil || l.Length() > longest.Length()) {
			longest = l
		}
		return false
	})
	return longest
}

// searchEntry returns the search of the page.
func (g *guide) searchEntry() *widget.Entry {
	for _, e := range uitest.Entries(g.window.Fyne().Canvas()) {
		if e.PlaceHolder == "Search" {
			return e
		}
	}
	g.Fatal("there is no search")
	return nil
}

// A screenLoop is the window's goroutine of a test, as the program has one.
type screenLoop struct {
	testing.TB
	jobs        chan func()
	quit, ended chan struct{}
	id          string // of the goroutine
}

// newScreenLoop begins one, which the caller must end.
func newScreenLoop(t testing.TB) *screenLoop {
	s := &screenLoop{TB: t, jobs: make(chan func(), 1000), quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for {
			select {
			case <-s.quit:
				return
			case f := <-s.jobs:
				f()
			}
		}
	}()
	s.do("beginning", func() { s.id = goroutine() })
	return s
}

// end waits until nothing is drawn any more. It belongs to the end of the test itself:
// in the clean-up the test's context is over, and what a page says of that would be
// drawn beside what the next test draws, and the toolkit knows one goroutine only.
func (s *screenLoop) end() {
	close(s.quit)
	<-s.ended
}

// do runs f on the window's goroutine. It must come back within the standstill.
func (s *screenLoop) do(what string, f func()) {
	s.Helper()
	done := make(chan struct{})
	s.jobs <- func() { f(); close(done) }
	select {
	case <-done:
	case <-time.After(standstill):
		s.Fatalf("the window froze while %s", what)
	}
}

// standstill is longer than any work on the screen takes, also on a busy machine.
const standstill = 20 * time.Second

// A watchedStore notices queries on the window's goroutine.
type watchedStore struct {
	ui.Store
	screen   *screenLoop
	queries  atomic.Int64
	wrong    atomic.Pointer[string]
	searched atomic.Bool
}

// note remembers the query if the caller is the window's goroutine.
func (w *watchedStore) note(query string) {
	w.queries.Add(1)
	if w.screen.is() {
		w.wrong.Store(&query)
	}
}

func (w *watchedStore) Kinds(ctx context.Context) ([]pages.Kind, error) {
	w.note("Kinds")
	return w.Store.Kinds(ctx)
}

func (w *watchedStore) ListRecords(ctx context.Context, q pages.Query) (pages.ListPage, error) {
	w.note("ListRecords")
	if q.Search != "" {
		defer w.searched.Store(true)
	}
	return w.Store.ListRecords(ctx, q)
}

func (w *watchedStore) Schema(ctx context.Context, r core.Resource) (core.Schema, error) {
	w.note("Schema")
	return w.Store.Schema(ctx, r)
}

func (w *watchedStore) Record(ctx context.Context, l core.Link) (core.Record, error) {
	w.note("Record")
	return w.Store.Record(ctx, l)
}

func (w *watchedStore) History(ctx context.Context, l core.Link) ([]core.Version, error) {
	w.note("History")
	return w.Store.History(ctx, l)
}

func (w *watchedStore) SaveRecord(ctx context.Context, rec core.Record, seen core.Hash, by string) (core.Record, error) {
	w.note("SaveRecord")
	return w.Store.SaveRecord(ctx, rec, seen, by)
}

func (w *watchedStore) Setting(ctx context.Context, key string) (string, error) {
	w.note("Setting")
	return w.Store.Setting(ctx, key)
}

func (w *watchedStore) Repositories(ctx context.Context) ([]core.Repository, error) {
	w.note("Repositories")
	return w.Store.Repositories(ctx)
}

func (w *watchedStore) Conflicts(ctx context.Context, repo int64, openOnly bool) ([]core.Conflict, error) {
	w.note("Conflicts")
	return w.Store.Conflicts(ctx, repo, openOnly)
}

func (w *watchedStore) Quarantines(ctx context.Context, repo int64) ([]core.Quarantine, error) {
	w.note("Quarantines")
	return w.Store.Quarantines(ctx, repo)
}

func (w *watchedStore) LogEntries(ctx context.Context, q synclog.Query) ([]core.LogEntry, error) {
	w.note("LogEntries")
	return w.Store.LogEntries(ctx, q)
}

// is reports whether the caller is the window's goroutine.
func (s *screenLoop) is() bool { return s.id == goroutine() }

// goroutine returns the name of the calling goroutine, as a stack trace has it.
func goroutine() string {
	trace := make([]byte, 64)
	name, _, _ := strings.Cut(string(trace[:runtime.Stack(trace, false)]), " [")
	return name
}

// A person goes everywhere, and no query may run where the window is drawn.
func TestNoQueryRunsOnTheWindowsGoroutine(t *testing.T) {
	screen := newScreenLoop(t)
	defer screen.end()
	lanes := async.Lanes{Work: func(f func()) { go f() }, Screen: func(f func()) { screen.jobs <- f }}
	store := &watchedStore{screen: screen}
	var g *guide
	screen.do("opening", func() {
		g = newGuideIn(t, t.Context(), lanes, func(s ui.Store) ui.Store { store.Store = s; return store })
	})
	g.fill(500)
	screen.do("opening the list", func() { g.window.Open(frame.Records) })
	waitFor(t, screen, "the list", func() bool { l := g.list(); return l != nil && l.Length() >= 60 })
	screen.do("searching", func() { g.searchEntry().SetText("clinic") })
	waitFor(t, screen, "the answer", func() bool { return g.list().Length() >= 60 && store.searched.Load() })
	screen.do("scrolling", func() { g.list().ScrollToBottom() })
	screen.do("opening a record", func() {
		g.window.OpenRecord(core.Link{Resource: "org_office", UUID: "urn:uuid:00000000-0000-4000-8000-000000000001"})
	})
	waitFor(t, screen, "the record", func() bool { return uitest.Entry(g.window.Fyne().Canvas(), "Code") != nil })
	screen.do("saving", func() { g.write("Code", "OF-1"); g.tap("Save") })
	waitFor(t, screen, "what was saved", func() bool { return uitest.Says(g.window.Fyne().Canvas(), "Saved on this laptop.") })
	for _, page := range []string{frame.Home, frame.NeedsYou, frame.Log, frame.Repositories, frame.Settings} {
		screen.do("opening "+page, func() { g.window.Open(page) })
	}
	if wrong := store.wrong.Load(); wrong != nil {
		t.Errorf("%s ran on the window's goroutine", *wrong)
	}
	if store.queries.Load() < 15 {
		t.Errorf("only %d queries were seen: the test watches the wrong store", store.queries.Load())
	}
}

// waitFor asks on the window's goroutine until something is so.
func waitFor(t *testing.T, screen *screenLoop, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(standstill); time.Now().Before(end); {
		so := false
		screen.do("looking for "+what, func() { so = is() })
		if so {
			return
		}
	}
	t.Fatalf("%s does not come", what)
}

// BenchmarkWindow is a person at a list of 100,000 records: all of it, from the
// press of a key to the rows on the screen.
func BenchmarkWindow(b *testing.B) {
	g := newGuide(b)
	g.fill(100_000)
	words := []string{"clinic", "w", "wa", "wat", "water", "water 7", "of0420", "school 123"}
	b.Run("first rows of 100,000", func(b *testing.B) {
		var spent time.Duration
		for b.Loop() {
			b.StopTimer()
			g.window.Open(frame.Home)
			before := processor()
			b.StartTimer()
			g.window.Open(frame.Records)
			spent += processor() - before
			if g.list().Length() == 0 {
				b.Fatal("no rows")
			}
		}
		reportProcessor(b, spent)
	})
	b.Run("a keystroke of a search in 100,000", func(b *testing.B) {
		search, before := g.searchEntry(), processor()
		for i := 0; b.Loop(); i++ {
			search.SetText(words[i%len(words)])
		}
		reportProcessor(b, processor()-before)
		search.SetText("")
	})
	b.Run("a screenful further in 100,000", func(b *testing.B) {
		list, before := g.list(), processor()
		for b.Loop() {
			list.ScrollToOffset(list.GetScrollOffset() + 400)
		}
		reportProcessor(b, processor()-before)
		b.ReportMetric(float64(list.Length()), "rows-read")
	})
}

// processor returns the time that the processor has worked for this process: on a
// busy machine the clock on the wall says little.
func processor() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func reportProcessor(b *testing.B, spent time.Duration) {
	b.ReportMetric(float64(spent.Microseconds())/1000/float64(b.N), "processor-ms/op")
}
