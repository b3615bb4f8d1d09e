package records

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A form is the controls of a record's fields.
type form struct {
	fields  []Field
	holders []*widgets.Field
	changed func(Field) // after every keystroke
	submit  func()      // Enter in a line
	window  fyne.Window

	host      *frame.Host
	presenter *recordPresenter
	first     fyne.Focusable // where the keyboard begins
}

// newForm makes the controls; they write into the form's own copy of the fields.
func newForm(host *frame.Host, p *recordPresenter, fields []Field, changed func(Field), submit func()) *form {
	f := &form{fields: append([]Field(nil), fields...), changed: changed, submit: submit, host: host, presenter: p, window: host.Window}
	for i := range f.fields {
		field := &f.fields[i]
		control := f.control(field)
		if focus, ok := control.(fyne.Focusable); ok && f.first == nil {
			f.first = focus
		}
		f.holders = append(f.holders, widgets.NewField(field.Label, field.Required, control, field.Hint))
	}
	return f
}

// content lays the fields out: two short ones side by side, long ones alone.
func (f *form) content() fyne.CanvasObject {
	column := widgets.Column(2)
	var left fyne.CanvasObject
	for i, h := range f.holders {
		switch {
		case f.fields[i].Input == InputArea || f.fields[i].Input == InputFile:
			if left != nil {
				column.Add(widgets.Columns(14, left, widgets.Gap(0, 0)))
				left = nil
			}
			column.Add(h)
		case left == nil:
			left = h
		default:
			column.Add(widgets.Columns(14, left, h))
			left = nil
		}
	}
	if left != nil {
		column.Add(widgets.Columns(14, left, widgets.Gap(0, 0)))
	}
	return column
}

// trouble shows what is wrong with a field.
func (f *form) trouble(name, words string) {
	for i := range f.fields {
		if f.fields[i].Name == name {
			f.holders[i].SetTrouble(words)
		}
	}
}

func (f *form) dirty() bool {
	for _, field := range f.fields {
		if field.Changed() {
			return true
		}
	}
	return false
}

func (f *form) set(field *Field, value, text string) {
	if field.Value == value {
		return
	}
	field.Value, field.Text = value, text
	f.changed(*field)
}

func (f *form) control(field *Field) fyne.CanvasObject {
	switch field.Input {
	case InputArea:
		e := widgets.NewMultiLineEntry()
		e.Wrapping = fyne.TextWrapWord
		e.SetMinRowsVisible(3)
		return f.entry(e, field)
	case InputBoolean:
		c := widgets.NewCheck(tr.L("Yes"), func(on bool) {
			value := "false"
			if on {
				value = "true"
			}
			f.set(field, value, value)
		})
		c.Checked = field.Value == "true" || field.Value == "True"
		return c
	case InputDate:
		return f.date(field)
	case InputOption:
		return f.option(field)
	case InputReference:
		return f.reference(field)
	case InputFile:
		return f.file(field)
	case InputShown:
		return widgets.NewReadable(shown(field.before))
	}
	e := widgets.NewEntry()
	e.SetPlaceHolder(map[Input]string{InputDateTime: tr.L("year-month-day hour:minute"), InputTime: tr.L("hour:minute")}[field.Input])
	return f.entry(e, field)
}

func (f *form) entry(e *widgets.Entry, field *Field) *widgets.Entry {
	e.SetText(field.Value)
	e.OnChanged = func(s string) { f.set(field, s, s) }
	if !e.MultiLine {
		e.OnSubmitted = func(string) { f.submit() }
	}
	return e
}

func (f *form) date(field *Field) fyne.CanvasObject {
	e := f.entry(widgets.NewEntry(), field)
	if f.first == nil {
		f.first = e
	}
	e.SetPlaceHolder(tr.L("year-month-day"))
	button := widgets.NewButtonWithIcon("", theme.CalendarIcon(), func() {
		day, err := time.Parse(time.DateOnly, e.Text)
		if err != nil {
			day = time.Now()
		}
		chooseDay(f.window, field.Label, day, func(t time.Time) { e.SetText(t.Format(time.DateOnly)) })
	})
	return container.NewBorder(nil, nil, nil, button, e)
}

func (f *form) option(field *Field) fyne.CanvasObject {
	var labels, values []string
	if !field.Required {
		labels, values = append(labels, "–"), append(values, "")
	}
	known := false
	for _, o := range field.Options {
		labels, values = append(labels, words.Label(o.Label)), append(values, o.Value)
		known = known || o.Value == field.Value
	}
	if !known && field.Value != "" {
		labels, values = append(labels, words.Label(field.Text)), append(values, field.Value)
	}
	c := widgets.NewChoice(labels, values, func(v string) { f.set(field, v, field.optionLabel(v)) })
	c.SetValue(field.Value)
	return c
}

func (f *form) reference(field *Field) fyne.CanvasObject {
	name := widgets.Line("")
	say := func(text string) {
		name.Importance = widget.MediumImportance
		if text == "" {
			text, name.Importance = tr.L("nothing chosen"), widget.LowImportance
		}
		name.SetText(text)
	}
	say(field.Text)
	var clear *widgets.Button
	chosen := func(l core.Link, text string) {
		field.Leads = l.Resource
		f.set(field, l.UUID, text)
		say(text)
		widgets.Show(clear, l.UUID != "" && !field.Required)
	}
	clear = widgets.Quiet(widgets.NewButtonWithIcon("", theme.ContentClearIcon(), func() { chosen(core.Link{}, "") }))
	widgets.Show(clear, field.Value != "" && !field.Required)
	choose := widgets.NewButtonWithIcon("", theme.SearchIcon(), func() { pick(f.host, f.presenter, *field, chosen) })
	return container.NewBorder(nil, nil, nil, container.NewHBox(clear, choose), widgets.Surface(name, look.ColorNeutralSoft, 0))
}
