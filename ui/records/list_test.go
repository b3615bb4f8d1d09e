package records

import (
	"context"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
)

// asking is a store that remembers what it was asked and what it was told.
type asking struct {
	Store
	queries []Query
	setting map[string]string
	kinds   []Kind
}

func (a *asking) Kinds(context.Context) ([]Kind, error) {
	if a.kinds != nil {
		return a.kinds, nil
	}
	return []Kind{{"org_office", 3}, {"pr_person", 1}}, nil
}

func (a *asking) ListRecords(_ context.Context, q Query) (ListPage, error) {
	a.queries = append(a.queries, q)
	return ListPage{Rows: rowsOf(3, core.Field{Name: "capacity", Value: core.Value{Kind: core.Integer, Str: "4"}})}, nil
}

func (a *asking) Schema(_ context.Context, r core.Resource) (core.Schema, error) {
	s := office
	s.Resource = r
	return s, nil
}

func (a *asking) Setting(_ context.Context, key string) (string, error) {
	if v, ok := a.setting[key]; ok {
		return v, nil
	}
	return "", core.ErrNotFound
}

func (a *asking) SetSetting(_ context.Context, key, value string) error {
	a.setting[key] = value
	return nil
}

func (a *asking) last() Query { return a.queries[len(a.queries)-1] }

type listScreen struct {
	head  Head
	lines []Line
}

func (s *listScreen) ShowKinds([]Kind, core.Resource)       {}
func (s *listScreen) ShowHead(h Head)                       { s.head = h }
func (s *listScreen) ShowLines(l []Line, whole, reset bool) { s.lines = l }
func (s *listScreen) ShowProblem(error)                     {}

func newList(t *testing.T, now time.Time) (*listPresenter, *asking, *listScreen) {
	store, screen := &asking{setting: map[string]string{}}, &listScreen{}
	p := newListPresenter(t.Context(), store, async.Direct(), func() time.Time { return now }, 0, screen)
	p.load()
	return p, store, screen
}

// Whoever opens the page sees records, if there are any of whatever kind.
func TestThePageOpensWithAKindOfWhichThereIsSomething(t *testing.T) {
	for want, kinds := range map[core.Resource][]Kind{
		"org_office":       {{"org_organisation", 0}, {"org_office", 3}, {"pr_person", 9}},
		"org_organisation": {{"org_organisation", 0}, {"org_office", 0}},
	} {
		store := &asking{setting: map[string]string{}, kinds: kinds}
		p := newListPresenter(t.Context(), store, async.Direct(), time.Now, 0, &listScreen{})
		if p.load(); p.query.Resource != want {
			t.Errorf("of %v it opens with %s", kinds, p.query.Resource)
		}
	}
}

func TestPressingAColumnSortsByItAndPressingAgainTurnsItRound(t *testing.T) {
	p, store, screen := newList(t, time.Now())
	capacity := -1
	for i, c := range screen.head.Columns {
		if c.Field == "capacity" {
			capacity = i
		}
	}
	p.sort(capacity)
	if q := store.last(); q.Sort != "capacity" || q.Desc || screen.head.Sorted() != capacity {
		t.Errorf("asked for %+v", q)
	}
	p.sort(capacity)
	if q := store.last(); q.Sort != "capacity" || !q.Desc || !screen.head.Desc {
		t.Errorf("asked for %+v", q)
	}
	p.sort(len(screen.head.Columns) - 1)
	if q := store.last(); q.Sort != SortChanged || !q.Desc {
		t.Errorf("what was changed last does not come first: %+v", q)
	}
	p.open("pr_person")
	if q := store.last(); q.Sort != "" || q.Desc {
		t.Errorf("another kind is sorted by a field of the first: %+v", q)
	}
}

func TestTheChoiceOfColumnsIsRememberedForEachKind(t *testing.T) {
	p, store, screen := newList(t, time.Now())
	p.choose([]string{"kind"})
	if got := fieldsOf(screen.head.Columns); len(got) != 2 || got[1] != "kind" {
		t.Errorf("shown are %q", got)
	}
	p.open("pr_person")
	if got := fieldsOf(screen.head.Columns); len(got) == 2 {
		t.Errorf("another kind shows %q", got)
	}
	again := newListPresenter(t.Context(), store, async.Direct(), time.Now, 0, screen)
	again.load()
	if got := fieldsOf(screen.head.Columns); len(got) != 2 || got[1] != "kind" {
		t.Errorf("after a restart %q are shown", got)
	}
}

func TestWhatWasChangedLatelyIsAskedForByDays(t *testing.T) {
	now := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	p, store, _ := newList(t, now)
	p.setSince(7)
	if got := store.last().Since; got != core.MTimeOf(now.AddDate(0, 0, -7)) {
		t.Errorf("asked since %v", got)
	}
	p.setSince(0)
	if got := store.last().Since; got != 0 {
		t.Errorf("asked since %v, want whenever", got)
	}
}
