package cli

import (
	"context"
	"io"
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

// A script learns from the exit code what a person reads.
func TestACheckedStatusChoosesTheExitCode(t *testing.T) {
	good := repositoryState{URL: "https://hq.example.org", LastConnected: 10, LastSuccess: 10, LastResult: core.ResultSuccess}
	for _, tt := range []struct {
		name   string
		change func(*repositoryState)
		want   int
	}{
		{"everything is there", func(*repositoryState) {}, exitDone},
		{"it warned of something", func(s *repositoryState) { s.LastResult = core.ResultWarning }, exitDone},
		{"a peer only calls us", func(s *repositoryState) { *s = repositoryState{Unsent: 3, stranger: true} }, exitDone},
		{"something waits", func(s *repositoryState) { s.Unsent = 1 }, exitLater},
		{"no sync yet", func(s *repositoryState) { *s = repositoryState{URL: s.URL} }, exitLater},
		{"the last one failed", func(s *repositoryState) { s.LastResult = core.ResultError }, exitLater},
		{"something was set aside", func(s *repositoryState) { s.SetAside = 1 }, exitLater},
		{"somebody must set something right", func(s *repositoryState) { s.LastResult = core.ResultFatal }, exitPerson},
		{"stopped", func(s *repositoryState) { s.Stopped = "HQ refused the password." }, exitPerson},
		{"changed on both sides", func(s *repositoryState) { s.Unsent, s.Conflicts = 1, 1 }, exitPerson},
		{"refused", func(s *repositoryState) { s.Unsent, s.Refused = 1, 1 }, exitPerson},
		{"deletions are held", func(s *repositoryState) { s.SetAside, s.Held = 30, 30 }, exitPerson},
	} {
		t.Run(tt.name, func(t *testing.T) {
			state := good
			tt.change(&state)
			c := &commands{started: true, io: IO{Out: io.Discard, Err: io.Discard}}
			if got := c.report(nil, checked([]repositoryState{good, state})); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
	if err := checked(nil); err != nil {
		t.Errorf("without a server: %v", err)
	}
}
