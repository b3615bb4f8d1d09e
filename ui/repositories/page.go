package repositories

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/inspect"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Page shows the repositories, or one of them.
type Page struct {
	host      *frame.Host
	presenter *presenter
	log       func(repo int64) frame.Page // the log of one repository
	content   *fyne.Container
	listing   *fyne.Container

	config  *configForm
	form    *formDialog // that is open, if any
	logPage frame.Page  // the one shown, if any
	tabs    *widgets.Tabs
	adds    [4]func() // by tab: what adds something there; nil is another repository
	tab     int       // the tab last looked at
	shown   int64     // the repository that is open; 0: none, or a new one
}

// New returns the page; log makes the log of one repository.
func New(host *frame.Host, store Store, engine Engine, connect inspect.Connect, log func(repo int64) frame.Page) *Page {
	p := &Page{host: host, log: log, content: container.NewStack()}
	p.presenter = &presenter{ctx: host.Context, store: store, engine: engine, connect: connect, lanes: host.Lanes, view: p}
	p.listing = widgets.Column(10)
	return p
}

// Content is the page's place in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown shows the list, or goes on with what is not saved.
func (p *Page) Shown() {
	if p.config == nil || !p.config.draft.Changed() {
		p.presenter.list()
	}
}

// Hidden stops the log of one repository.
func (p *Page) Hidden() { p.closeLog() }

// Add opens an empty form.
func (p *Page) Add() {
	if p.tabs != nil && p.adds[p.tab] != nil {
		p.adds[p.tab]()
		return
	}
	p.presenter.open(0)
}

// Save saves the configuration.
func (p *Page) Save() {
	if p.config != nil {
		p.presenter.save(p.config.draft)
	}
}

// ShowList shows all repositories.
func (p *Page) ShowList(list []Summary) {
	p.config, p.tabs = nil, nil
	p.closeLog()
	add := widgets.Primary(widgets.NewButtonWithIcon(tr.L("Add a repository"), theme.ContentAddIcon(), func() { p.presenter.open(0) }))
	open := widgets.NewButtonWithIcon(tr.L("Open a setup file…"), theme.FolderOpenIcon(), p.chooseSetup)
	if len(list) == 0 {
		widgets.Put(p.content, widgets.Empty(theme.ComputerIcon(), tr.L("No repository yet"), tr.L("A repository is a server you exchange records with: a Sahana Eden, or another Fieldsync."), add, open))
		return
	}
	save := widgets.NewButtonWithIcon(tr.L("Save as a setup file…"), theme.DocumentSaveIcon(), p.saveSetup)
	p.listing.RemoveAll()
	for _, s := range list {
		p.listing.Add(p.makeSummary(s))
	}
	widgets.Put(p.content, widgets.Scrolled(widgets.Column(10, widgets.Head(tr.L("Repositories"), tr.L("The servers this laptop exchanges records with."), add), p.listing, widgets.Flow(save, open))))
}

// chooseSetup asks for a setup file and opens it.
func (p *Page) chooseSetup() {
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil || f == nil {
			p.host.Problem(err)
			return
		}
		p.host.Problem(f.Close())
		p.host.OpenSetup(f.URI().Path())
	}, p.host.Window)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".json"}))
	p.host.ShowFiles(tr.L("Choose the setup file"), tr.L("Open"), d)
}

// saveSetup asks where, and writes a setup file for other laptops.
func (p *Page) saveSetup() {
	p.host.AskToSave(tr.L("Save the setup file"), "fieldsync-setup.json", p.presenter.saveSetup)
}

func (p *Page) makeSummary(s Summary) fyne.CanvasObject {
	mark := widgets.Mark{Text: tr.L("registered"), Tone: widgets.Success}
	switch {
	case s.Repository.Stopped != "":
		mark = widgets.Mark{Text: tr.L("stopped"), Tone: widgets.Danger}
	case !s.Repository.Active() && !s.Repository.AcceptPush:
		mark = widgets.Mark{Text: tr.L("not accepted yet"), Tone: widgets.Warning}
	case !s.Repository.Active():
		mark = widgets.Mark{Text: tr.L("calls us"), Tone: widgets.Success}
	case s.Repository.Registered.IsZero():
		mark = widgets.Mark{Text: tr.L("not registered yet"), Tone: widgets.Info}
	}
	address := s.Repository.URL
	if address == "" {
		address = tr.L("It calls us; we do not call it.")
	}
	planned := tr.N("{{.N}} planned times", s.Jobs)
	if s.Jobs == 0 && s.Repository.Active() {
		planned = tr.L("every hour")
	}
	text := tr.N("{{.N}} resources", s.Resources) + "  ·  " + planned + "  ·  " +
		tr.L("last contact {{.When}}", tr.D{"When": words.When(s.Repository.LastConnected, p.host.Now())})
	lines := widgets.Column(-12, container.NewHBox(widgets.Strong(s.Repository.Name), widgets.NewChip(mark.Text, mark.Tone)), widgets.Text(address), widgets.Note(text))
	open := func() { p.tab = 0; p.presenter.open(s.Repository.ID) }
	card := widgets.Card(widgets.Actions(lines, widgets.NewButtonWithIcon(tr.L("Open"), widgets.ForwardIcon(), open)))
	card.OnTapped = open
	return card
}

// ShowRepository shows one repository in its tabs; a new one has only the first.
func (p *Page) ShowRepository(d Details) {
	r := d.Repository
	p.closeLog()
	if p.shown != r.ID {
		p.tab = 0
	}
	p.shown, p.tabs = r.ID, nil
	title := r.Name
	if r.ID == 0 {
		title = tr.L("New repository")
	}
	back := widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Back"), widgets.BackIcon(), p.back))
	head := container.NewBorder(nil, nil, container.NewCenter(back), nil, widgets.Title(title))
	p.config = newConfigForm(p, r)
	body := p.config.content
	if r.ID != 0 {
		tabs := widgets.NewTabs(
			container.NewTabItem(tr.L("Configuration"), p.config.content),
			container.NewTabItem(widgets.Visual(tr.N("Resources ({{.N}})", len(d.Tasks))), belowNames(p.makeTasks(d))),
			container.NewTabItem(scheduleTab(len(d.Jobs)), belowNames(p.makeJobs(r, d.Jobs, d.Ended))),
			container.NewTabItem(tr.L("Log"), container.NewStack()))
		tabs.OnSelected = func(t *container.TabItem) { p.openTab(tabs, t, r.ID) }
		tabs.SelectIndex(p.tab)
		if p.tab == 3 {
			p.openTab(tabs, tabs.Items[3], r.ID)
		}
		body, p.tabs = tabs, tabs
	}
	widgets.Put(p.content, widgets.Framed(container.NewBorder(head, nil, nil, nil, widgets.Floor(14, body))))
	if r.ID == 0 {
		p.host.Window.Canvas().Focus(p.config.first)
	}
}

// scheduleTab counts what is planned. Where that is nothing, hourly is what runs, or a peer calls:
// a zero would say that nothing comes.
func scheduleTab(jobs int) string {
	if jobs == 0 {
		return tr.L("Schedule")
	}
	return widgets.Visual(tr.N("Schedule ({{.N}})", jobs))
}

// belowNames leaves room between the names of the tabs and what is in one.
func belowNames(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(10, 0, 0, 0), o)
}

// Turn opens the next tab of a repository, or the one before.
func (p *Page) Turn(by int) {
	if p.tabs != nil {
		p.tabs.Turn(by)
	}
}

func (p *Page) openTab(tabs *widgets.Tabs, t *container.TabItem, repo int64) {
	p.tab = tabs.SelectedIndex()
	p.closeLog()
	if t != tabs.Items[3] {
		return
	}
	p.logPage = p.log(repo)
	t.Content.(*fyne.Container).Objects = []fyne.CanvasObject{p.logPage.Content()}
	t.Content.Refresh()
	p.logPage.Shown()
}

func (p *Page) closeLog() {
	if p.logPage != nil {
		p.logPage.Hidden()
		p.logPage = nil
	}
}

// Back leads from a repository to the list.
func (p *Page) Back() {
	if p.config != nil {
		p.back()
	}
}

func (p *Page) back() { p.Leave(p.presenter.list) }

// Leave goes on at once if nothing typed is unsaved, else after asking.
func (p *Page) Leave(goOn func()) { p.leaveForm(func() { p.leaveConfig(goOn) }) }

func (p *Page) leaveConfig(goOn func()) {
	if p.config == nil || !p.config.draft.Changed() {
		goOn()
		return
	}
	p.host.AskSave(tr.L("What you changed in this configuration is not saved yet."),
		func() { p.presenter.saveThen(p.config.draft, goOn) },
		func() { p.config = nil; goOn() })
}

// ShowTroubles shows what is wrong with the configuration.
func (p *Page) ShowTroubles(wrong map[string]string) {
	if p.config != nil {
		p.config.showTroubles(wrong)
	}
}

// ShowSaved says that the configuration is stored.
func (p *Page) ShowSaved(id int64, created bool) {
	p.config = nil // what comes next is read anew
	if created {
		p.shown, p.tab = id, 1
		p.host.Toast(tr.L("Saved. Now choose which records to exchange."), "", nil)
		return
	}
	p.host.Toast(tr.L("Saved."), "", nil)
}

// ShowGone goes back to the list after a repository was removed.
func (p *Page) ShowGone() { p.presenter.list() }

// ShowTesting shows that the test goes on.
func (p *Page) ShowTesting(on bool) {
	if on {
		p.config.checks.RemoveAll()
		p.config.testing.Show()
		p.config.testing.Start()
		return
	}
	p.config.testing.Stop()
	p.config.testing.Hide()
	p.config.checks.Conclude(inspect.Sum)
	widgets.Settle(p.config.content)
}

// ShowCheck shows one answer of the test.
func (p *Page) ShowCheck(c inspect.Check) {
	p.config.checks.Answer(c.OK, c.Warning, c.Name, c.Answer)
}

// ShowDone says what was done.
func (p *Page) ShowDone(words string) { p.host.Toast(words, "", nil) }

// ShowProblem shows trouble in a dialog.
func (p *Page) ShowProblem(err error) { p.host.Problem(err) }
