package ui

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/presence"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/tray"
)

// patience is how long a hidden window waits for a place where its icon can be
// seen before it makes itself known in another way: panels start after us.
const patience = 30 * time.Second

// leaveTime bounds how long what the pages started may take to end.
const leaveTime = time.Minute

// Run shows the window, or with deps.Hidden its tray icon alone, and returns when
// somebody quit or ctx ended; what the pages started has ended then. It must be
// called on the main goroutine.
func Run(ctx context.Context, app fyne.App, deps Deps) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if err := tr.UsePerson(deps.Preferences.Language); err != nil {
		deps.Log.Warn("Fyne's own texts", "err", err)
	}
	app.Settings().SetTheme(themeOf(deps.Preferences))
	var w *Window
	work := &works{log: deps.Log, tell: func(err error) { w.host.Problem(err) }}
	w = NewWindow(ctx, app, deps, work.lanes(), followPause)
	notifier := presence.NewNotifier(app, tr.L("Open Fieldsync"), func() { fyne.Do(w.reach.raise) })
	w.beReachable(notifier)
	if presence.HasBus() {
		if desk, ok := tray.DeskOf(app); ok {
			w.tray = tray.New(desk, w.trayActions())
			app.Lifecycle().SetOnStarted(w.tray.Started)
		}
	}
	work.do(func() { presence.WatchHost(ctx, func(there bool) { fyne.Do(func() { w.reach.hosted(there) }) }) })
	work.do(func() { notifier.Serve(ctx) })
	work.do(func() { w.answer(ctx, deps) })
	if os.Getenv(pausesVariable) != "" {
		work.do(func() { logPauses(ctx, deps.Log) })
	}
	stop := context.AfterFunc(ctx, func() { fyne.Do(app.Quit) })
	if deps.Hidden {
		w.reach.start()
	} else {
		w.window.Show()
	}
	there := deps.Hidden || drawn(w.window)
	if there {
		app.Run()
	}
	stop()
	cancel()
	if w.tray != nil {
		w.tray.Ended()
	}
	w.home.Close()
	err := work.wait(leaveTime)
	if !there {
		err = errors.Join(undrawn(), err)
	}
	return err
}

// answer raises the window at every summons and shows every notice.
func (w *Window) answer(ctx context.Context, deps Deps) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-deps.Summons:
			fyne.Do(func() { w.summon(s) })
		case n := <-deps.Notices:
			w.notifier.Show(noteOf(n))
		}
	}
}

// summon raises the window, and begins to set up from a file if that is wanted.
func (w *Window) summon(s Summons) {
	w.reach.raise()
	if s.SetupFile != "" {
		w.host.Guard(func() { w.OpenSetup(s.SetupFile) })
	}
}

// works are the goroutines that the window started. A bug in one of them is told, and
// does not end the program; what is drawn happens on Fyne's own goroutine.
type works struct {
	group sync.WaitGroup
	log   *slog.Logger
	tell  func(error) // a person; on the window's goroutine
}

func (w *works) do(f func()) {
	w.group.Go(func() {
		err := core.Careful(w.log, "work beside the window", func() error { f(); return nil })
		if err != nil {
			fyne.Do(func() { w.tell(err) })
		}
	})
}

// lanes is the one hand-over between goroutines in the program.
func (w *works) lanes() async.Lanes { return async.Lanes{Work: w.do, Screen: fyne.Do} }

// wait waits for all of them, no longer than the time given.
func (w *works) wait(most time.Duration) error {
	ended := make(chan struct{})
	go func() { w.group.Wait(); close(ended) }()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ended:
		return nil
	case <-timer.C:
		return errStuck
	}
}
