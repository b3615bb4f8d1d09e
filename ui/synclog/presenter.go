package synclog

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/sheet"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui/async"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// pageSize is how many entries are read at a time.
const pageSize = 100

// A Query selects entries, newest first.
type Query struct {
	Repository int64         // 0: all
	Resource   core.Resource // "": any
	Result     core.Result   // "": any
	Run        string        // "": any
	Since      core.MTime    // at or after it; 0: whenever
	Until      core.MTime    // before it; 0: whenever
	Search     string
	Before     int64 // only ids below it; 0: from the newest
	Limit      int
}

// A Store is what the page needs of the replica.
type Store interface {
	Repositories(ctx context.Context) ([]core.Repository, error)
	LogEntries(ctx context.Context, q Query) ([]core.LogEntry, error)
	// LogResources returns the resources that the log has entries of.
	LogResources(ctx context.Context) ([]core.Resource, error)
	// Record returns a record; core.ErrNotFound.
	Record(ctx context.Context, l core.Link) (core.Record, error)
	// PlanUndo says what UndoRun would do now. offset is the peer's clock minus ours.
	PlanUndo(ctx context.Context, run string, offset time.Duration) (core.Undo, error)
	// UndoRun takes a run back, as changes of the person by.
	UndoRun(ctx context.Context, run, by string, offset time.Duration) (core.Undo, error)
}

type view interface {
	ShowFilters(names []string, ids []int64, resources []core.Resource)
	// OpenRecord shows a record; ShowAbsent says that it is not on this laptop.
	OpenRecord(core.Link)
	ShowAbsent()
	// ShowRun says that only one run's entries are shown; zero: all are.
	ShowRun(began core.MTime)
	// AskUndo says what taking the shown run back would do; nothing says that there
	// is nothing to take back.
	AskUndo(plan core.Undo, sentences []string, nothing bool)
	// ShowUndone says what was taken back.
	ShowUndone(done core.Undo)
	ShowWritten(sentence string)
	ShowEntries(entries []core.LogEntry, reset bool) // reset: from the top
	ShowProblem(error)
}

// A presenter reads the log page by page.
type presenter struct {
	ctx   context.Context // the window's life
	store Store
	lanes async.Lanes
	now   func() time.Time
	by    string // who takes a run back
	view  view

	names   map[int64]string // of the repositories
	query   Query
	entries []core.LogEntry
	end     bool // there is nothing older
	loading bool
	ticket  async.Ticket
	wait    async.Debouncer
	gate    *async.Gate
}

func newPresenter(ctx context.Context, store Store, lanes async.Lanes, now func() time.Time, by string, pause time.Duration, v view) *presenter {
	p := &presenter{ctx: ctx, store: store, lanes: lanes, now: now, by: by, view: v, names: map[int64]string{}, wait: async.Debouncer{Delay: pause}}
	p.gate = &async.Gate{Pause: 5 * pause, Do: func() { p.lanes.Screen(p.follow) }}
	return p
}

// load reads the repositories and resources for the filters, and the newest entries.
func (p *presenter) load() {
	p.lanes.Run(func() func() {
		list, err := p.store.Repositories(p.ctx)
		resources, listErr := p.store.LogResources(p.ctx)
		return func() {
			if err := errors.Join(err, listErr); err != nil {
				p.view.ShowProblem(err)
				return
			}
			names, ids := []string{tr.L("All repositories")}, []int64{0}
			for _, r := range list {
				names, ids = append(names, r.Name), append(ids, r.ID)
				p.names[r.ID] = r.Name
			}
			p.view.ShowFilters(names, ids, resources)
		}
	})
	p.reload()
}

// reload reads from the top with the present filter.
func (p *presenter) reload() {
	p.query.Before = 0
	p.read(true)
}

// follow puts what was written meanwhile above what is shown.
func (p *presenter) follow() {
	if p.loading {
		p.gate.Wish() // what is read now may not have it
		return
	}
	p.query.Before = 0
	p.ask(func(list []core.LogEntry) {
		known := -1
		if len(p.entries) > 0 {
			known = slices.IndexFunc(list, func(e core.LogEntry) bool { return e.ID == p.entries[0].ID })
		}
		if known < 0 {
			p.entries = list // more than a page, or others than before
			return
		}
		p.entries = slices.Concat(list[:known], p.entries)
	}, false)
}

// more reads on where the last page ended.
func (p *presenter) more() {
	if p.end || p.loading || len(p.entries) == 0 {
		return
	}
	p.query.Before = p.entries[len(p.entries)-1].ID
	p.read(false)
}

func (p *presenter) read(reset bool) {
	p.ask(func(list []core.LogEntry) {
		if reset {
			p.entries = nil
		}
		p.entries = append(p.entries, list...)
	}, reset)
}

func (p *presenter) ask(take func([]core.LogEntry), reset bool) {
	ticket := p.ticket.Next()
	q := p.query
	q.Limit = pageSize
	p.loading = true
	p.lanes.Run(func() func() {
		list, err := p.store.LogEntries(p.ctx, q)
		return func() {
			if ticket != p.ticket {
				return
			}
			p.loading = false
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			take(list)
			p.end = len(list) < pageSize
			p.showRun()
			p.view.ShowEntries(p.entries, reset)
		}
	})
}

func (p *presenter) setRepository(id int64) {
	p.query.Repository = id
	p.reload()
}

func (p *presenter) setResult(r core.Result) {
	p.query.Result = r
	p.reload()
}

func (p *presenter) setResource(r core.Resource) {
	p.query.Resource = r
	p.reload()
}

// setPeriod shows only what happened from since on and before until; zero: whenever.
func (p *presenter) setPeriod(since, until core.MTime) {
	p.query.Since, p.query.Until = since, until
	p.reload()
}

// openRecord shows the record that an entry is about, if it is here.
func (p *presenter) openRecord(l core.Link) {
	p.lanes.Run(func() func() {
		_, err := p.store.Record(p.ctx, l)
		return func() {
			switch {
			case err == nil:
				p.view.OpenRecord(l)
			case errors.Is(err, core.ErrNotFound):
				p.view.ShowAbsent()
			default:
				p.view.ShowProblem(err)
			}
		}
	})
}

// showRun says which run is shown, when its entries are there.
func (p *presenter) showRun() {
	var began core.MTime
	if p.query.Run != "" && len(p.entries) > 0 {
		began = p.entries[len(p.entries)-1].Time
	}
	p.view.ShowRun(began)
}

// setRun shows only what one run did; "" for everything again.
func (p *presenter) setRun(run string) {
	p.query.Run = run
	p.reload()
}

// write writes all entries that the filters let through to a CSV file.
func (p *presenter) write(name string) {
	q := p.query
	q.Before, q.Limit = 0, 0
	now := p.now()
	p.lanes.Run(func() func() {
		list, err := p.store.LogEntries(p.ctx, q)
		if err == nil {
			err = transfer.Replace(name, func(w io.Writer) error { return writeCSV(w, list, now) })
		}
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowWritten(tr.N("{{.N}} entries written to {{.File}}.", len(list), tr.D{"File": name}))
		}
	})
}

// writeCSV writes entries with every field of Eden's log, one a row.
func writeCSV(w io.Writer, list []core.LogEntry, now time.Time) error {
	if _, err := io.WriteString(w, sheet.ByteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(column(details(core.LogEntry{}, now), func(l line) string { return l.Name })); err != nil {
		return err
	}
	for _, e := range list {
		if err := out.Write(column(details(e, now), func(l line) string { return sheet.Harmless(l.Value) })); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func column(row []line, of func(line) string) []string {
	out := make([]string, len(row))
	for i, l := range row {
		out[i] = of(l)
	}
	return out
}

// search waits for the next letter before it asks the store.
func (p *presenter) search(text string) {
	p.wait.Call(func() {
		p.lanes.Screen(func() {
			p.query.Search = strings.TrimSpace(text)
			p.reload()
		})
	})
}

// happened follows the log while a run goes on.
func (p *presenter) happened(e event.Event) {
	if _, ok := e.(event.Logged); ok {
		p.gate.Wish()
	}
}
