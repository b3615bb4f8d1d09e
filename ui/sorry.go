package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// Sorry says in a window of its own why the program cannot start: a person who
// clicked on its icon sees no terminal. It returns when that is closed or ctx
// ended, and must be called on the main goroutine. prefs is what is known of how the
// person likes the window. It reports whether there was a window to say it in.
func Sorry(ctx context.Context, app fyne.App, prefs core.Preferences, err error) bool {
	_ = tr.UsePerson(prefs.Language) // Fyne's own texts do not appear here
	app.Settings().SetTheme(themeOf(prefs))
	w := newSorry(app, err)
	stop := context.AfterFunc(ctx, func() { fyne.Do(app.Quit) })
	defer stop()
	w.Show()
	if !drawn(w) {
		return false
	}
	app.Run()
	return true
}

func newSorry(app fyne.App, err error) fyne.Window {
	w := newWindow(app)
	w.SetIcon(look.WindowIcon())
	w.SetMaster()
	closed := widgets.Primary(widgets.NewButton(tr.L("Close"), w.Close))
	body := widgets.Column(8, widgets.Heading(tr.L("Fieldsync cannot start")), frame.ProblemText(core.AsProblem(err)))
	w.SetContent(widgets.Turned(container.New(layout.NewCustomPaddedLayout(16, 16, 20, 20), container.NewBorder(nil, container.NewBorder(nil, nil, nil, widgets.Wide(100, closed)), nil, nil, widgets.Scrolled(body)))))
	w.Resize(fyne.NewSize(560, 360))
	return w
}
