package records

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
	save      *widgets.Button
	left      func() // back to the list
	after     func() // what comes when the record is saved; nil: it stays
	changed   func() // something was saved or deleted
}

func newSheetPage(host *frame.Host, store Store, left, changed func()) *sheetPage {
	s := &sheetPage{host: host, content: container.NewStack(), left: left, changed: changed}
	s.presenter = &recordPresenter{ctx: host.Context, store: store, lanes: host.Lanes, by: host.Person, now: host.Now, view: s}
	return s
}

// leastForm is how wide the form is at least where something stands beside it, in points.
const leastForm = 420

// ShowSheet shows the record.
func (s *sheetPage) ShowSheet(sheet Sheet) {
	s.form = newForm(s.host, s.presenter, sheet.Fields, func(f Field) { s.presenter.check(f); s.showDirty() }, s.saveNow)
	column := widgets.Column(10)
	for _, q := range sheet.Refused {
		column.Add(widgets.Banner(widgets.Danger, words.Refused(q)))
	}
	if gone, back := goneWords(sheet); gone != "" {
		column.Add(widgets.Banner(widgets.Warning, gone, widgets.NewButton(back, func() { s.presenter.undelete(sheet.Record.Link()) })))
	}
	card := widgets.Card(s.form.content())
	column.Add(card)
	if parts := partsToCome(sheet); parts != "" {
		column.Add(widgets.Note(tr.L("Once the record is saved, more can be added to it: {{.Parts}}.", tr.D{"Parts": parts})))
	}
	var body fyne.CanvasObject = column
	if side := s.makeSide(sheet); side != nil {
		body = widgets.Sides(0.6, widgets.Wide(leastForm, column), side)
	}
	body = container.NewVScroll(widgets.BesideBar(0, 16, 8, body)) // as one: where there is little room two would be slits
	s.content.Objects = []fyne.CanvasObject{widgets.Framed(widgets.Headed(s.makeHead(sheet), widgets.Floor(10, body)))}
	widgets.Settle(s.content)
	s.showDirty()
	if s.form.first != nil {
		s.host.Window.Canvas().Focus(s.form.first) // it stood on what is gone
	}
}

// goneWords says that the record was deleted, or what it belongs to, and what brings them
// back; "" if neither was.
func goneWords(sheet Sheet) (gone, back string) {
	above := ""
	if sheet.Above != nil {
		above = words.Title(sheet.Above, nil)
	}
	switch {
	case sheet.Record.Deleted && above != "":
		return tr.L("This record was deleted, and so was “{{.Title}}”, to which it belongs.", tr.D{"Title": above}), tr.L("Bring both back")
	case sheet.Record.Deleted:
		return tr.L("This record was deleted."), tr.L("Bring it back")
	case above != "":
		return tr.L("“{{.Title}}”, to which this record belongs, was deleted. No server takes the one without the other.", tr.D{"Title": above}), tr.L("Bring “{{.Title}}” back", tr.D{"Title": above})
	}
	return "", ""
}

// partsToCome names what can be added to a record that is not saved yet.
func partsToCome(sheet Sheet) string {
	if !sheet.New {
		return ""
	}
	var names []string
	for _, c := range sheet.Schema.Components {
		if name := words.Within(c.Resource, nil); words.Inner(c.Resource) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, tr.L(", "))
}

func (s *sheetPage) makeHead(sheet Sheet) fyne.CanvasObject {
	back := widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Back"), widgets.BackIcon(), s.back))
	s.save = widgets.Primary(widgets.NewButtonWithIcon(tr.L("Save"), theme.DocumentSaveIcon(), s.saveNow))
	buttons := container.NewHBox()
	if !sheet.New && !sheet.Record.Deleted {
		remove := widgets.NewButtonWithIcon(tr.L("Delete"), theme.DeleteIcon(), s.presenter.delete)
		buttons.Add(remove)
	}
	buttons.Add(widgets.Wide(110, s.save))
	title := widgets.Title(sheet.Title)
	title.Wrapping, title.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	below := sheet.Kind
	if sheet.New { // the title names the kind already
		below = tr.L("A star marks what is needed.")
	}
	var kind fyne.CanvasObject = widgets.Caption(below)
	if mark := markOf(NewLine(&sheet.Row, &sheet.Schema)); !sheet.New && mark.Text != "" {
		kind = widgets.Flow(kind, widgets.NewChip(mark.Text, mark.Tone))
	}
	return container.New(layout.NewCustomPaddedLayout(0, 8, 0, 0), container.NewBorder(nil, nil, container.NewCenter(back), container.NewCenter(buttons), widgets.Column(-14, title, kind)))
}

func (s *sheetPage) showDirty() {
	widgets.Enable(s.save, s.form.dirty())
}

// saveNow saves what was changed.
func (s *sheetPage) saveNow() {
	if s.form != nil && s.form.dirty() {
		s.presenter.save(s.form.fields)
	}
}

// dirty reports whether something was typed that is not saved.
func (s *sheetPage) dirty() bool { return s.form != nil && s.form.dirty() }

// back leaves the record.
func (s *sheetPage) back() { s.leave(s.left) }

// leave goes on with then, unless something that was typed would be lost: then a
// person says what shall become of it.
func (s *sheetPage) leave(then func()) {
	away := func() {
		s.form, s.content.Objects = nil, nil
		then()
	}
	if !s.dirty() {
		away()
		return
	}
	var d *widgets.Dialog
	stay := widgets.NewButton(tr.L("Go on editing"), func() { d.Hide() })
	discard := widgets.NewButton(tr.L("Discard my changes"), func() { d.Hide(); away() })
	save := widgets.Primary(widgets.NewButton(tr.L("Save and leave"), func() {
		d.Hide()
		s.after = away
		s.presenter.save(s.form.fields)
	}))
	d = widgets.NewDialog(s.host.Window, tr.L("Save your changes?"), 460, widgets.Text(tr.L("What you changed in “{{.Title}}” is not saved yet.", tr.D{"Title": s.presenter.sheet.Title})))
	d.SetButtons([]fyne.CanvasObject{stay, discard, save})
	d.Show()
	s.host.Window.Canvas().Focus(save)
}

// ShowTrouble shows what is wrong with a field.
func (s *sheetPage) ShowTrouble(field, words string) {
	if words != "" {
		s.after = nil
	}
	if s.form != nil {
		s.form.trouble(field, words)
	}
}

// ShowSaved says that the record is safe on this laptop, and goes to a server if one takes it.
func (s *sheetPage) ShowSaved(waits bool) {
	text := tr.L("Saved on this laptop.")
	if waits {
		text = tr.L("Saved on this laptop. It is sent with the next sync.")
	}
	s.host.Toast(text, "", nil)
	s.changed()
	if after := s.after; after != nil {
		s.after = nil
		after()
	}
}

// ShowDeleted goes back to the list, says what was deleted, and offers to undo.
func (s *sheetPage) ShowDeleted(link core.Link, title string, along int) {
	s.form = nil
	s.changed()
	s.left()
	s.host.Toast(deletedWords(title, along), tr.L("Undo"), func() { s.presenter.undelete(link); s.changed(); s.host.OpenRecord(link) })
}

// deletedWords names the record, and says how many went along.
func deletedWords(title string, along int) string {
	if along == 0 {
		return tr.L("Deleted: {{.Title}}", tr.D{"Title": title})
	}
	return tr.N("Deleted: {{.Title}}, with {{.N}} records that belong to it", along, tr.D{"Title": title})
}

// ShowGone goes back to the list.
func (s *sheetPage) ShowGone() {
	s.form = nil
	s.left()
}

// ShowProblem shows trouble in a dialog.
func (s *sheetPage) ShowProblem(err error) {
	if err != nil {
		s.after = nil
	}
	s.host.Problem(err)
}

// makeSide shows parts and history; nil if there is neither.
func (s *sheetPage) makeSide(sheet Sheet) fyne.CanvasObject {
	column := widgets.Column(10)
	for _, part := range sheet.Parts {
		column.Add(s.makePart(part))
	}
	if !sheet.New {
		column.Add(s.makeOrigin(sheet))
	}
	if len(sheet.History) > 0 {
		column.Add(s.makeHistory(sheet.History))
	}
	if len(column.Objects) == 0 {
		return nil
	}
	return column
}

// makeOrigin says where the record comes from and who touched it last.
func (s *sheetPage) makeOrigin(sheet Sheet) fyne.CanvasObject {
	rec := sheet.Record
	now := s.host.Now()
	origin := tr.L("Made on this laptop.")
	if rec.MCI != 0 {
		origin = tr.L("Came from the server.")
	}
	text := tr.L("{{.Origin}} Last changed {{.When}}.", tr.D{"Origin": origin, "When": words.When(rec.ModifiedOn, now)})
	if rec.ModifiedBy != "" {
		text = tr.L("{{.Origin}} Last changed {{.When}} by {{.Who}}.", tr.D{"Origin": origin, "When": words.When(rec.ModifiedOn, now), "Who": rec.ModifiedBy})
	}
	if len(sheet.Sources) == 0 {
		return widgets.Muted(text)
	}
	list := widgets.Column(-8)
	for _, x := range sheet.Sources {
		list.Add(widgets.Muted(tr.L("{{.Field}}: {{.Value}}", tr.D{"Field": x.Field, "Value": x.Words})))
	}
	return widgets.Column(0, widgets.Muted(text), widgets.NewFold(tr.L("Where the values come from"), list))
}

func (s *sheetPage) makePart(part Part) fyne.CanvasObject {
	add := widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Add"), theme.ContentAddIcon(), func() { s.editPart(part, s.presenter.newPart(part)) }))
	rows := widgets.Column(0)
	for _, rec := range part.Records {
		row := Row{Record: rec}
		line := NewLine(&row, &part.Schema)
		item := widgets.NewItem(0)
		item.Fill(nil, line.Title, line.Below, "")
		edit := widgets.Quiet(widgets.NewButtonWithIcon("", theme.DocumentCreateIcon(), func() { s.editPart(part, rec) }))
		remove := widgets.Quiet(widgets.NewButtonWithIcon("", theme.DeleteIcon(), func() {
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
	fields := imply(Fields(part.Schema, &rec), &rec, s.presenter.sheet.Title)
	showForm(s.host, s.presenter, words.One(part.Resource, &part.Schema), fields, func(fields []Field) map[string]string { return s.presenter.savePart(rec, fields) })
}

func (s *sheetPage) makeHistory(history []Old) fyne.CanvasObject {
	column := widgets.Column(0, widgets.Strong(tr.L("History")))
	for _, old := range history {
		back := widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Restore"), theme.ContentUndoIcon(), func() {
			title, text := tr.L("Restore the former version?"), tr.L("The record becomes what it was before this change. The present version stays in the history.")
			if old.Lost {
				title, text = tr.L("Take this version after all?"), tr.L("The record becomes this version, which is sent with the next sync. The present version stays in the history.")
			}
			s.host.Ask(title, text, tr.L("Restore"), false, func() { s.presenter.restore(old) })
		}))
		told := widgets.Column(-6, widgets.Column(-14, widgets.Text(old.Words), s.whenOf(old)))
		for _, c := range old.Changes {
			values := tr.D{"Field": c.Field, "Before": c.Before, "After": c.After}
			text := tr.L("{{.Field}}: “{{.Before}}” became “{{.After}}”", values)
			if old.Lost {
				text = tr.L("{{.Field}}: “{{.After}}” instead of “{{.Before}}”", values)
			}
			told.Add(widgets.Muted(text))
		}
		column.Add(widget.NewSeparator())
		column.Add(widgets.Actions(told, back))
	}
	card := widgets.Card(column)
	card.Padding = 8
	return card
}

// whenOf says when a version was replaced, and opens the run that did it.
func (s *sheetPage) whenOf(old Old) fyne.CanvasObject {
	when := widgets.Caption(words.When(old.When, s.host.Now()))
	if old.Run == "" || s.host.OpenRun == nil {
		return when
	}
	open := widgets.NewLink(tr.L("Show the run"), func() { s.leave(func() { s.left(); s.host.OpenRun(old.Run) }) })
	open.SizeName = theme.SizeNameCaptionText
	return container.NewHBox(when, open)
}
