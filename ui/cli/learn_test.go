package cli

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A schemaStore keeps schemas as the store does: one without fields is only the time
// when it was asked for.
type schemaStore struct {
	Store
	mu   *sync.Mutex
	kept map[core.Resource]core.Schema
}

func (s schemaStore) Tasks(_ context.Context, repo int64) ([]core.Task, error) {
	return []core.Task{core.NewTask(repo, "org_office"), core.NewTask(repo, "org_facility")}, nil
}

func (s schemaStore) Schema(_ context.Context, r core.Resource) (core.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.kept[r]
	if len(kept.Fields) == 0 {
		return core.Schema{Fetched: kept.Fetched}, core.ErrNotFound
	}
	return kept, nil
}

func (s schemaStore) SaveSchema(_ context.Context, schema core.Schema) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[schema.Resource] = schema
	return nil
}

func TestAServerIsNotAskedForItsFieldsWithEverySync(t *testing.T) {
	now, down := time.Now(), true
	asked, mu := map[core.Resource]int{}, sync.Mutex{}
	n := &Node{Store: schemaStore{mu: &sync.Mutex{}, kept: map[core.Resource]core.Schema{}}, Log: slog.New(slog.DiscardHandler),
		Schema: func(_ context.Context, _ core.Repository, r core.Resource) (core.Schema, error) {
			mu.Lock()
			asked[r]++
			mu.Unlock()
			s := core.Schema{Resource: r, Fetched: core.MTimeOf(now)}
			switch {
			case r == "org_office":
				s.Fields = []core.FieldSchema{{Name: "name"}}
				return s, nil
			case down:
				return s, &core.Problem{Kind: core.Unreachable}
			}
			return s, &core.Problem{Kind: core.UnknownResource}
		}}
	want := func(offices, facilities int) {
		t.Helper()
		Learn(t.Context(), n, core.Repository{ID: 1})
		if asked["org_office"] != offices || asked["org_facility"] != facilities {
			t.Errorf("asked %v, want %d and %d", asked, offices, facilities)
		}
	}
	want(1, 1)
	want(1, 2) // a server that did not answer is asked again
	down = false
	want(1, 3)
	want(1, 3) // it has no description, and said so
	now = now.Add(-25 * time.Hour)
	n.Store.(schemaStore).kept["org_facility"] = core.Schema{Resource: "org_facility", Fetched: core.MTimeOf(now).Add(noSchemaLife - schemaLife)}
	want(1, 4) // a day later it may have one
}

// Over a slow line somebody waits for it at a terminal: the server is asked for some tables at
// a time, for not too many, and for what is a component of several once.
func TestAServerIsAskedForSomeTablesAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most, asked atomic.Int64
		n := &Node{Store: schemaStore{mu: &sync.Mutex{}, kept: map[core.Resource]core.Schema{}}, Log: slog.New(slog.DiscardHandler),
			Schema: func(_ context.Context, _ core.Repository, r core.Resource) (core.Schema, error) {
				most.Store(max(most.Load(), now.Add(1)))
				asked.Add(1)
				time.Sleep(time.Second)
				now.Add(-1)
				s := core.Schema{Resource: r, Fetched: core.MTimeOf(time.Now()), Fields: []core.FieldSchema{{Name: "name"}}}
				if r == "org_office" || r == "org_facility" {
					for i := range 4 {
						s.Components = append(s.Components, core.ComponentSchema{Resource: core.Resource(fmt.Sprintf("org_part%d", i))})
					}
				}
				return s, nil
			}}
		began := time.Now()
		Learn(t.Context(), n, core.Repository{ID: 1})
		if took := time.Since(began); took != 3*time.Second || most.Load() != schemasAtOnce || asked.Load() != 6 {
			t.Errorf("it took %v, %d at a time at most, %d in all", took, most.Load(), asked.Load())
		}
	})
}
