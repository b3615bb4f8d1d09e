package records

import (
	"io"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// filePage asks for files, and for what is in them.
type filePage struct {
	host      *frame.Host
	presenter *filePresenter
	changed   func() // records were taken over

	dialog *widgets.Dialog
	said   *widgets.Label
	use    *widgets.Button
}

func newFilePage(host *frame.Host, store Store, changed func()) *filePage {
	p := &filePage{host: host, changed: changed}
	p.presenter = &filePresenter{ctx: host.Context, store: store, lanes: host.Lanes, now: host.Now, by: host.Person, view: p}
	return p
}

// menu offers what can be done with files of a kind.
func (p *filePage) menu(r core.Resource, below fyne.CanvasObject) {
	var items []*fyne.MenuItem
	items = append(items, fyne.NewMenuItemWithIcon(tr.L("Import from a file…"), theme.DownloadIcon(), func() { p.askImport(r) }), fyne.NewMenuItemSeparator())
	for _, f := range []struct {
		format transfer.Format
		text   string
	}{
		{transfer.XLSX, tr.L("Export for a spreadsheet (XLSX)…")}, {transfer.CSV, tr.L("Export as plain table (CSV)…")}, {transfer.XML, tr.L("Export for another Sahana (S3XML)…")},
	} {
		items = append(items, fyne.NewMenuItemWithIcon(f.text, theme.UploadIcon(), func() { p.askExport(r, f.format) }))
	}
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(below).AddXY(0, below.Size().Height+4)
	widgets.ShowMenu(p.host.Window.Canvas(), pos, items...)
}

func (p *filePage) askImport(r core.Resource) {
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil || f == nil {
			p.host.Problem(err)
			return
		}
		name := f.URI().Name()
		p.host.Lanes.Run(func() func() {
			content, err := io.ReadAll(f)
			_ = f.Close() // it was only read
			return func() {
				if err != nil {
					p.host.Problem(&core.Problem{Op: "import", Kind: core.FileUnreadable, Subject: name, Err: err})
					return
				}
				p.presenter.look(transfer.Content(name, content), r)
			}
		})
	}, p.host.Window)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".csv", ".tsv", ".txt", ".xlsx", ".xml", ".s3xml"}))
	p.host.ShowFiles(tr.L("Import from a file"), tr.L("Open"), d)
}

func (p *filePage) askExport(r core.Resource, format transfer.Format) {
	name := strings.ReplaceAll(strings.ToLower(words.Many(r, nil)), " ", "-") + "." + string(format)
	p.host.AskToSave(tr.L("Export {{.Kind}}", tr.D{"Kind": words.Many(r, nil)}), name, func(path string) { p.presenter.write(r, path, format) })
}

// ShowMatching asks what each column is, and says all the time what would happen.
func (p *filePage) ShowMatching(m Matching) {
	fields := m.Fields()
	rows := widgets.Column(2)
	for i, h := range m.Headings {
		choice := widgets.NewChoice(m.Labels, m.Choices, func(v string) {
			fields[i] = v
			p.say(tr.L("Looking…"), false)
			p.presenter.rehearse(m, fields)
		})
		choice.SetValue(h.Field)
		samples := widgets.Caption(samplesOf(h.Samples))
		samples.Truncation = fyne.TextTruncateEllipsis
		name := widgets.Strong(h.Name)
		name.Truncation = fyne.TextTruncateEllipsis
		rows.Add(widgets.Sides(0.55, widgets.Column(-14, name, samples), container.NewCenter(widgets.Wide(250, choice))))
	}
	p.said = widgets.Text("")
	p.use = widgets.Primary(widgets.NewButton(tr.L("Take over"), nil))
	p.use.OnTapped = func() { p.dialog.Hide(); p.presenter.take(m, fields) }
	hint := widgets.Muted(tr.L("Say what each column of {{.File}} is. Every row becomes a new record; only where a column says which record it is, that record is changed.", tr.D{"File": m.File.Name}))
	if m.Headings == nil {
		hint.SetText(tr.L("{{.File}} is an S3XML file, as Sahana Eden and Fieldsync write them.", tr.D{"File": m.File.Name}))
	}
	body := widgets.Column(0, hint, widgets.BesideBar(0, 0, 14, rows))
	p.dialog = widgets.NewDialog(p.host.Window, tr.L("Import {{.Kind}}", tr.D{"Kind": words.Many(m.Resource, nil)}), 660, body)
	p.dialog.SetNote(p.said)
	p.dialog.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Cancel"), func() { p.dialog.Hide() }), p.use})
	p.say(tr.L("Looking…"), false)
	p.dialog.Show()
	p.presenter.rehearse(m, fields)
}

// samplesOf shows the first values of a column that say something.
func samplesOf(values []string) string {
	said := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
	return strings.Join(said, "  ·  ")
}

func (p *filePage) say(text string, ok bool) {
	p.said.Importance = widget.MediumImportance
	p.said.SetText(text)
	p.dialog.Refresh()
	widgets.Enable(p.use, ok)
}

// ShowRehearsal says what would happen, or what is wrong.
func (p *filePage) ShowRehearsal(sentence string, ok bool, records int) {
	p.say(sentence, ok)
	if !ok {
		p.said.Importance = widget.WarningImportance
		p.said.Refresh()
	}
	p.use.SetText(tr.L("Take over"))
	if ok {
		p.use.SetText(tr.N("Take over {{.N}} records", records))
	}
	p.dialog.Refresh()
}

// ShowTaken says what was done and shows the list anew.
func (p *filePage) ShowTaken(sentence string) {
	p.host.Toast(sentence, "", nil)
	p.changed()
}

// ShowWritten says where the records are.
func (p *filePage) ShowWritten(sentence string) { p.host.Toast(sentence, "", nil) }

// ShowProblem shows trouble in a dialog.
func (p *filePage) ShowProblem(err error) { p.host.Problem(err) }
