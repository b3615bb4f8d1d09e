package storage

import (
	"errors"
	"testing"
)

// SQLite's levels of PRAGMA synchronous.
const (
	syncNormal = 1
	syncFull   = 2
)

// What is not waited for leaves everything else as it is: whoever stores next waits for
// the disk again, also after a transaction that failed.
func TestOnlyWhatMayBeLostWithItsRunIsNotWaitedFor(t *testing.T) {
	db := opened(t)
	failed := errors.New("injected")
	level := func(in func(fn func(*tx) error) error, end error) (got int) {
		t.Helper()
		err := in(func(x *tx) error {
			if err := x.q().QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&got); err != nil {
				return err
			}
			return errors.Join(x.setSetting("test", "a"), end)
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		return got
	}
	stored := func(fn func(*tx) error) error { return db.inTx(t.Context(), "test", fn) }
	aside := func(fn func(*tx) error) error {
		done, err := db.aside(t.Context(), "test", fn)
		if err == nil && !done {
			return errors.New("not done")
		}
		return err
	}
	hurried := func(fn func(*tx) error) error { return db.inTxUnwaited(t.Context(), "test", fn) }
	for i, step := range []struct {
		in   func(func(*tx) error) error
		end  error
		want int
	}{
		{stored, nil, syncFull}, {hurried, nil, syncNormal}, {stored, nil, syncFull}, {hurried, failed, syncNormal}, {aside, nil, syncFull},
		{hurried, nil, syncNormal}, {hurried, nil, syncNormal}, {stored, failed, syncFull}, {stored, nil, syncFull},
	} {
		if got := level(step.in, step.end); got != step.want {
			t.Errorf("step %d: synchronous is %d, want %d", i, got, step.want)
		}
	}
}
