package conflicts

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/ui/async"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Store is what the page needs of the replica.
type Store interface {
	Repositories(ctx context.Context) ([]core.Repository, error)
	Conflicts(ctx context.Context, repo int64, openOnly bool) ([]core.Conflict, error)
	Quarantines(ctx context.Context, repo int64) ([]core.Quarantine, error)
	Schema(ctx context.Context, r core.Resource) (core.Schema, error)
	Record(ctx context.Context, l core.Link) (core.Record, error)
	// ResolveConflict carries out a decision: winner is "ours", "theirs", or
	// "both" with mixed.
	ResolveConflict(ctx context.Context, id int64, winner string, mixed *core.Record, seen core.Hash, by string) error
	// ReopenConflicts takes decisions back, all in one, of which nothing has become yet, and
	// returns how many.
	ReopenConflicts(ctx context.Context, ids []int64, by string) (int, error)
	// Alive counts the records of a resource.
	Alive(ctx context.Context, r core.Resource) (int, error)
	RetryQuarantine(ctx context.Context, id int64) error
	// Namesakes returns the other records of its table with the name of each; Merge makes
	// one of two.
	Namesakes(ctx context.Context, links []core.Link) (map[core.Link][]core.Link, error)
	Merge(ctx context.Context, from, into core.Link, by string) error
}

// An Engine makes runs.
type Engine interface {
	Sync(ctx context.Context, repo core.Repository, opts replicate.Options) (core.Run, error)
	// RefuseHeld keeps the records of a resource whose deletions were held, and
	// returns how many.
	RefuseHeld(ctx context.Context, repo core.Repository, resource core.Resource, by string) (int, error)
}

// A Case is one entry of the list; one of the three is set.
type Case struct {
	Question *Question
	Refusal  *Refusal
	Held     *Held
}

// same reports whether both are about the same, whatever became of it meanwhile.
func (c Case) same(other Case) bool {
	switch {
	case c.Question != nil && other.Question != nil:
		return c.Question.Conflict.ID == other.Question.Conflict.ID
	case c.Refusal != nil && other.Refusal != nil:
		return c.Refusal.Quarantine.ID == other.Refusal.Quarantine.ID
	case c.Held != nil && other.Held != nil:
		return c.Held.Repository.ID == other.Held.Repository.ID && c.Held.Resource == other.Held.Resource
	}
	return false
}

// unchanged reports whether both are about the same and a person would read the same.
func (c Case) unchanged(other Case) bool {
	if !c.same(other) {
		return false
	}
	switch {
	case c.Question != nil:
		ours, theirs := other.Question.Conflict.Ours, other.Question.Conflict.Theirs
		return c.Question.Conflict.Ours.Hash() == ours.Hash() && c.Question.Conflict.Theirs.Hash() == theirs.Hash()
	case c.Held != nil:
		return c.Held.Count == other.Held.Count && c.Held.All == other.Held.All
	}
	return reflect.DeepEqual(*c.Refusal, *other.Refusal)
}

// A Refusal is a record that a server refused, or one of a server's that could
// not be applied here.
type Refusal struct {
	Quarantine  core.Quarantine
	Title, Kind string
	Where       string
	When        string
	Deleted     bool       // here
	Namesakes   []Namesake // if it was kept back because of them
}

// Held are deletions that wait for a word.
type Held struct {
	Repository core.Repository
	Resource   core.Resource
	Kind       string // in the plural
	Count      int
	All        int // how many of the resource there are here
}

type view interface {
	ShowCases([]Case)
	ShowDone(words string)
	ShowDecided(words string, undo func())
	ShowProblem(error)
}

type presenter struct {
	ctx    context.Context // the window's life
	store  Store
	engine Engine
	lanes  async.Lanes
	now    func() time.Time
	by     string
	view   view

	ticket async.Ticket
	gate   *async.Gate
	cases  []Case
}

func newPresenter(ctx context.Context, store Store, engine Engine, lanes async.Lanes, now func() time.Time, by string, pause time.Duration, v view) *presenter {
	p := &presenter{ctx: ctx, store: store, engine: engine, lanes: lanes, now: now, by: by, view: v}
	p.gate = &async.Gate{Pause: 10 * pause, Do: func() { p.lanes.Screen(p.load) }}
	return p
}

// load reads what waits for a person.
func (p *presenter) load() {
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		cases, err := p.read()
		return func() {
			if ticket != p.ticket {
				return
			}
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.cases = cases
			p.view.ShowCases(cases)
		}
	})
}

func (p *presenter) read() ([]Case, error) {
	repositories, err := p.store.Repositories(p.ctx)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]core.Repository)
	for _, r := range repositories {
		at[r.ID] = r
	}
	conflicts, err := p.store.Conflicts(p.ctx, 0, true)
	if err != nil {
		return nil, err
	}
	quarantines, err := p.store.Quarantines(p.ctx, 0)
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, h := range heldOf(quarantines, at) {
		if h.All, err = p.store.Alive(p.ctx, h.Resource); err != nil {
			return nil, err
		}
		cases = append(cases, Case{Held: &h})
	}
	for _, c := range conflicts {
		schema, err := p.schema(c.Record.Resource)
		if err != nil {
			return nil, err
		}
		q := newQuestion(c, &schema, at[c.RepositoryID].Name, func(m core.MTime) string { return words.When(m, p.now()) })
		cases = append(cases, Case{Question: &q})
	}
	for _, q := range quarantines {
		if q.Reason == core.HeldDeletion && !q.Outgoing {
			continue
		}
		r, err := p.refusal(q, at[q.RepositoryID].Name)
		if err != nil {
			return nil, err
		}
		cases = append(cases, Case{Refusal: &r})
	}
	return cases, nil
}

// heldOf sums held deletions up by repository and resource, in the order met.
func heldOf(quarantines []core.Quarantine, at map[int64]core.Repository) (out []Held) {
	type key struct {
		repo     int64
		resource core.Resource
	}
	place := map[key]int{}
	for _, q := range quarantines {
		if q.Outgoing || q.Reason != core.HeldDeletion {
			continue
		}
		k := key{q.RepositoryID, q.Record.Resource}
		i, ok := place[k]
		if !ok {
			i = len(out)
			place[k] = i
			out = append(out, Held{Repository: at[q.RepositoryID], Resource: q.Record.Resource, Kind: words.Many(q.Record.Resource, nil)})
		}
		out[i].Count++
	}
	return out
}

func (p *presenter) schema(r core.Resource) (core.Schema, error) {
	s, err := p.store.Schema(p.ctx, r)
	if errors.Is(err, core.ErrNotFound) {
		err = nil
	}
	return s, err
}

func (p *presenter) refusal(q core.Quarantine, where string) (Refusal, error) {
	r := Refusal{Quarantine: q, Kind: words.One(q.Record.Resource, nil), Where: where, When: words.When(q.Since, p.now())}
	rec, err := p.store.Record(p.ctx, q.Record)
	switch {
	case errors.Is(err, core.ErrNotFound):
		r.Title = titleAside(q)
	case err != nil:
		return r, err
	default:
		r.Title, r.Deleted = words.Title(&rec, nil), rec.Deleted
	}
	if q.Namesake() {
		r.Namesakes, err = p.namesakes(q.Record)
		return r, err
	}
	return r, nil
}

// titleAside names a record that never came to be here by what the server sent of it.
func titleAside(q core.Quarantine) string {
	rec, err := s3xml.ParseRecord(q.Content)
	if err != nil { // that is why it was set aside
		rec = core.Record{Resource: q.Record.Resource}
	}
	return words.Title(&rec, nil)
}

// happened follows what comes up while the page is shown.
func (p *presenter) happened(e event.Event) {
	switch e.(type) {
	case event.ConflictFound, event.RunFinished:
		p.gate.Wish()
	}
}

// decide carries out the choices of a question.
func (p *presenter) decide(q Question) {
	winner, mixed := q.Verdict()
	p.resolve([]Question{q}, func(Question) (string, *core.Record) { return winner, mixed })
}

// decideWhole lets one side's whole version stand.
func (p *presenter) decideWhole(questions []Question, side Side) {
	p.resolve(questions, func(Question) (string, *core.Record) {
		if side == Mine {
			return "ours", nil
		}
		return "theirs", nil
	})
}

func (p *presenter) resolve(questions []Question, verdict func(Question) (string, *core.Record)) {
	p.lanes.Run(func() func() {
		var done []int64
		var sent bool
		var failed error
		for _, q := range questions {
			winner, mixed := verdict(q)
			if failed = p.store.ResolveConflict(p.ctx, q.Conflict.ID, winner, mixed, q.Conflict.Ours.Hash(), p.by); failed != nil {
				break
			}
			done = append(done, q.Conflict.ID)
			sent = sent || winner != "theirs"
		}
		return func() {
			p.view.ShowProblem(failed)
			switch {
			case len(done) > 0 && !sent: // the server has it already
				p.view.ShowDecided(tr.N("{{.N}} records decided.", len(done)), func() { p.reopen(done) })
			case len(done) > 0:
				p.view.ShowDecided(tr.N("{{.N}} records decided. They are sent with the next sync.", len(done)), func() { p.reopen(done) })
			}
			p.load()
		}
	})
}

// reopen asks again what was decided, however many they were.
func (p *presenter) reopen(decided []int64) {
	p.lanes.Run(func() func() {
		n, err := p.store.ReopenConflicts(p.ctx, decided, p.by)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				said := tr.N("{{.N}} records wait for your decision again.", n)
				if stay := len(decided) - n; stay > 0 {
					said += " " + tr.N("{{.N}} were sent or changed meanwhile, and stay as they were decided.", stay)
				}
				p.view.ShowDone(said)
			}
			p.load()
		}
	})
}

// similar returns the open questions of the same kind.
func (p *presenter) similar(q Question) (all []Question) {
	for _, c := range p.cases {
		if c.Question != nil && c.Question.Conflict.Record.Resource == q.Conflict.Record.Resource {
			all = append(all, *c.Question)
		}
	}
	return all
}

// alike returns what the same repository refused, or what of it was set aside here, of the
// same kind. What is kept back because of its name waits for a person, one by one.
func (p *presenter) alike(r Refusal) (all []Refusal) {
	for _, c := range p.cases {
		if c.Refusal == nil || c.Refusal.Quarantine.Namesake() {
			continue
		}
		q, like := c.Refusal.Quarantine, r.Quarantine
		if q.RepositoryID == like.RepositoryID && q.Outgoing == like.Outgoing && q.Record.Resource == like.Record.Resource {
			all = append(all, *c.Refusal)
		}
	}
	return all
}

// retry lets records that were set aside be tried again with the next sync.
func (p *presenter) retry(all ...Refusal) {
	p.lanes.Run(func() func() {
		done := 0
		var failed error
		for _, r := range all {
			err := p.store.RetryQuarantine(p.ctx, r.Quarantine.ID)
			if errors.Is(err, core.ErrNotFound) && len(all) > 1 {
				continue // it went by itself meanwhile
			}
			if failed = err; failed != nil {
				break
			}
			done++
		}
		return func() {
			p.view.ShowProblem(failed)
			switch {
			case done > 0 && len(all) == 1:
				p.view.ShowDone(tr.L("It is tried again with the next sync."))
			case done > 0:
				p.view.ShowDone(tr.N("{{.N}} records are tried again with the next sync.", done))
			}
		}
	})
}

// refuse keeps the records whose deletions were held.
func (p *presenter) refuse(h Held) {
	p.lanes.Run(func() func() {
		kept, err := p.engine.RefuseHeld(p.ctx, h.Repository, h.Resource, p.by)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				p.view.ShowDone(tr.N("{{.N}} deletions refused. The records stay, and are sent again with the next sync.", kept))
			}
			p.load()
		}
	})
}

// confirm lets the held deletions through.
func (p *presenter) confirm(h Held) {
	p.lanes.Run(func() func() {
		_, err := p.engine.Sync(p.ctx, h.Repository, replicate.Options{Resources: []core.Resource{h.Resource}, Confirm: true})
		return func() {
			p.view.ShowProblem(err)
			p.load()
		}
	})
}
