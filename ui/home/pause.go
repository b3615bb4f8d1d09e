package home

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core/schedule"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A PauseChoice is how long runs may be kept from starting by themselves.
type PauseChoice struct {
	Words string
	From  func(now time.Time) schedule.Pause
}

// PauseChoices are the ones offered, here and in the tray.
func PauseChoices() []PauseChoice {
	return []PauseChoice{
		{tr.L("For an hour"), func(now time.Time) schedule.Pause { return schedule.PauseFor(now, time.Hour) }},
		{tr.L("Until tomorrow"), func(now time.Time) schedule.Pause { return schedule.PauseUntilTomorrow(now, now.Location()) }},
		{tr.L("Until I resume it"), schedule.PauseUntilResumed},
	}
}

// PauseChosen pauses as chosen.
func (p *Presenter) PauseChosen(c PauseChoice) { p.Pause(c.From(p.now())) }

// Resume ends a pause.
func (p *Presenter) Resume() { p.Pause(schedule.Pause{}) }

// A pauseButton offers to pause, or in a pause to resume.
type pauseButton struct {
	*widgets.Button
	presenter *Presenter
	paused    bool
}

func newPauseButton(p *Presenter) *pauseButton {
	b := &pauseButton{presenter: p}
	b.Button = widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Pause"), theme.MediaPauseIcon(), b.tapped))
	return b
}

func (b *pauseButton) set(paused bool) {
	if paused == b.paused {
		return
	}
	b.paused = paused
	b.Text, b.Icon = tr.L("Pause"), theme.MediaPauseIcon()
	if paused {
		b.Text, b.Icon = tr.L("Resume"), theme.MediaPlayIcon()
	}
	b.Refresh()
}

func (b *pauseButton) tapped() {
	if b.paused {
		b.presenter.Resume()
		return
	}
	var items []*fyne.MenuItem
	for _, c := range PauseChoices() {
		items = append(items, fyne.NewMenuItem(c.Words, func() { b.presenter.PauseChosen(c) }))
	}
	driver := fyne.CurrentApp().Driver()
	canvas := driver.CanvasForObject(b.Button)
	if canvas == nil {
		return
	}
	at := driver.AbsolutePositionForObject(b.Button).Add(fyne.NewPos(0, b.Size().Height))
	widgets.ShowMenu(canvas, at, items...)
}
