package ui

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
)

// A bug in what a page does beside the window is told to the person and to the log, and
// does not end the program.
func TestABugBesideTheWindowIsTold(t *testing.T) {
	test.NewTempApp(t)
	var said strings.Builder
	told := make(chan error, 1)
	w := &works{log: slog.New(slog.NewTextHandler(&said, nil)), tell: func(err error) { told <- err }}
	shown := false
	w.lanes().Run(func() func() {
		if !shown {
			panic("injected: a bug in a page")
		}
		return func() { shown = true }
	})
	if err := w.wait(time.Minute); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-told:
		if !core.IsKind(err, core.Internal) {
			t.Errorf("told %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("nobody was told")
	}
	if shown || !strings.Contains(said.String(), "TestABugBesideTheWindow") {
		t.Errorf("the log says %q", said.String())
	}
}
