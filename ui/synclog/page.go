package synclog

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Page shows the log.
type Page struct {
	host      *frame.Host
	presenter *presenter
	events    *event.Bus
	deaf      func()

	content    fyne.CanvasObject
	repository *widgets.Choice
	resource   *widgets.Choice
	period     *period
	search     *widgets.Entry
	list       *widgets.List
	entries    []core.LogEntry
	chosen     *core.LogEntry // what detail shows; nil is nothing
	chosenIn   string         // the run that alone was shown then
	obvious    string         // the name of the only repository there is, or whose log this is; "" if there are several
	only       int64          // the repository whose log this is; 0: of all
	empty      fyne.CanvasObject
	detail     *fyne.Container
	run        *fyne.Container // says that only one run is shown
}

// New returns the page.
func New(host *frame.Host, store Store, events *event.Bus) *Page {
	p := &Page{host: host, events: events, deaf: func() {}}
	p.presenter = newPresenter(host.Context, store, host.Lanes, host.Now, host.Person, host.Pause, p)
	p.content = p.make()
	return p
}

// NewOf returns the log of one repository, for a tab.
func NewOf(host *frame.Host, store Store, events *event.Bus, repository int64) *Page {
	p := &Page{host: host, events: events, deaf: func() {}, only: repository}
	p.presenter = newPresenter(host.Context, store, host.Lanes, host.Now, host.Person, host.Pause, p)
	p.presenter.query.Repository = repository
	p.content = p.make()
	return p
}

// Content is the page's place in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown loads the log and follows it.
func (p *Page) Shown() {
	p.deaf = p.events.Subscribe(p.presenter.happened)
	p.presenter.load()
}

// Hidden stops following.
func (p *Page) Hidden() { p.deaf() }

// ShowLogOf shows what one run did.
func (p *Page) ShowLogOf(run string) { p.presenter.setRun(run) }

// ShowRun says that only one run's entries are shown.
func (p *Page) ShowRun(began core.MTime) {
	if shown := p.run.Visible(); began.IsZero() {
		p.run.Hide()
		if shown {
			widgets.Settle(p.content)
		}
		return
	}
	p.run.Show()
	all := widgets.NewButton(tr.L("Show all entries"), func() { p.presenter.setRun("") })
	back := widgets.NewButtonWithIcon(tr.L("Take back this run…"), theme.ContentUndoIcon(), p.presenter.planUndo)
	p.run.Objects = []fyne.CanvasObject{widgets.Banner(widgets.Info, tr.L("Only what the run of {{.When}} did is shown.", tr.D{"When": words.When(began, p.host.Now())}), back, all)}
	widgets.Settle(p.content) // what is below moves
}

// AskUndo shows the numbers first.
func (p *Page) AskUndo(plan core.Undo, sentences []string, nothing bool) {
	text := strings.Join(sentences, "\n\n")
	if nothing {
		p.host.Tell(tr.L("Take back this run"), tr.L("Close"), 440, widgets.Text(text))
		return
	}
	p.host.Ask(tr.L("Take back this run?"), text, tr.N("Take back {{.N}} records", plan.Restored+plan.Removed), true, func() { p.presenter.undo(plan.Run) })
}

// ShowUndone says what was taken back, and leads to it.
func (p *Page) ShowUndone(done core.Undo) {
	p.host.Toast(tr.N("{{.N}} records were taken back. The database was copied before.", done.Restored+done.Removed), tr.L("Show it"), func() { p.presenter.setRun(done.Undo) })
}

// ShowWritten says where the entries are.
func (p *Page) ShowWritten(sentence string) { p.host.Toast(sentence, "", nil) }

func (p *Page) askFile() {
	p.host.AskToSave(tr.L("Export the log"), "fieldsync-log.csv", p.presenter.write)
}

// Find puts the keyboard into the search.
func (p *Page) Find() { p.host.Window.Canvas().Focus(p.search) }

// leastList is how wide the list is at least beside what is chosen in it, in points.
const leastList = 260

func (p *Page) make() fyne.CanvasObject {
	p.repository = widgets.NewChoice([]string{tr.L("All repositories")}, []string{"0"}, nil)
	p.repository.SetValue("0")
	results := []core.Result{"", core.ResultSuccess, core.ResultWarning, core.ResultError, core.ResultFatal}
	labels, values := []string{tr.L("All results")}, []string{""}
	for _, r := range results[1:] {
		labels, values = append(labels, words.Result(r)), append(values, string(r))
	}
	result := widgets.NewChoice(labels, values, func(v string) { p.presenter.setResult(core.Result(v)) })
	result.SetValue("")
	p.search = widgets.Search(tr.L("Search the log"), p.presenter.search)
	export := widgets.NewButtonWithIcon(tr.L("Export"), theme.DocumentSaveIcon(), p.askFile)
	p.run = container.NewStack()
	p.run.Hide()
	p.resource = widgets.NewChoice([]string{tr.L("All resources")}, []string{""}, func(v string) { p.presenter.setResource(core.Resource(v)) })
	p.resource.SetValue("")
	p.period = newPeriod(p.host, p.presenter.setPeriod)
	filters := widgets.Column(6, widgets.Filters(p.search, p.repository, p.resource, result, p.period.choice, export), p.run)
	p.makeList()
	p.search.LeadTo(p.host.Window.Canvas(), p.list)
	p.detail = container.NewStack()
	p.showDetail(nil)
	split := widgets.Sides(0.6, widgets.Floor(10, widgets.Wide(leastList, container.NewStack(widgets.Card(p.list), p.empty))), widgets.Floor(10, p.detail))
	if p.only != 0 {
		p.repository.Hide()
		return widgets.Below(container.New(layout.NewCustomPaddedLayout(10, 10, 0, 0), filters), split)
	}
	head := widgets.Column(8, widgets.Head(tr.L("Log"), ""), filters)
	return widgets.Framed(widgets.Below(head, container.New(layout.NewCustomPaddedLayout(10, 0, 0, 0), split)))
}

func (p *Page) makeList() {
	p.list = widgets.NewList(func() int { return len(p.entries) },
		func() fyne.CanvasObject { return widgets.NewItem(0) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			e := p.entries[i]
			first, below := headline(e, p.host.Now(), p.obvious)
			o.(*widgets.Item).Fill(tone(e.Result).Icon(), first, below, "")
			if i >= len(p.entries)-20 {
				p.presenter.more()
			}
		})
	p.list.OnSelected = func(i widget.ListItemID) {
		if p.chosen == nil || p.chosen.ID != p.entries[i].ID || p.chosenIn != p.presenter.query.Run {
			p.showDetail(&p.entries[i])
		}
	}
	p.empty = widgets.Empty(theme.HistoryIcon(), tr.L("Nothing here"), tr.L("What Fieldsync did with your repositories is written down here. Choose other filters, or sync for the first time."))
	p.empty.Hide()
}

func tone(r core.Result) widgets.Tone {
	switch r {
	case core.ResultSuccess:
		return widgets.Success
	case core.ResultWarning, core.ResultError:
		return widgets.Warning
	}
	return widgets.Danger
}

// ShowFilters fills the filters by repository, with all of them first, and by resource.
func (p *Page) ShowFilters(names []string, ids []int64, resources []core.Resource) {
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = strconv.FormatInt(id, 10)
	}
	refill(p.repository, names, values)
	p.obvious = ""
	if i := slices.Index(ids, p.only); i > 0 {
		p.obvious = names[i]
	} else if len(ids) == 2 { // all, and this one
		p.obvious = names[1]
	}
	widgets.Show(p.repository, p.only == 0 && len(ids) > 2)
	p.list.Refresh()
	p.repository.OnPick = func(v string) {
		id, err := strconv.ParseInt(v, 10, 64)
		if err == nil {
			p.presenter.setRepository(id)
		}
	}
	labels, values := []string{tr.L("All resources")}, []string{""}
	for _, r := range resources {
		labels, values = append(labels, words.Many(r, nil)), append(values, string(r))
	}
	refill(p.resource, labels, values)
	widgets.Settle(p.content) // they may need another line
}

// refill offers other values, and goes on showing what was chosen.
func refill(c *widgets.Choice, labels, values []string) {
	now := c.Value()
	c.SetChoices(labels, values)
	c.SetValue(now)
}

// OpenRecord shows the record that an entry is about.
func (p *Page) OpenRecord(l core.Link) { p.host.OpenRecord(l) }

// ShowAbsent says that the record of an entry is not here.
func (p *Page) ShowAbsent() {
	p.host.Toast(tr.L("This record is not on this laptop. If it was set aside, “Needs you” has it."), tr.L("Needs you"), func() { p.host.OpenPage(frame.NeedsYou) })
}

// ShowEntries shows what was read.
func (p *Page) ShowEntries(entries []core.LogEntry, reset bool) {
	above := 0
	if len(p.entries) > 0 && !reset {
		above = slices.IndexFunc(entries, func(e core.LogEntry) bool { return e.ID == p.entries[0].ID })
	}
	p.entries = entries
	widgets.Show(p.empty, len(entries) == 0)
	widgets.Show(p.detail, len(entries) > 0)
	p.list.UnselectAll()
	if reset {
		p.list.ScrollToTop()
	}
	p.list.Refresh()
	p.chooseAgain(above, reset)
}

// chooseAgain goes on showing the entry that was chosen, if it is among them. Where others
// were written above, what was in sight stays.
func (p *Page) chooseAgain(above int, reset bool) {
	at := slices.IndexFunc(p.entries, func(e core.LogEntry) bool { return p.chosen != nil && e.ID == p.chosen.ID })
	offset := p.list.GetScrollOffset()
	switch {
	case at >= 0:
		p.list.Select(at)
		p.list.ScrollToOffset(offset)
	case reset && p.chosen != nil:
		p.showDetail(nil)
	}
	p.list.Grew(above)
}

// ShowProblem shows trouble in a dialog.
func (p *Page) ShowProblem(err error) { p.host.Problem(err) }

// showDetail shows all fields of an entry, or a hint for nil.
func (p *Page) showDetail(e *core.LogEntry) {
	hint := widgets.Caption(tr.L("Choose an entry to see its details."))
	hint.Wrapping, hint.Alignment = fyne.TextWrapWord, fyne.TextAlignCenter // in one line it would push itself below the list
	p.detail.Objects = []fyne.CanvasObject{container.NewVBox(layout.NewSpacer(), hint, layout.NewSpacer())}
	p.chosen, p.chosenIn = nil, p.presenter.query.Run
	if e != nil {
		entry := *e
		p.chosen = &entry
		rows := widgets.Column(-6)
		for _, l := range details(*e, p.host.Now()) {
			if l.Value == "" {
				continue
			}
			rows.Add(widgets.Column(-14, widgets.Caption(l.Name), widgets.NewReadable(l.Value)))
		}
		copied := widgets.NewButtonWithIcon(tr.L("Copy"), theme.ContentCopyIcon(), func() {
			fyne.CurrentApp().Clipboard().SetContent(text(*e, p.host.Now()))
			p.host.Toast(tr.L("Copied."), "", nil)
		})
		head := container.NewBorder(nil, nil, nil, copied, widgets.Heading(tr.L("Details")))
		p.detail.Objects = []fyne.CanvasObject{widgets.Card(container.NewBorder(head, nil, nil, nil, widgets.Footed(rows, p.links(*e))))}
	}
	if p.content != nil { // the page is made
		widgets.Settle(p.content)
	}
}

// links lead from an entry to the run it belongs to and to the records it is
// about.
func (p *Page) links(e core.LogEntry) fyne.CanvasObject {
	links := widgets.Column(4) // side by side they would push the details below the list
	add := func(text string, icon fyne.Resource, open func()) {
		links.Add(container.NewHBox(widgets.NewButtonWithIcon(text, icon, open)))
	}
	if e.Run != "" && p.presenter.query.Run != e.Run {
		add(tr.L("Show the run"), theme.HistoryIcon(), func() { p.presenter.setRun(e.Run) })
	}
	if l, ok := e.Record(); ok {
		add(tr.L("Open the record"), theme.DocumentIcon(), func() { p.presenter.openRecord(l) })
		return links
	}
	if r := core.Resource(e.Resource); e.Resource != "none" && r.Valid() && !r.Private() {
		add(tr.L("Open {{.Kind}}", tr.D{"Kind": words.Many(r, nil)}), theme.ListIcon(), func() { p.host.OpenList(r) })
	}
	return links
}
