package records

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// calendarWidth is how wide the dialog with a calendar would like to be, in points.
const calendarWidth = 360

// chooseDay lets a person choose a day from a calendar that opens at the one given.
func chooseDay(w fyne.Window, title string, day time.Time, chosen func(time.Time)) {
	var d *widgets.Dialog
	c := newCalendar(day, func(t time.Time) { d.Hide(); chosen(t) })
	d = widgets.NewDialog(w, title, calendarWidth, c.whole)
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Cancel"), func() { d.Hide() })})
	d.Show()
	w.Canvas().Focus(c.current)
}

// A calendar shows one month, whose days are chosen by pressing them.
type calendar struct {
	chosen  func(time.Time)
	day     time.Time // where it was opened
	first   time.Time // of the month that is shown
	name    *widgets.Label
	days    *fyne.Container
	whole   fyne.CanvasObject
	current *widgets.Button // the day it was opened at; nil in other months
}

// weekdays in a week, and weeks that a month can touch.
const (
	weekdays = 7
	weeks    = 6
)

func newCalendar(day time.Time, chosen func(time.Time)) *calendar {
	c := &calendar{chosen: chosen, day: day, first: firstOfMonth(day, 0), name: widgets.Strong(""), days: container.NewGridWithColumns(weekdays)}
	c.name.Alignment = fyne.TextAlignCenter
	turn := func(icon fyne.Resource, months int) *widgets.Button {
		return widgets.Quiet(widgets.NewButtonWithIcon("", icon, func() { c.show(firstOfMonth(c.first, months)) }))
	}
	head := container.NewBorder(nil, nil, turn(widgets.BackIcon(), -1), turn(widgets.ForwardIcon(), 1), c.name)
	c.whole = container.NewBorder(head, nil, nil, nil, c.days)
	c.show(c.first)
	return c
}

// firstOfMonth is the first day of the month so many months after day's.
func firstOfMonth(day time.Time, months int) time.Time {
	return time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
}

func (c *calendar) show(first time.Time) {
	c.first, c.current = first, nil
	c.name.SetText(tr.MonthYear(first))
	c.days.RemoveAll()
	begins := tr.FirstWeekday()
	for i := range weekdays {
		name := widgets.Caption(tr.ShortWeekday((begins + time.Weekday(i)) % weekdays))
		name.Alignment = fyne.TextAlignCenter
		c.days.Add(name)
	}
	before := int(first.Weekday()-begins+weekdays) % weekdays
	for i := range weeks * weekdays {
		day := first.AddDate(0, 0, i-before)
		if day.Month() != first.Month() {
			c.days.Add(widgets.Gap(0, theme.Size(theme.SizeNameText)*2)) // every month is as high as the others
			continue
		}
		c.days.Add(c.button(day))
	}
}

func (c *calendar) button(day time.Time) *widgets.Button {
	b := widgets.Quiet(widgets.NewButton(tr.Number(day.Day()), func() { c.chosen(day) }))
	if day.Format(time.DateOnly) == c.day.Format(time.DateOnly) {
		c.current = widgets.Primary(b)
	}
	return b
}
