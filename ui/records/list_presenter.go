package records

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/words"
)

// pageSize is how many records are read at a time.
const pageSize = 200

// A listView is the list as its presenter sees it.
type listView interface {
	ShowKinds(kinds []Kind, current core.Resource)
	// ShowLines shows all lines read so far; whole means that there are no more.
	ShowLines(lines []Line, whole, reset bool)
	ShowProblem(error)
}

// A listPresenter reads lists stretch by stretch, so that a long one is as quick
// as a short one.
type listPresenter struct {
	ctx   context.Context // the window's life
	store Store
	lanes async.Lanes
	view  listView

	query   Query
	kinds   []Kind
	lines   []Line
	next    string
	loading bool
	ticket  async.Ticket
	wait    async.Debouncer
	gate    *async.Gate
	stop    context.CancelFunc // ends the query that an answer is no longer wanted of
}

func newListPresenter(ctx context.Context, store Store, lanes async.Lanes, pause time.Duration, v listView) *listPresenter {
	p := &listPresenter{ctx: ctx, store: store, lanes: lanes, view: v, wait: async.Debouncer{Delay: pause}, stop: func() {}}
	p.gate = &async.Gate{Pause: 10 * pause, Do: func() { p.lanes.Screen(p.load) }}
	return p
}

// load reads what kinds of record there are, and the present list.
func (p *listPresenter) load() {
	p.lanes.Run(func() func() {
		kinds, err := p.store.Kinds(p.ctx)
		slices.SortStableFunc(kinds, func(a, b Kind) int { return words.Compare(a.Resource, b.Resource) })
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.kinds = kinds
			if p.query.Resource == "" && len(kinds) > 0 {
				p.query.Resource = kinds[0].Resource
			}
			p.view.ShowKinds(kinds, p.query.Resource)
			p.reload()
		}
	})
}

// open shows the list of another kind.
func (p *listPresenter) open(r core.Resource) {
	if r == p.query.Resource {
		return
	}
	p.query.Resource = r
	p.reload()
}

func (p *listPresenter) setMark(m Mark) {
	p.query.Mark = m
	p.reload()
}

func (p *listPresenter) setNewest(on bool) {
	p.query.Newest = on
	p.reload()
}

// search waits for the next letter before it asks the store.
func (p *listPresenter) search(text string) {
	p.wait.Call(func() {
		p.lanes.Screen(func() {
			if text = strings.TrimSpace(text); text != p.query.Search {
				p.query.Search = text
				p.reload()
			}
		})
	})
}

// happened follows records that change while they are shown.
func (p *listPresenter) happened(e event.Event) {
	switch e.(type) {
	case event.Changed, event.RunFinished:
		p.gate.Wish()
	}
}

// reload reads the list from its top.
func (p *listPresenter) reload() {
	p.query.After = ""
	p.read(true)
}

// more reads on.
func (p *listPresenter) more() {
	if p.next == "" || p.loading {
		return
	}
	p.query.After = p.next
	p.read(false)
}

func (p *listPresenter) read(reset bool) {
	ticket := p.ticket.Next()
	p.stop()
	ctx, stop := context.WithCancel(p.ctx)
	p.stop = stop
	q := p.query
	q.Limit = pageSize
	p.loading = true
	p.lanes.Run(func() func() {
		page, lines, err := p.readLines(ctx, q)
		return func() {
			if ticket != p.ticket {
				return
			}
			p.loading = false
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			if reset {
				p.lines = nil
			}
			p.lines, p.next = append(p.lines, lines...), page.Next
			p.view.ShowLines(p.lines, page.Next == "", reset)
		}
	})
}

func (p *listPresenter) readLines(ctx context.Context, q Query) (ListPage, []Line, error) {
	if q.Resource == "" {
		return ListPage{}, nil, nil
	}
	page, err := p.store.ListRecords(ctx, q)
	if err != nil {
		return page, nil, err
	}
	schema, err := schemaOf(ctx, p.store, q.Resource)
	lines := make([]Line, len(page.Rows))
	for i := range page.Rows {
		lines[i] = NewLine(&page.Rows[i], &schema)
	}
	return page, lines, err
}
