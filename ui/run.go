package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/look"
)

// Run shows the window and returns when it was closed or ctx ended. It must be
// called on the main goroutine.
func Run(ctx context.Context, app fyne.App, deps Deps) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if deps.Now == nil {
		deps.Now = time.Now
	}
	app.Settings().SetTheme(look.Theme{})
	w := NewWindow(ctx, app, deps, lanes(), followPause)
	stop := context.AfterFunc(ctx, func() { fyne.Do(app.Quit) })
	defer stop()
	w.window.Show()
	app.Run()
	w.home.Close()
	return nil
}

// lanes is the one hand-over between goroutines in the program.
func lanes() async.Lanes {
	return async.Lanes{Work: func(f func()) { go f() }, Screen: fyne.Do}
}
