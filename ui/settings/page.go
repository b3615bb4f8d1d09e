package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/lock"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A section is one tab of the page.
type section interface {
	Content() fyne.CanvasObject
	show(State)
}

// A Page shows the settings.
type Page struct {
	host      *frame.Host
	lock      *lock.Lock
	presenter *presenter
	content   fyne.CanvasObject
	tabs      *widgets.Tabs
	sections  []section
	gates     []*lock.Gate // by tab; nil: open to everybody
	shown     bool
	laptop    *laptopSection
	peers     int // the tab of those who call; 0 where there is none
}

// New returns the page. What only an administrator may change is behind the lock.
func New(host *frame.Host, l *lock.Lock, store Store, around Surroundings) *Page {
	p := &Page{host: host, lock: l}
	p.presenter = &presenter{ctx: host.Context, store: store, around: around, lanes: host.Lanes, now: host.Now, view: p}
	p.tabs = widgets.NewTabs()
	p.laptop = newLaptopSection(p)
	p.add(tr.L("General"), newGeneralSection(p), false)
	p.add(tr.L("This laptop"), p.laptop, true)
	if around.Server != nil {
		p.peers = len(p.sections)
		p.add(tr.L("Answer peers"), newServingSection(p), true)
	}
	p.add(tr.L("Passcode"), newPasscodeSection(p), true)
	p.add(tr.L("Storage"), newStorageSection(p), false)
	if around.Report != nil {
		p.add(tr.L("Diagnostics"), newDiagnosticsSection(p), false)
	}
	p.add(tr.L("About"), newAboutSection(p), false)
	p.tabs.OnSelected = func(tab *container.TabItem) {
		tab.Content.Refresh() // its texts may be of another size by now
		p.showTab()
	}
	p.content = widgets.Framed(container.NewBorder(widgets.Title(tr.L("Settings")), nil, nil, nil, widgets.Floor(12, p.tabs)))
	return p
}

func (p *Page) add(name string, s section, guarded bool) {
	body := container.NewVScroll(widgets.BesideBar(12, 10, 10, s.Content()))
	p.sections = append(p.sections, s)
	if !guarded {
		p.gates = append(p.gates, nil)
		p.tabs.Append(container.NewTabItem(name, body))
		return
	}
	gate := lock.NewGate(p.host, p.lock, still{body})
	p.gates = append(p.gates, gate)
	p.tabs.Append(container.NewTabItem(name, gate.Content()))
}

// still is a page that needs nothing to be shown.
type still struct{ fyne.CanvasObject }

func (s still) Content() fyne.CanvasObject { return s.CanvasObject }
func (still) Shown()                       {}
func (still) Hidden()                      {}

// Content is the page's place in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown loads what is shown.
func (p *Page) Shown() {
	p.shown = true
	p.presenter.load()
	p.showTab()
}

// ShowPeers opens the tab of those who call, from its beginning.
func (p *Page) ShowPeers() {
	p.tabs.SelectIndex(p.peers)
	widgets.FromTop(p.sections[p.peers].Content())
}

// Hidden stops watching the lock.
func (p *Page) Hidden() {
	p.shown = false
	p.showTab()
}

// showTab tells the gates which of them is to be seen.
func (p *Page) showTab() {
	for i, gate := range p.gates {
		switch {
		case gate == nil:
		case p.shown && i == p.tabs.SelectedIndex():
			gate.Shown()
		default:
			gate.Hidden()
		}
	}
}

// Save saves the laptop's name and proxy.
func (p *Page) Save() {
	if p.lock.Open() {
		p.laptop.save()
	}
}

// Leave goes on at once if nothing typed is unsaved, else after asking.
func (p *Page) Leave(goOn func()) {
	if !p.laptop.changed() || !p.lock.Open() {
		goOn()
		return
	}
	p.host.AskSave(tr.L("What you changed about this laptop is not saved yet."), func() { p.laptop.saveThen(goOn) }, func() { p.laptop.discard(); goOn() })
}

// Show shows what is stored.
func (p *Page) Show(s State) {
	for _, section := range p.sections {
		section.show(s)
	}
}

// ShowProblem shows trouble in a dialog.
func (p *Page) ShowProblem(err error) { p.host.Problem(err) }

// Say shows a sentence for a while.
func (p *Page) Say(words string) { p.host.Touch(); p.host.Toast(words, "", nil) }

// card is a part of a section under a heading.
func card(heading string, objects ...fyne.CanvasObject) *widgets.Panel {
	return widgets.Card(widgets.Column(4, append([]fyne.CanvasObject{widgets.Heading(heading)}, objects...)...))
}

// check is a box that tells only what a person did.
type check struct {
	*widgets.Check
	quiet bool
}

func newCheck(label string, changed func(on bool)) *check {
	c := &check{}
	c.Check = widgets.NewCheck(label, func(on bool) {
		if !c.quiet {
			changed(on)
		}
	})
	return c
}

// set shows a value without telling.
func (c *check) set(on bool) {
	c.quiet = true
	c.SetChecked(on)
	c.quiet = false
}

// Turn opens the next tab, or the one before.
func (p *Page) Turn(by int) { p.tabs.Turn(by) }
