package records

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// sheetPage is one record: its form, its parts, its history.
type sheetPage struct {
	host      *frame.Host
	presenter *recordPresenter
	content   *fyne.Container
	form      *form
	save      *widget.Button
	left      func() // back to the list
	changed   func() // something was saved or deleted
}

func newSheetPage(host *frame.Host, store Store, left, changed func()) *sheetPage {
	s := &sheetPage{host: host, content: container.NewStack(), left: left, changed: changed}
	s.presenter = &recordPresenter{ctx: host.Context, store: store, lanes: host.Lanes, by: host.Person, view: s}
	return s
}

// ShowSheet shows the record.
func (s *sheetPage) ShowSheet(sheet Sheet) {
	s.form = newForm(s.host.Window, sheet.Fields, func(f Field) { s.presenter.check(f); s.showDirty() },
		func(f Field, chosen func(string, string)) { pick(s.host, s.presenter, f, chosen) }, s.saveNow)
	column := widgets.Column(10)
	for _, q := range sheet.Refused {
		column.Add(widgets.Banner(widgets.Danger, tr.L("The server refused this record: “{{.Words}}” Correct it and save; it is then sent again.", tr.D{"Words": q.Reason})))
	}
	if sheet.Record.Deleted {
		column.Add(widgets.Banner(widgets.Warning, tr.L("This record was deleted."), widget.NewButton(tr.L("Bring it back"), func() { s.presenter.undelete(sheet.Record.Link()) })))
	}
	card := widgets.Card(s.form.content())
	column.Add(card)
	var body fyne.CanvasObject = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 16, 0, 8), column))
	if side := s.makeSide(sheet); side != nil {
		body = widgets.Sides(0.6, body, side)
	}
	s.content.Objects = []fyne.CanvasObject{container.New(layout.NewCustomPaddedLayout(14, 14, 26, 26), container.NewBorder(s.makeHead(sheet), nil, nil, nil, body))}
	s.content.Refresh()
	s.showDirty()
	if sheet.New && s.form.first != nil {
		s.host.Window.Canvas().Focus(s.form.first)
	}
}

func (s *sheetPage) makeHead(sheet Sheet) fyne.CanvasObject {
	back := widgets.Quiet(widget.NewButtonWithIcon(tr.L("Back"), theme.NavigateBackIcon(), s.back))
	s.save = widgets.Primary(widget.NewButtonWithIcon(tr.L("Save"), theme.DocumentSaveIcon(), s.saveNow))
	buttons := container.NewHBox()
	if !sheet.New && !sheet.Record.Deleted {
		remove := widget.NewButtonWithIcon(tr.L("Delete"), theme.DeleteIcon(), s.presenter.delete)
		buttons.Add(remove)
	}
	buttons.Add(widgets.Wide(110, s.save))
	title := widgets.Title(sheet.Title)
	title.Wrapping, title.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	kind := widgets.Caption(sheet.Kind)
	return container.New(layout.NewCustomPaddedLayout(0, 8, 0, 0), container.NewBorder(nil, nil, container.NewCenter(back), container.NewCenter(buttons), widgets.Column(-14, title, kind)))
}

func (s *sheetPage) showDirty() {
	if s.form.dirty() {
		s.save.Enable()
	} else {
		s.save.Disable()
	}
}

// saveNow saves what was changed.
func (s *sheetPage) saveNow() {
	if s.form != nil && s.form.dirty() {
		s.presenter.save(s.form.fields)
	}
}

// back leaves the record; what was typed is not lost without a question.
func (s *sheetPage) back() {
	if !s.form.dirty() {
		s.left()
		return
	}
	s.host.Ask(tr.L("Leave without saving?"), tr.L("What you changed in this record is not saved yet."), tr.L("Discard my changes"), true, s.left)
}

// ShowTrouble shows what is wrong with a field.
func (s *sheetPage) ShowTrouble(field, words string) { s.form.trouble(field, words) }

// ShowSaved says that the record is safe on this laptop.
func (s *sheetPage) ShowSaved(core.Record, bool) {
	s.host.Toast(tr.L("Saved on this laptop. It is sent with the next sync."), "", nil)
	s.changed()
}

// ShowDeleted goes back to the list and offers to undo.
func (s *sheetPage) ShowDeleted(link core.Link, title string) {
	s.changed()
	s.left()
	s.host.Toast(tr.L("Deleted: {{.Title}}", tr.D{"Title": title}), tr.L("Undo"), func() { s.presenter.undelete(link); s.changed(); s.host.OpenRecord(link) })
}

// ShowProblem shows trouble in a dialog.
func (s *sheetPage) ShowProblem(err error) { s.host.Problem(err) }

// makeSide shows parts and history; nil if there is neither.
func (s *sheetPage) makeSide(sheet Sheet) fyne.CanvasObject {
	column := widgets.Column(10)
	for _, part := range sheet.Parts {
		column.Add(s.makePart(part))
	}
	if !sheet.New {
		column.Add(s.makeOrigin(sheet.Record))
	}
	if len(sheet.History) > 0 {
		column.Add(s.makeHistory(sheet.History))
	}
	if len(column.Objects) == 0 {
		return nil
	}
	return container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 16, 8, 8), column))
}

// makeOrigin says where the record comes from and who touched it last.
func (s *sheetPage) makeOrigin(rec core.Record) fyne.CanvasObject {
	now := s.host.Now()
	origin := tr.L("Made on this laptop.")
	if rec.MCI != 0 {
		origin = tr.L("Came from the server.")
	}
	text := tr.L("{{.Origin}} Last changed {{.When}}.", tr.D{"Origin": origin, "When": words.When(rec.ModifiedOn, now)})
	if rec.ModifiedBy != "" {
		text = tr.L("{{.Origin}} Last changed {{.When}} by {{.Who}}.", tr.D{"Origin": origin, "When": words.When(rec.ModifiedOn, now), "Who": rec.ModifiedBy})
	}
	return widgets.Muted(text)
}

func (s *sheetPage) makePart(part Part) fyne.CanvasObject {
	add := widgets.Quiet(widget.NewButtonWithIcon(tr.L("Add"), theme.ContentAddIcon(), func() { s.editPart(part, s.presenter.newPart(part)) }))
	rows := widgets.Column(0)
	for _, rec := range part.Records {
		row := Row{Record: rec}
		line := NewLine(&row, &part.Schema)
		item := widgets.NewItem(0)
		item.Fill(nil, line.Title, line.Below, "")
		edit := widgets.Quiet(widget.NewButtonWithIcon("", theme.DocumentCreateIcon(), func() { s.editPart(part, rec) }))
		remove := widgets.Quiet(widget.NewButtonWithIcon("", theme.DeleteIcon(), func() {
			s.host.Ask(tr.L("Delete this?"), line.Title, tr.L("Delete"), true, func() { s.presenter.deletePart(rec.Link()) })
		}))
		rows.Add(container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(edit, remove)), item))
	}
	if len(part.Records) == 0 {
		rows.Add(widgets.Caption(tr.L("None yet.")))
	}
	card := widgets.Card(widgets.Column(0, container.NewBorder(nil, nil, nil, add, widgets.Strong(part.Name)), rows))
	card.Padding = 8
	return card
}

// editPart shows a component's form in a dialog.
func (s *sheetPage) editPart(part Part, rec core.Record) {
	var f *form
	var d *dialog.CustomDialog
	save := func() {
		troubles := s.presenter.savePart(rec, f.fields)
		for name, words := range troubles {
			f.trouble(name, words)
		}
		if len(troubles) == 0 {
			d.Hide()
		}
	}
	f = newForm(s.host.Window, Fields(part.Schema, &rec), func(x Field) { f.trouble(x.Name, x.Trouble()) },
		func(x Field, chosen func(string, string)) { pick(s.host, s.presenter, x, chosen) }, save)
	d = dialog.NewCustomWithoutButtons(words.One(part.Resource, &part.Schema), widgets.Wide(560, widgets.Tall(min(420, f.content().MinSize().Height), container.NewVScroll(f.content()))), s.host.Window)
	d.SetButtons([]fyne.CanvasObject{widget.NewButton(tr.L("Cancel"), func() { d.Hide() }), widgets.Primary(widget.NewButton(tr.L("Save"), save))})
	d.Show()
	if f.first != nil {
		s.host.Window.Canvas().Focus(f.first)
	}
}

func (s *sheetPage) makeHistory(history []Old) fyne.CanvasObject {
	column := widgets.Column(0, widgets.Strong(tr.L("History")))
	for _, old := range history {
		back := widgets.Quiet(widget.NewButtonWithIcon(tr.L("Restore"), theme.ContentUndoIcon(), func() {
			s.host.Ask(tr.L("Restore the former version?"), tr.L("The record becomes what it was before this change. The present version stays in the history."), tr.L("Restore"), false,
				func() { s.presenter.restore(old.ID) })
		}))
		column.Add(widget.NewSeparator())
		column.Add(container.NewBorder(nil, nil, nil, container.NewCenter(back), widgets.Column(-14, widgets.Line(old.Words), widgets.Caption(words.When(old.When, s.host.Now())))))
		for _, c := range old.Changes {
			column.Add(widgets.Muted(tr.L("{{.Field}}: “{{.Before}}” became “{{.After}}”", tr.D{"Field": c.Field, "Before": c.Before, "After": c.After})))
		}
	}
	card := widgets.Card(column)
	card.Padding = 8
	return card
}
