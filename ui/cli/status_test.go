package cli

import (
	"context"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// A quietStore has nothing but runs.
type quietStore struct {
	Store
	runs []core.Run
}

func (quietStore) Unsent(context.Context, int64) (int, error) { return 0, nil }
func (quietStore) Conflicts(context.Context, int64, bool) ([]core.Conflict, error) {
	return nil, nil
}
func (quietStore) Quarantines(context.Context, int64) ([]core.Quarantine, error) { return nil, nil }
func (s quietStore) Runs(context.Context, int64, int) ([]core.Run, error)        { return s.runs, nil }

// What is under way, or was cut off, is stored with the result that it begins with.
func TestAFailureIsToldUntilARunEndsWell(t *testing.T) {
	runs := []core.Run{{Started: 30, Result: core.ResultSuccess}, {Finished: 20, Result: core.ResultError, Message: "Not accepted."}, {Finished: 10, Result: core.ResultSuccess}}
	state, err := stateFor(t.Context(), quietStore{runs: runs}, core.Repository{ID: 1, Name: "HQ", URL: "x", LastConnected: 10})
	if err != nil || !state.failed() || state.LastMessage != "Not accepted." || state.LastSuccess != 10 {
		t.Errorf("%+v, %v", state, err)
	}
}
