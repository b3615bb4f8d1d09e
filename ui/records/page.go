package records

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Page shows the records: lists by kind, and one record at a time.
type Page struct {
	host      *frame.Host
	presenter *listPresenter
	sheet     *sheetPage
	files     *filePage
	events    *event.Bus
	deaf      func()

	content *fyne.Container // the lists, or one record
	body    fyne.CanvasObject
	kinds   *widgets.List
	kind    *widgets.Choice // instead of kinds where there is little room
	kindsOf []Kind
	title   *widgets.Label
	count   *widgets.Label
	all     int  // records of the kind that is shown
	whole   bool // the list is read to its end
	search  *widgets.Entry
	add     *widgets.Button
	list    *widgets.List
	grid    *widgets.Grid
	head    *widgets.GridHead
	columns *widgets.Button
	shown   Head
	lines   []Line
	empty   fyne.CanvasObject // nothing was found
	first   fyne.CanvasObject // there is none of the kind yet
	nothing fyne.CanvasObject
	picking bool
}

// New returns the page.
func New(host *frame.Host, store Store, events *event.Bus) *Page {
	p := &Page{host: host, events: events, deaf: func() {}}
	p.presenter = newListPresenter(host.Context, store, host.Lanes, host.Now, host.Pause, p)
	p.sheet = newSheetPage(host, store, p.showList, p.presenter.load)
	p.files = newFilePage(host, store, p.presenter.load)
	p.body = p.make()
	p.content = container.NewStack(p.body)
	return p
}

// Content is the page's place in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown loads the list and follows changes.
func (p *Page) Shown() {
	p.deaf = p.events.Subscribe(p.presenter.happened)
	p.presenter.load()
	if !p.listed() && !p.sheet.dirty() {
		p.sheet.presenter.refresh() // a sync may have changed it
	}
}

// Hidden stops following.
func (p *Page) Hidden() { p.deaf() }

// Find puts the keyboard into the search.
func (p *Page) Find() {
	if p.lists() {
		p.host.Window.Canvas().Focus(p.search)
	}
}

// Add opens an empty form.
func (p *Page) Add() {
	if p.lists() && !p.add.Disabled() {
		p.add.OnTapped()
	}
}

// Save saves the record that is open.
func (p *Page) Save() {
	if !p.listed() {
		p.sheet.saveNow()
	}
}

// Back leads from a record to where it was opened.
func (p *Page) Back() {
	if !p.listed() {
		p.sheet.back()
	}
}

// Open shows one record.
func (p *Page) Open(l core.Link) {
	p.sheet.leave(func() {
		widgets.Put(p.content, p.sheet.content)
		p.sheet.presenter.open(l)
	})
}

// OpenList shows the list of a kind.
func (p *Page) OpenList(r core.Resource) {
	p.sheet.leave(func() {
		p.showList()
		p.presenter.open(r)
		p.presenter.load()
	})
}

// Import asks what the columns of a file are and takes its records over, as ones
// of the kind that is shown.
func (p *Page) Import(file transfer.File) {
	if p.listed() && p.presenter.query.Resource != "" {
		p.files.presenter.look(file, p.presenter.query.Resource)
	}
}

// Unsaved reports whether something was typed that is not saved.
func (p *Page) Unsaved() bool { return p.sheet.dirty() }

// Settle goes on once a person said what shall become of what is not saved.
func (p *Page) Settle(goOn func()) { p.sheet.leave(goOn) }

func (p *Page) listed() bool { return p.content.Objects[0] == p.body }

// lists reports whether a table is shown there: before the first records come there is none.
func (p *Page) lists() bool { return p.listed() && !p.nothing.Visible() }

// showList shows the lists, with the keyboard on the one where the record is, on which it stood.
func (p *Page) showList() {
	c, was := p.host.Window.Canvas(), p.listed()
	widgets.Put(p.content, p.body)
	p.list.UnselectAll()
	if !was && c.Focused() != nil {
		c.Focus(p.list)
	}
}

func (p *Page) make() fyne.CanvasObject {
	p.title = widgets.Title("")
	p.title.Wrapping, p.title.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	p.count = widgets.Caption("")
	p.search = widgets.Search(tr.L("Search"), p.presenter.search)
	p.add = widgets.Primary(widgets.NewButtonWithIcon(tr.L("Add"), theme.ContentAddIcon(), func() {
		widgets.Put(p.content, p.sheet.content)
		p.sheet.presenter.add(p.presenter.query.Resource)
	}))
	marks := widgets.NewChoice([]string{tr.L("All records"), tr.L("Not sent yet"), tr.L("Refused"), tr.L("Changed on both sides"), tr.L("Deleted")},
		[]string{string(MarkAny), string(MarkUnsent), string(MarkRefused), string(MarkConflict), string(MarkDeleted)}, func(v string) { p.presenter.setMark(Mark(v)) })
	marks.SetValue("")
	since := widgets.NewChoice([]string{tr.L("At any time"), tr.L("Changed since yesterday"), tr.L("In the last 7 days"), tr.L("In the last 30 days")}, []string{"0", "1", "7", "30"},
		func(v string) {
			if days, err := strconv.Atoi(v); err == nil {
				p.presenter.setSince(days)
			}
		})
	since.SetValue("0")
	p.columns = widgets.NewButtonWithIcon(tr.L("Columns"), theme.GridIcon(), p.chooseColumns)
	var file *widgets.Button
	file = widgets.NewButtonWithIcon(tr.L("Import and export"), theme.FileIcon(), func() { p.files.menu(p.presenter.query.Resource, file) })
	head := container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(file, widgets.Wide(110, p.add))), widgets.Column(-14, p.title, p.count))
	filters := widgets.Filters(p.search, marks, since, p.columns)
	p.makeKinds()
	p.makeList()
	right := widgets.Below(widgets.Column(8, head, filters, widgets.Gap(0, 2)), widgets.Floor(10, container.NewStack(p.makeTable(), p.empty, p.first)))
	p.search.LeadTo(p.host.Window.Canvas(), p.list)
	p.kind = widgets.NewChoice(nil, nil, func(string) { p.kinds.Select(p.kind.SelectedIndex()) })
	whole := widgets.Aside(widgets.Surface(p.kinds, look.ColorNeutralSoft, 6), p.kind, right, p.title)
	p.nothing = widgets.Empty(theme.StorageIcon(), tr.L("No records yet"), tr.L("What your server has arrives with a sync."), widgets.NewButton(tr.L("Go to Home"), func() { p.host.OpenPage(frame.Home) }))
	p.nothing.Hide()
	return container.NewStack(widgets.Framed(whole), p.nothing)
}

func (p *Page) makeKinds() {
	p.kinds = widgets.NewList(func() int { return len(p.kindsOf) },
		func() fyne.CanvasObject {
			return container.NewBorder(nil, nil, nil, widgets.Caption(""), widgets.Line(""))
		},
		func(i widget.ListItemID, o fyne.CanvasObject) {
			row := o.(*fyne.Container)
			name, count := row.Objects[0].(*widgets.Label), row.Objects[1].(*widgets.Label)
			k := p.kindsOf[i]
			name.Importance = widget.MediumImportance
			if words.Inner(k.Resource) {
				name.Importance = widget.LowImportance
			}
			name.SetText(words.Many(k.Resource, nil))
			count.SetText(tr.Number(k.Records))
			row.Refresh() // the number is of another width
		})
	p.kinds.HideSeparators = true
	p.kinds.OnSelected = func(i widget.ListItemID) {
		p.title.SetText(words.Many(p.kindsOf[i].Resource, nil))
		p.all = p.kindsOf[i].Records
		p.sayCount()
		if !p.picking {
			p.kind.SetValue(string(p.kindsOf[i].Resource))
			p.presenter.open(p.kindsOf[i].Resource)
		}
	}
}

func (p *Page) makeList() {
	p.grid = &widgets.Grid{}
	p.head = widgets.NewGridHead(p.grid)
	p.head.OnSort = p.presenter.sort
	p.list = widgets.NewList(func() int { return len(p.lines) },
		func() fyne.CanvasObject { return widgets.NewGridRow(p.grid) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			l := p.lines[i]
			o.(*widgets.GridRow).Fill(l.Cells, markOf(l))
			if i >= len(p.lines)-40 {
				p.presenter.more()
			}
		})
	p.list.OnSelected = func(i widget.ListItemID) { p.Open(p.lines[i].Link) }
	p.empty = widgets.Empty(theme.SearchIcon(), tr.L("Nothing found"), tr.L("Try other words, or show all records."))
	p.empty.Hide()
	p.first = widgets.Empty(theme.ContentAddIcon(), tr.L("None of these yet"), tr.L("Add the first one, or import a spreadsheet."))
	p.first.Hide()
}

// makeTable puts the columns' names above the list.
func (p *Page) makeTable() fyne.CanvasObject {
	card := widgets.Card(container.NewBorder(container.NewVBox(p.head, widget.NewSeparator()), nil, nil, nil, p.list))
	card.Padding = 8
	return card
}

// markOf is what a person has to know first of a record.
func markOf(l Line) widgets.Mark {
	switch {
	case l.Conflict:
		return widgets.Mark{Text: tr.L("two versions"), Tone: widgets.Warning}
	case l.Refused:
		return widgets.Mark{Text: tr.L("refused"), Tone: widgets.Danger}
	case l.Unsent:
		return widgets.Mark{Text: tr.L("not sent yet"), Tone: widgets.Info}
	case l.Deleted:
		return widgets.Mark{Text: tr.L("deleted"), Tone: widgets.Neutral}
	}
	return widgets.Mark{}
}

// ShowHead names the columns.
func (p *Page) ShowHead(h Head) {
	if h.Resource != p.shown.Resource || !slices.Equal(h.Columns, p.shown.Columns) {
		p.events.Emit(event.ListShown{Resource: h.Resource, Columns: h.fields()})
	}
	p.shown = h
	names := make([]string, len(h.Columns))
	for i, c := range h.Columns {
		names[i] = c.Name
	}
	p.head.SetNames(names, h.Sorted(), h.Desc)
}

// ShowKinds shows what there is to look at.
func (p *Page) ShowKinds(kinds []Kind, current core.Resource) {
	p.kindsOf = kinds
	widgets.Show(p.nothing, len(kinds) == 0)
	widgets.Show(p.body.(*fyne.Container).Objects[0], len(kinds) > 0)
	p.kinds.Refresh()
	labels, values := make([]string, len(kinds)), make([]string, len(kinds))
	for i, k := range kinds {
		labels[i], values[i] = words.Many(k.Resource, nil), string(k.Resource)
	}
	p.kind.SetChoices(labels, values)
	p.kind.SetValue(string(current))
	p.picking = true
	for i, k := range kinds {
		if k.Resource == current {
			p.kinds.Unselect(i)
			p.kinds.Select(i)
		}
	}
	p.picking = false
}

// ShowLines shows the list as far as it was read.
func (p *Page) ShowLines(lines []Line, whole, reset bool) {
	p.lines, p.whole = lines, whole
	p.sayCount()
	none := len(lines) == 0
	widgets.Show(p.empty, none && p.presenter.narrowed())
	widgets.Show(p.first, none && !p.presenter.narrowed())
	p.suit()
	p.list.Refresh()
	if reset {
		p.list.UnselectAll()
		p.list.ScrollToTop()
	}
}

// sayCount says how many records the list has: all of their kind, or those that were
// found, as far as they were read.
func (p *Page) sayCount() {
	switch {
	case !p.presenter.narrowed():
		p.count.SetText(tr.N("{{.N}} records", p.all))
	case p.whole:
		p.count.SetText(tr.N("{{.N}} found", len(p.lines)))
	default:
		p.count.SetText(tr.N("more than {{.N}} found", len(p.lines)))
	}
}

// suited is how many lines the widths of the columns are made for.
const suited = 60

// suit makes the columns as wide as the first lines need.
func (p *Page) suit() {
	rows, marks := make([][]string, 0, suited), make([]widgets.Mark, 0, len(p.lines))
	for _, l := range p.lines {
		if len(rows) < suited {
			rows = append(rows, l.Cells)
		}
		if m := markOf(l); !slices.Contains(marks, m) {
			marks = append(marks, m)
		}
	}
	p.grid.Suit(rows, marks, func(column int) bool { return p.shown.Columns[column].Field == SortChanged || figures(rows, column) })
	p.head.Refresh()
}

// ShowProblem shows trouble in a dialog.
func (p *Page) ShowProblem(err error) { p.host.Problem(err) }
