package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Field is a label above a control, with room below for what is wrong or what
// helps.
type Field struct {
	widget.BaseWidget

	label, note *Label
	control     fyne.CanvasObject
	hint        string
}

// NewField returns a field; a required one carries a star.
func NewField(label string, required bool, control fyne.CanvasObject, hint string) *Field {
	if required {
		label += " *"
	}
	f := &Field{label: Strong(label), note: Caption(""), control: control, hint: hint}
	f.note.Wrapping = fyne.TextWrapWord
	f.ExtendBaseWidget(f)
	f.SetTrouble("")
	return f
}

// SetTrouble shows what is wrong with the field, or its hint again for "".
func (f *Field) SetTrouble(text string) {
	f.note.Importance = widget.DangerImportance
	if text == "" {
		text, f.note.Importance = f.hint, widget.LowImportance
	}
	f.note.Text = text
	f.note.Hidden = text == ""
	f.note.Refresh()
	f.Refresh()
}

// Trouble returns what is shown to be wrong; "" if nothing is.
func (f *Field) Trouble() string {
	if f.note.Importance == widget.DangerImportance {
		return f.note.Text
	}
	return ""
}

// Lead puts the keyboard on the control, and brings it into sight with what is wrong.
func (f *Field) Lead() {
	c, stop := fyne.CurrentApp().Driver().CanvasForObject(f), firstStop(f.control)
	if c != nil && stop != nil {
		c.Focus(stop)
	}
	reveal(f)
}

// CreateRenderer stacks label, control and note.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	return rendered(Column(-theme.Size(theme.SizeNamePadding), f.label, container.NewStack(f.control), f.note))
}

// Label returns what stands above the control.
func (f *Field) Label() string { return f.label.Text }

// Control returns what the person fills in.
func (f *Field) Control() fyne.CanvasObject { return f.control }

// SetHint changes what helps with the field.
func (f *Field) SetHint(text string) {
	f.hint = text
	f.SetTrouble("")
}
