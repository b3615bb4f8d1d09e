//go:build !headless

package app

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/ui"
	"github.com/fieldsync/fieldsync/ui/async"
)

// A lookout is the window's life in a test that does everything on one goroutine:
// it knows whether a piece of code is on the screen's lane or on that of the work
// beside it, and who asks the database meanwhile. Every query asks for its context's
// end before it begins.
type lookout struct {
	context.Context
	screen  string // the goroutine
	opened  bool
	beside  bool // on the lane of the work
	queries int  // asked there
	wrong   map[string]bool
}

func (l *lookout) lanes() async.Lanes {
	on := func(beside bool) func(func()) {
		return func(f func()) {
			if goroutine() != l.screen { // an event of the engine's
				f()
				return
			}
			before := l.beside
			l.beside = beside
			defer func() { l.beside = before }()
			f()
		}
	}
	return async.Lanes{Work: on(true), Screen: on(false)}
}

// Done notes who asked.
func (l *lookout) Done() <-chan struct{} {
	if l.opened && goroutine() == l.screen {
		if who := asksTheDatabase(); who != "" && l.beside {
			l.queries++
		} else if who != "" {
			l.wrong[who] = true
		}
	}
	return l.Context.Done()
}

// asksTheDatabase returns which function of the window or the wiring called one of
// storage that is under way; "" if there is none.
func asksTheDatabase() (who string) {
	const module = "github.com/fieldsync/fieldsync/"
	at := make([]uintptr, 100)
	frames := runtime.CallersFrames(at[:runtime.Callers(3, at)])
	inside := false
	for {
		frame, more := frames.Next()
		inside = inside || strings.HasPrefix(frame.Function, module+"storage.")
		if inside && strings.HasPrefix(frame.Function, module+"ui/") {
			return strings.TrimPrefix(frame.Function, module)
		}
		if !more {
			return ""
		}
	}
}

// Whatever is opened, on every page and in every dialog, no query runs where the
// window is drawn.
func TestNoPageAsksTheDatabaseWhereItIsDrawn(t *testing.T) {
	l := &lookout{Context: t.Context(), screen: goroutine(), wrong: map[string]bool{}}
	w := newWalk(newGuideIn(t, l, l.lanes(), func(s ui.Store) ui.Store { return s }))
	l.opened = true
	w.everywhere(func(string) {})
	for who := range l.wrong {
		t.Errorf("%s asks the database on the window's goroutine", who)
	}
	if l.queries < 300 {
		t.Errorf("only %d queries were seen: the test looks at the wrong place", l.queries)
	}
	t.Logf("%d queries, all beside the window", l.queries)
}
