package practice

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

func TestABugInThePracticeRepositoryEndsOnlyThat(t *testing.T) {
	var said strings.Builder
	p := &Practice{ended: make(chan error, 1), stop: func() {}}
	p.run(slog.New(slog.NewTextHandler(&said, nil)), func() error { panic("injected: a bug in answering") })
	if err := p.Close(); !core.IsKind(err, core.Internal) || !strings.Contains(said.String(), "injected: a bug in answering") {
		t.Errorf("it ended with %v; the log says %q", err, said.String())
	}
}
