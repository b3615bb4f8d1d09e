package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Steps show how far something has got: done, under way, to come.
type Steps struct {
	widget.BaseWidget

	Centered bool // each line of them, in the room that there is; set before it is shown

	labels []*Label
	icons  []*Icon
	now    int
	drawn  bool // as now says
}

// NewSteps returns steps of which the first is to come.
func NewSteps(names ...string) *Steps {
	s := &Steps{now: -1}
	for _, n := range names {
		s.labels = append(s.labels, NewLabel(n))
		s.icons = append(s.icons, NewIcon(theme.RadioButtonIcon()))
	}
	s.ExtendBaseWidget(s)
	s.SetNow(-1)
	return s
}

// SetNow says which step is under way: -1 none yet, the number of steps for all
// done.
func (s *Steps) SetNow(now int) {
	if now == s.now && s.drawn {
		return
	}
	s.now, s.drawn = now, true
	for i, l := range s.labels {
		l.TextStyle.Bold = i == now
		l.Importance = widget.LowImportance
		switch {
		case i < now:
			l.Importance = widget.MediumImportance
			s.icons[i].SetResource(theme.NewSuccessThemedResource(theme.ConfirmIcon()))
		case i == now:
			l.Importance = widget.HighImportance
			s.icons[i].SetResource(theme.NewPrimaryThemedResource(theme.RadioButtonCheckedIcon()))
		default:
			s.icons[i].SetResource(theme.NewDisabledResource(theme.RadioButtonIcon()))
		}
		l.Refresh()
	}
}

// Now returns the step under way.
func (s *Steps) Now() int { return s.now }

// CreateRenderer lays the steps out in a row, or in several where there is no room for that: a
// window never grows by them.
func (s *Steps) CreateRenderer() fyne.WidgetRenderer {
	row := container.New(&flow{centered: s.Centered})
	for i := range s.labels {
		row.Add(container.NewHBox(s.icons[i], s.labels[i]))
	}
	return rendered(row)
}
