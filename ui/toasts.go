package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// toasts show a sentence for a while, in a place of its own below the page: the
// page gives way, so that nothing a person needs is covered.
type toasts struct {
	place *fyne.Container
	fades bool
	shown int
	// changed is called when the place needs more or less room.
	changed func()
}

func newToasts(fades bool) *toasts {
	t := &toasts{place: container.NewStack(), fades: fades, changed: func() {}}
	t.place.Hide()
	return t
}

// toastTime is how long a toast stays, and doTime how long one that offers to do something.
const (
	toastTime = 8 * time.Second
	doTime    = 20 * time.Second
)

// close takes the sentence away, and reports whether there was one.
func (t *toasts) close() bool {
	was := t.place.Visible()
	t.place.RemoveAll()
	t.place.Hide()
	t.changed()
	return was
}

func (t *toasts) show(text, action string, do func()) {
	t.shown++
	mine := t.shown
	away := func() {
		if mine == t.shown {
			t.close()
		}
	}
	var buttons []fyne.CanvasObject
	if action != "" {
		buttons = append(buttons, widgets.NewButton(action, func() { away(); do() }))
	}
	buttons = append(buttons, widgets.Quiet(widgets.NewButtonWithIcon("", theme.CancelIcon(), away)))
	card := widgets.Card(widgets.Actions(widgets.Text(text), buttons...))
	card.Padding = 8
	t.place.Objects = []fyne.CanvasObject{container.New(layout.NewCustomPaddedLayout(0, 12, 26, 26), widgets.Bounded(640, card))}
	t.place.Show()
	t.changed()
	if t.fades {
		stays := toastTime
		if action != "" {
			stays = doTime
		}
		time.AfterFunc(stays, func() { fyne.Do(away) })
	}
}
