package repositories

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
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
	d := widgets.NewDialog(p.host.Window, title, width, widgets.BesideBar(0, 0, 12, body))
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

// showFaults shows beside each field what is wrong with it, leads to the first fault, and reports
// whether there is any.
func (p *Page) showFaults(fields map[string]*widgets.Field, all []error) bool {
	for _, err := range slices.Backward(all) {
		name := core.AsProblem(err).Subject
		fields[name].SetTrouble(saidOf(name, all))
		p.refreshForm()
		fields[name].Lead()
	}
	return len(all) > 0
}

// saidOf says what is wrong with a field, a line for each fault.
func saidOf(field string, all []error) string {
	var lines []string
	for _, err := range all {
		if core.AsProblem(err).Subject == field {
			lines = append(lines, words.Message(err))
		}
	}
	return strings.Join(lines, "\n")
}

// saved closes the form that was stored and goes on, or says why it was not, below the form
// where that is about none of its fields.
func (p *Page) saved(err error, fields map[string]*widgets.Field, note *widgets.Label, then func()) {
	switch problem := core.AsProblem(err); {
	case err == nil:
		p.closeForm()
		then()
	case problem.Kind == core.InvalidSetting && fields[problem.Subject] != nil:
		p.showFaults(fields, []error{err})
	default:
		note.SetText(words.Message(err))
		note.Show()
		p.refreshForm()
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
