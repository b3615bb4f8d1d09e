package cli

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A schemaStore keeps schemas as the store does: one without fields is only the time
// when it was asked for.
type schemaStore struct {
	Store
	kept map[core.Resource]core.Schema
}

func (s schemaStore) Tasks(_ context.Context, repo int64) ([]core.Task, error) {
	return []core.Task{core.NewTask(repo, "org_office"), core.NewTask(repo, "org_facility")}, nil
}

func (s schemaStore) Schema(_ context.Context, r core.Resource) (core.Schema, error) {
	kept := s.kept[r]
	if len(kept.Fields) == 0 {
		return core.Schema{Fetched: kept.Fetched}, core.ErrNotFound
	}
	return kept, nil
}

func (s schemaStore) SaveSchema(_ context.Context, schema core.Schema) error {
	s.kept[schema.Resource] = schema
	return nil
}

func TestAServerIsNotAskedForItsFieldsWithEverySync(t *testing.T) {
	now, down := time.Now(), true
	asked := map[core.Resource]int{}
	n := &Node{Store: schemaStore{kept: map[core.Resource]core.Schema{}}, Log: slog.New(slog.DiscardHandler),
		Schema: func(_ context.Context, _ core.Repository, r core.Resource) (core.Schema, error) {
			asked[r]++
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
