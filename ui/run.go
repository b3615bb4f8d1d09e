package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/ui/async"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Run shows the window and returns when it was closed or ctx ended. It must be
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
