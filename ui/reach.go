package ui

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/ui/home"
	"github.com/fieldsync/fieldsync/ui/presence"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/tray"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

var errStuck = errors.New("what the window started did not end in time")

// A notifier shows notifications: *presence.Notifier.
type notifier interface{ Show(presence.Note) }

// A reach keeps the window reachable. Hidden, it is reached through the tray icon,
// through a notification, and always by starting Fieldsync again. Its methods are
// called on the window's goroutine.
type reach struct {
	window   fyne.Window
	notifier notifier
	patience time.Duration
	screen   func(func()) // onto the window's goroutine

	hidden bool
	host   bool // somebody shows our tray icon
	told   bool // a person knows that the hidden window works on
	timer  *time.Timer
}

// beReachable lets closing hide the window instead of ending the program.
func (w *Window) beReachable(n notifier) {
	w.notifier = n
	w.reach = &reach{window: w.window, notifier: n, patience: patience, screen: fyne.Do}
	w.window.SetCloseIntercept(w.Close)
}

// start begins hidden.
func (r *reach) start() {
	r.hidden = true
	r.wait()
}

// raise shows the window above all others.
func (r *reach) raise() {
	r.hidden, r.told = false, false
	r.window.Show()
	r.window.RequestFocus()
}

func (r *reach) hide() {
	r.hidden = true
	r.window.Hide()
}

// close is what the window's close button does: it hides where the tray icon can
// bring it back, else it asks.
func (r *reach) close(quit func()) {
	if r.host {
		r.hide()
		return
	}
	text := tr.L("This desktop shows no icon for Fieldsync. It can go on syncing without its window; start Fieldsync again to see it. Your changes are safe either way.")
	var d *widgets.Dialog
	stay := widgets.Primary(widgets.NewButton(tr.L("Go on syncing"), func() { d.Hide(); r.told = true; r.hide() }))
	end := widgets.NewButton(tr.L("Quit Fieldsync"), func() { d.Hide(); quit() })
	back := widgets.NewButton(tr.L("Cancel"), func() { d.Hide() })
	d = widgets.NewDialog(r.window, tr.L("Close the window?"), 440, widgets.Text(text))
	d.SetButtons([]fyne.CanvasObject{back, end, stay})
	d.Show()
	r.window.Canvas().Focus(stay)
}

// hosted notes whether somebody shows our tray icon.
func (r *reach) hosted(there bool) {
	r.host = there
	if there {
		r.told = false
		return
	}
	r.wait()
}

// wait looks after a while whether the hidden window is still without an icon.
func (r *reach) wait() {
	if r.timer != nil {
		r.timer.Stop()
	}
	r.timer = time.AfterFunc(r.patience, func() { r.screen(r.lost) })
}

// lost makes a hidden window known for which there is no icon: by a notification,
// or if nobody shows that either, by itself.
func (r *reach) lost() {
	if !r.hidden || r.host || r.told {
		return
	}
	r.told = true
	r.notifier.Show(presence.Note{Class: "reach", Title: tr.L("Fieldsync works in the background"),
		Body: tr.L("This desktop shows no icon for it. Start Fieldsync again to see its window."),
		Done: func(shown bool) {
			if !shown {
				r.screen(r.raise)
			}
		}})
}

// trayActions are the tray's menu.
func (w *Window) trayActions() tray.Actions {
	p := w.home.Presenter()
	return tray.Actions{Open: w.reach.raise, Sync: w.home.SyncNow, Resume: p.Resume, Pause: p.PauseChosen, Quit: w.Quit}
}

// ended tells how a sync ended that was asked for with the window closed.
func (w *Window) ended(r home.Result) {
	if w.reach == nil || !w.reach.hidden {
		return
	}
	w.host.Lanes.Run(func() func() {
		settings, err := w.store.ScheduleSettings(w.host.Context)
		if err == nil && settings.Notify[core.NoticeDone] {
			w.notifier.Show(noteOfResult(r))
		}
		return nil
	})
}

// noteOfResult holds numbers and constant words only.
func noteOfResult(r home.Result) presence.Note {
	n := presence.Note{Class: string(core.NoticeDone), Title: tr.L("Sync complete"), Body: words.Sentence(r.Outcome)}
	switch {
	case r.Failed && r.Again:
		n.Title, n.Body = tr.L("The sync did not get through"), tr.L("Your changes stay on this laptop. Fieldsync goes on trying by itself.")
	case r.Failed:
		n.Title, n.Body = tr.L("The sync did not get through"), tr.L("Your changes stay on this laptop. Open Fieldsync to see what to do.")
	}
	return n
}

func noteOf(n core.Notice) presence.Note {
	title, body := words.Notice(n)
	return presence.Note{Class: string(n.Class), Title: title, Body: body}
}

var _ home.Scheduler = (*schedule.Runner)(nil)
