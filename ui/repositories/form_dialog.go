package repositories

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A form is what is typed in a dialog: a resource, or a planned time.
type form interface {
	changed() bool    // something was typed that is not stored
	save(then func()) // stores it, closes the dialog and goes on; or says what is wrong
	unsavedSentence() string
}

// A formDialog is the form that is open.
type formDialog struct {
	form
	dialog *widgets.Dialog
}

// showForm opens a form, with trouble below it. Nothing that was typed in it is lost
// by leaving.
func (p *Page) showForm(title string, width float32, body fyne.CanvasObject, trouble *widgets.Label, f form) {
	d := widgets.NewDialog(p.host.Window, title, width, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), body))
	d.SetNote(trouble)
	cancel := widgets.NewButton(tr.L("Cancel"), func() { p.leaveForm(func() {}) })
	d.SetOnEscape(cancel.OnTapped)
	save := widgets.Primary(widgets.NewButton(tr.L("Save"), func() { f.save(func() {}) }))
	d.SetOnSave(save.OnTapped)
	d.SetButtons([]fyne.CanvasObject{cancel, save})
	p.form = &formDialog{f, d}
	d.Show()
	p.host.Window.Canvas().FocusNext()
}

// closeForm closes the form that is open.
func (p *Page) closeForm() {
	if p.form != nil {
		p.form.dialog.Hide()
		p.form = nil
	}
}

// refreshForm makes room for what the form says now.
func (p *Page) refreshForm() {
	if p.form != nil {
		p.form.dialog.Refresh()
	}
}

// leaveForm closes the form, after asking if something in it is not saved, and goes
// on.
func (p *Page) leaveForm(goOn func()) {
	discard := func() { p.closeForm(); goOn() }
	if p.form == nil || !p.form.changed() {
		discard()
		return
	}
	p.host.AskSave(p.form.unsavedSentence(), func() { p.form.save(goOn) }, discard)
}
