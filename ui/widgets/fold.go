package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Fold is a line that shows more when it is pressed, and hides it again.
type Fold struct {
	widget.BaseWidget

	// OnTurned is told when it has another height, where what is around it has to give way.
	OnTurned func()

	head *Button
	more fyne.CanvasObject
}

// NewFold returns a fold that is shut.
func NewFold(title string, more fyne.CanvasObject) *Fold {
	f := &Fold{OnTurned: func() {}, more: more}
	f.head = Quiet(NewButtonWithIcon(title, theme.MenuDropDownIcon(), f.turn))
	f.head.AlignBegin()
	f.more.Hide()
	f.ExtendBaseWidget(f)
	return f
}

// turn opens what is shut, and shuts what is open.
func (f *Fold) turn() {
	open := !f.more.Visible()
	Show(f.more, open)
	f.head.Icon = theme.MenuDropDownIcon()
	if open {
		f.head.Icon = theme.MenuDropUpIcon()
	}
	f.head.Refresh()
	f.Refresh()
	f.OnTurned()
}

// CreateRenderer puts what is shown below the line.
func (f *Fold) CreateRenderer() fyne.WidgetRenderer {
	return rendered(Column(theme.Size(theme.SizeNamePadding), f.head, f.more))
}
