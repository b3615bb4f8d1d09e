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

// pageSize is how many records are read at a time, firstPage how many at first:
// more than a screen shows.
const (
	firstPage = 60
	pageSize  = 200
)

// A listView is the list as its presenter sees it.
type listView interface {
	ShowKinds(kinds []Kind, current core.Resource)
	// ShowHead names the columns, and those that could be chosen.
	ShowHead(Head)
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
	now   func() time.Time

	head    Head
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

func newListPresenter(ctx context.Context, store Store, lanes async.Lanes, now func() time.Time, pause time.Duration, v listView) *listPresenter {
	p := &listPresenter{ctx: ctx, store: store, lanes: lanes, view: v, now: now, wait: async.Debouncer{Delay: pause}, stop: func() {}}
	p.gate = &async.Gate{Pause: 10 * pause, Do: func() { p.lanes.Screen(p.load) }}
	return p
}

// load reads what kinds of record there are, and the present list. The list does
// not wait for the kinds, whose records have to be counted.
func (p *listPresenter) load() {
	known := p.query.Resource != ""
	if known {
		p.reload()
	}
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
				first := max(0, slices.IndexFunc(kinds, func(k Kind) bool { return k.Records > 0 })) // an empty list looks as if nothing had come
				p.query.Resource = kinds[first].Resource
			}
			p.view.ShowKinds(kinds, p.query.Resource)
			if !known {
				p.reload()
			}
		}
	})
}

// open shows the list of another kind.
func (p *listPresenter) open(r core.Resource) {
	if r == p.query.Resource {
		return
	}
	p.query.Resource, p.query.Sort, p.query.Desc = r, "", false
	p.reload()
}

func (p *listPresenter) setMark(m Mark) {
	p.query.Mark = m
	p.reload()
}

// setSince shows only what was changed within the last days; 0 for whenever.
func (p *listPresenter) setSince(days int) {
	p.query.Since = 0
	if days > 0 {
		p.query.Since = core.MTimeOf(p.now().AddDate(0, 0, -days))
	}
	p.reload()
}

// sort sorts by a column; pressed again, the other way round. What was changed
// last is looked for more often than what was changed first.
func (p *listPresenter) sort(column int) {
	if column >= len(p.head.Columns) {
		return
	}
	field := p.head.Columns[column].Field
	if field == p.query.Sort {
		p.query.Desc = !p.query.Desc
	} else {
		p.query.Sort, p.query.Desc = field, field == SortChanged
	}
	p.reload()
}

// choose shows other columns and remembers it; nil for the sensible ones.
func (p *listPresenter) choose(fields []string) {
	resource := p.query.Resource
	p.lanes.Run(func() func() {
		err := choose(p.ctx, p.store, resource, fields)
		return func() {
			p.head = Head{}
			p.view.ShowProblem(err)
			p.reload()
		}
	})
}

// narrowed reports whether the list leaves records of its kind out.
func (p *listPresenter) narrowed() bool {
	return p.query.Search != "" || p.query.Since != 0 || p.query.Mark != MarkAny
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
	q, head := p.query, p.head
	q.Limit = pageSize
	if reset {
		q.Limit = firstPage
	}
	p.loading = true
	p.lanes.Run(func() func() {
		answer, err := p.ask(ctx, q, head)
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
			p.lines, p.next = append(p.lines, answer.lines...), answer.next
			if p.head = answer.head; reset {
				p.view.ShowHead(p.head)
			}
			p.view.ShowLines(p.lines, p.next == "", reset)
		}
	})
}

// An answer is a stretch of a list as it is shown.
type answer struct {
	head  Head
	lines []Line
	next  string
}

func (p *listPresenter) ask(ctx context.Context, q Query, head Head) (a answer, err error) {
	if q.Resource == "" {
		return a, nil
	}
	page, err := p.store.ListRecords(ctx, q)
	if err != nil {
		return a, err
	}
	schema, err := schemaOf(ctx, p.store, q.Resource)
	if err != nil {
		return a, err
	}
	if head.Resource != q.Resource { // while one looks at a list, its columns stay
		fields, err := chosen(ctx, p.store, q.Resource)
		if err != nil {
			return a, err
		}
		head = newHead(&schema, page.Rows, fields)
	}
	head.Sort, head.Desc = q.Sort, q.Desc
	a = answer{head: head, next: page.Next, lines: make([]Line, len(page.Rows))}
	now := p.now()
	for i := range page.Rows {
		a.lines[i] = NewLine(&page.Rows[i], &schema)
		a.lines[i].Cells = cells(&a.lines[i], &page.Rows[i].Record, head, &schema, now)
	}
	return a, nil
}
