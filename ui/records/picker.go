package records

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// pickWait is how long the search waits for the next letter.
const pickWait = 150 * time.Millisecond

// pick lets a person search for the record that a reference points to.
func pick(host *frame.Host, p *recordPresenter, f Field, chosen func(l core.Link, text string)) {
	var lines []Line
	var d *widgets.Dialog
	list := widgets.NewList(func() int { return len(lines) }, func() fyne.CanvasObject { return widgets.NewItem(0) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			o.(*widgets.Item).Fill(nil, lines[i].Title, lines[i].Below, "")
		})
	list.OnSelected = func(i widget.ListItemID) {
		d.Hide()
		chosen(lines[i].Link, lines[i].Title)
	}
	none := widgets.Muted(tr.L("Nothing found."))
	none.Alignment = fyne.TextAlignCenter
	ask := func(text string) {
		p.find(f.Target, text, func(found []Line) {
			lines = found
			widgets.Show(none, len(lines) == 0)
			list.UnselectAll()
			list.Refresh()
		})
	}
	wait := &async.Debouncer{Delay: min(pickWait, host.Pause)}
	search := widgets.Search(tr.L("Search"), func(text string) { wait.Call(func() { host.Lanes.Screen(func() { ask(text) }) }) })
	search.LeadTo(host.Window.Canvas(), list)
	add := widgets.NewButtonWithIcon(tr.L("New…"), theme.ContentAddIcon(), func() {
		d.Hide()
		newTarget(host, p, f.Target, chosen)
	})
	add.Hide()
	p.blank(f.Target, func(s core.Schema) { widgets.Show(add, len(s.Fields) > 0 && !s.Fetched.IsZero()) })
	top := container.NewBorder(nil, nil, nil, add, search)
	body := container.NewBorder(top, nil, nil, nil, container.NewStack(widgets.Tall(340, list), container.NewVBox(widgets.Gap(0, 20), none)))
	d = widgets.NewWholeDialog(host.Window, tr.L("Choose: {{.Kind}}", tr.D{"Kind": words.One(f.Target, nil)}), 560, body)
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Cancel"), d.Hide)})
	d.Show()
	host.Window.Canvas().Focus(search)
	ask("")
}

// newTarget lets a person make the record that a reference shall point to.
func newTarget(host *frame.Host, p *recordPresenter, r core.Resource, chosen func(l core.Link, text string)) {
	p.blank(r, func(schema core.Schema) {
		rec := core.Record{Resource: r}
		showForm(host, p, tr.L("New: {{.Kind}}", tr.D{"Kind": words.One(r, &schema)}), Fields(schema, &rec), func(fields []Field) map[string]string {
			return p.saveNew(rec, fields, func(saved core.Record) { chosen(saved.Link(), words.Title(&saved, &schema)) })
		})
	})
}

// showForm shows a form in a dialog; save returns what is wrong with it, and the
// dialog stays then.
func showForm(host *frame.Host, p *recordPresenter, title string, fields []Field, save func([]Field) map[string]string) {
	var f *form
	var d *widgets.Dialog
	submit := func() {
		troubles := save(f.fields)
		for name, words := range troubles {
			f.trouble(name, words)
		}
		if len(troubles) == 0 {
			d.Hide()
		}
	}
	f = newForm(host, p, fields, func(x Field) { f.trouble(x.Name, x.Trouble()) }, submit)
	d = widgets.NewDialog(host.Window, title, 600, f.content())
	leave := func() {
		if !f.dirty() {
			d.Hide()
			return
		}
		host.AskSave(tr.L("What you changed in “{{.Title}}” is not saved yet.", tr.D{"Title": title}), submit, d.Hide)
	}
	d.SetOnEscape(leave)
	d.SetOnSave(submit)
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Cancel"), leave), widgets.Primary(widgets.NewButton(tr.L("Save"), submit))})
	d.Show()
	if f.first != nil {
		host.Window.Canvas().Focus(f.first)
	}
}
