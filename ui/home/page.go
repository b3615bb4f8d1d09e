package home

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Page is the first page of the window.
type Page struct {
	host      *frame.Host
	presenter *Presenter
	start     *startPage
	guide     *guideCard
	events    *event.Bus
	practice  Practice
	deaf      func() // ends the subscription

	content *fyne.Container // either body or the first start
	body    fyne.CanvasObject

	mood          *canvas.Image
	title, detail *widgets.Label
	sync, cancel  *widgets.Button
	decide        *widgets.Button // leads to what needs a person
	pause         *pauseButton
	steps         *widgets.Steps
	bar           *widget.ProgressBar
	pulse         *widgets.Pulse // instead of the bar while the length is not known
	doing, counts *widgets.Label
	progress      *fyne.Container
	result        *fyne.Container
	resultBare    bool    // it tells of a trouble, and of nothing else
	resultOf      *[2]int // what waited when the result was shown; nil: not known yet
	tiles         [3]*tile
	cards         *fyne.Container
}

// New returns the page. It follows the events as long as the window lives: the
// navigation and the tray show its state too.
func New(host *frame.Host, store StartStore, engine Engine, connect Connect, practice Practice, events *event.Bus) *Page {
	p := &Page{host: host, events: events, practice: practice}
	p.presenter = NewPresenter(host.Context, store, engine, host.Lanes, host.Now, 2*host.Pause, p) // drawing takes long on a laptop without a graphics card
	p.start = newStartPage(host, store, connect, practice, func() { p.presenter.Load(); p.presenter.Sync(0) }, func() { p.presenter.Load() })
	p.guide = newGuideCard(host, practice, store, p.start, p.SyncNow, p.presenter.Load)
	p.body = widgets.Scrolled(widgets.Column(14, p.makeHero(), p.guide.content, p.makeTiles(), p.makeCards()))
	p.guide.settle = func() { widgets.Settle(p.body) }
	p.content = container.NewStack()
	p.start.opened = func() { p.put(p.start.content) }
	p.deaf = events.Subscribe(p.presenter.Happened)
	return p
}

// Presenter gives the tray and the navigation the state.
func (p *Page) Presenter() *Presenter { return p.presenter }

// Content is the page's place in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown loads the state.
func (p *Page) Shown() { p.presenter.Load() }

// Hidden does nothing: the tray goes on listening.
func (p *Page) Hidden() {}

// Close stops following events.
func (p *Page) Close() { p.deaf() }

// OpenSetup begins to set up from a file.
func (p *Page) OpenSetup(path string) { p.start.presenter.openFile(path) }

// EndPractising asks, and removes a practice repository with its invented records.
func (p *Page) EndPractising(r core.Repository) {
	p.guide.end(r.ID, func() { p.host.OpenPage(frame.Home) })
}

// SyncNow presses "Sync now".
func (p *Page) SyncNow() { p.presenter.Sync(0) }

// leastWords is how wide the sentence on the state is at least, in points.
const leastWords = 280

func (p *Page) makeHero() fyne.CanvasObject {
	p.mood = canvas.NewImageFromResource(look.MoodIcon(int(MoodNew)))
	p.mood.FillMode = canvas.ImageFillContain
	p.mood.SetMinSize(fyne.NewSize(64, 64))
	p.title, p.detail = widgets.Title(""), widgets.Muted("")
	p.sync = widgets.Primary(widgets.NewButtonWithIcon(tr.L("Sync now"), theme.ViewRefreshIcon(), p.SyncNow))
	p.cancel = widgets.NewButtonWithIcon(tr.L("Cancel"), theme.CancelIcon(), p.presenter.Cancel)
	p.cancel.Hide()
	p.decide = widgets.Primary(widgets.NewButton(tr.L("Open “Needs you”"), nil))
	p.decide.Hide()
	p.result = container.NewStack()
	p.result.Hide()
	p.pause = newPauseButton(p.presenter)
	told := container.NewBorder(nil, nil, container.NewHBox(container.NewCenter(p.mood), widgets.Gap(6, 0)), nil, widgets.Wide(leastWords, widgets.Column(-6, p.title, p.detail)))
	line := widgets.Actions(told, p.pause.Button, p.decide, widgets.Wide(140, widgets.Tall(42, container.NewStack(p.sync, p.cancel))))
	return widgets.Card(widgets.Column(8, line, p.makeProgress(), p.result))
}

func (p *Page) makeProgress() fyne.CanvasObject {
	p.steps = widgets.NewSteps(StepNames()...)
	p.bar, p.pulse = widget.NewProgressBar(), widgets.NewPulse()
	p.doing, p.counts = widgets.Line(""), widgets.Caption("")
	p.progress = widgets.Column(4, widget.NewSeparator(), p.steps, widgets.Tall(14, container.NewStack(p.bar, p.pulse)), container.NewBorder(nil, nil, nil, p.counts, p.doing))
	p.bar.TextFormatter = func() string { return "" }
	p.progress.Hide()
	return p.progress
}

func (p *Page) makeTiles() fyne.CanvasObject {
	p.tiles = [3]*tile{newTile("", nil), newTile("", func() { p.host.OpenPage(frame.NeedsYou) }), newTile("", func() { p.host.OpenPage(frame.Log) })}
	return widgets.Tiles(14, p.tiles[0].panel, p.tiles[1].panel, p.tiles[2].panel)
}

func (p *Page) makeCards() fyne.CanvasObject {
	p.cards = widgets.Column(10)
	return widgets.Column(4, widgets.Heading(tr.L("Repositories")), p.cards)
}

// A tile is a number with a word below.
type tile struct {
	panel        *widgets.Panel
	number, word *widgets.Label
}

func newTile(word string, tapped func()) *tile {
	t := &tile{number: widgets.Title("–"), word: widgets.Muted(word)}
	t.number.Wrapping = fyne.TextWrapOff
	t.panel = widgets.Card(widgets.Column(-8, t.number, t.word))
	t.panel.Padding = 8
	t.panel.OnTapped = tapped
	return t
}

func (t *tile) set(text string, importance widget.Importance) {
	t.number.Importance = importance
	t.number.SetText(text)
}

// ShowState shows the sentence, the numbers and the cards, or the first start.
func (p *Page) ShowState(s State, sentence Sentence) {
	p.guide.follow(s)
	if len(s.Repositories) == 0 || p.start.busy {
		p.put(p.start.content)
		return
	}
	p.put(p.body)
	if icon := look.MoodIcon(int(sentence.Mood)); p.mood.Resource == nil || p.mood.Resource.Name() != icon.Name() {
		p.mood.Resource = icon
		p.mood.Refresh()
	}
	say(p.title, sentence.Title)
	say(p.detail, sentence.Detail)
	widgets.Show(p.detail, sentence.Detail != "")
	p.showWorking(s.Working)
	p.pause.set(s.Paused)
	told := s.toldIn(sentence)
	p.showNeeds(s, told)
	p.tiles[0].set(tr.Number(s.Unsent()), widget.MediumImportance)
	say(p.tiles[0].word, tr.N("wait to be sent", s.Unsent()))
	p.tiles[1].set(tr.Number(s.Needs()), importanceOf(s.Needs()))
	say(p.tiles[1].word, tr.N("need you", s.Needs()))
	p.showLast(s)
	p.cards.RemoveAll()
	for _, r := range s.Repositories {
		p.cards.Add(p.makeCard(r, s, told))
	}
}

// showLast shows when all was in step; where there is no server to call, when somebody last
// called, and then there is nothing to sync.
func (p *Page) showLast(s State) {
	servers, callers := s.servers()
	at, word := s.inStep(), tr.L("last complete sync")
	if len(servers) == 0 {
		at, word = 0, tr.L("last call")
		for _, r := range callers {
			at = max(at, r.Repository.LastConnected)
		}
	}
	p.tiles[2].set(words.Begin(words.When(at, p.host.Now())), widget.MediumImportance)
	say(p.tiles[2].word, word)
	widgets.Show(p.pause.Button, len(servers) > 0)
	widgets.Enable(p.sync, len(servers) > 0)
}

// showNeeds leads to what needs a person, before anything else to press, and takes a
// result away once it is not how things are any more: a record was edited, a
// question was decided.
func (p *Page) showNeeds(s State, told bool) {
	label, do := p.lead(s)
	first := do != nil && !s.Working
	if p.decide.OnTapped = do; first {
		p.decide.SetText(label)
	}
	widgets.Show(p.decide, first)
	importance := widget.HighImportance
	if first {
		importance = widget.MediumImportance
	}
	if p.sync.Importance != importance {
		p.sync.Importance = importance
		p.sync.Refresh()
	}
	waiting := [2]int{s.Unsent(), s.Needs()}
	switch {
	case s.Working || !p.result.Visible():
	case told && p.resultBare:
		p.result.Hide()
	case p.resultOf == nil:
		p.resultOf = &waiting
	case *p.resultOf != waiting:
		p.result.Hide()
	}
}

// lead returns where the first button leads: to the way on where a repository stopped,
// for the sentence above speaks of that, else to the questions; nil if nowhere.
func (p *Page) lead(s State) (label string, do func()) {
	r := s.stopped()
	if r == nil {
		r = s.failed()
	}
	if r != nil {
		if label, do = p.wayOn(*r); do != nil {
			return label, do
		}
	}
	if s.Needs() > 0 {
		return tr.L("Open “Needs you”"), func() { p.host.OpenPage(frame.NeedsYou) }
	}
	return "", nil
}

// wayOn returns what a person can do here about a repository that stopped; nil if it is
// not for this page.
func (p *Page) wayOn(r RepositoryState) (label string, do func()) {
	if _, stopped := r.Repository.IdentityTrouble(); stopped {
		return tr.L("How to go on…"), func() { p.host.WayOn(r.Repository) }
	}
	if r.Repository.Stranger() {
		return tr.L("Accept…"), p.host.OpenPeers
	}
	if r.AsksPassword() {
		return tr.L("Enter the password…"), func() { p.host.Password(r.Repository) }
	}
	return "", nil
}

func importanceOf(needs int) widget.Importance {
	if needs > 0 {
		return widget.WarningImportance
	}
	return widget.MediumImportance
}

func (p *Page) put(o fyne.CanvasObject) {
	if len(p.content.Objects) == 1 && p.content.Objects[0] == o {
		return
	}
	p.content.Objects = []fyne.CanvasObject{o}
	p.content.Refresh()
}

func (p *Page) showWorking(on bool) {
	if on == !p.progress.Hidden {
		return
	}
	widgets.Show(p.progress, on)
	widgets.Show(p.sync, !on)
	widgets.Show(p.cancel, on)
	if on {
		p.result.Hide()
		p.steps.SetNow(0)
		p.doing.SetText("")
		p.counts.SetText("")
		p.bar.Hide()
		p.pulse.Show()
	}
	p.body.Refresh()
}

// ShowProgress shows where the run is.
func (p *Page) ShowProgress(g Progress) {
	p.steps.SetNow(g.Step)
	say(p.doing, g.Words)
	say(p.counts, g.Counts)
	if g.Portion >= 0 {
		widgets.Show(p.pulse, false)
		widgets.Show(p.bar, true)
		p.bar.SetValue(g.Portion)
		return
	}
	widgets.Show(p.bar, false)
	widgets.Show(p.pulse, true)
	p.pulse.Step()
}

// say changes what a label says, if it says something else: what is the same need
// not be drawn anew.
func say(l *widgets.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

// ShowResult says how the run ended.
func (p *Page) ShowResult(r Result) {
	if !r.Failed {
		p.guide.synced()
	}
	tone := widgets.Success
	if !r.Good {
		tone = widgets.Warning
	}
	p.result.Objects = []fyne.CanvasObject{widgets.Banner(tone, r.Words)}
	p.resultBare = r.Failed && !strings.Contains(r.Words, r.Outcome)
	p.resultOf = nil
	p.result.Show()
	p.result.Refresh()
}

// ShowProblem shows trouble in a dialog, from where a person can go on as from the page.
func (p *Page) ShowProblem(err error) {
	label, do := "", func() {}
	if problem := core.AsProblem(err); problem != nil {
		for _, r := range p.presenter.State().Repositories {
			of := problem.Subject == "" || problem.Subject == r.Repository.Name
			if of && (core.Tells(problem.Kind, r.Repository.Stopped) || core.Tells(problem.Kind, r.Failed())) {
				label, do = p.wayOn(r)
			}
		}
	}
	p.host.ProblemAnd(err, label, do)
}

// makeCard shows one repository.
func (p *Page) makeCard(r RepositoryState, s State, told bool) fyne.CanvasObject {
	mark := markOf(r, s.silent(r.Success, p.host.Now()))
	name := widgets.Strong(r.Repository.Name)
	lines := widgets.Column(-8, container.NewHBox(name, widgets.NewChip(mark.Text, mark.Tone)), widgets.Muted(p.cardWords(r, told)))
	var buttons []fyne.CanvasObject
	if p.practice != nil && p.practice.Is(r.Repository) && p.practice.Running() {
		buttons = append(buttons, widgets.NewButtonWithIcon(tr.L("Let a colleague change something"), theme.AccountIcon(), p.colleague))
	}
	if label, do := p.wayOn(r); do != nil {
		buttons = append(buttons, widgets.Primary(widgets.NewButton(label, do)))
	}
	if r.Repository.Active() {
		one := widgets.NewButtonWithIcon(tr.L("Sync"), theme.ViewRefreshIcon(), func() { p.presenter.Sync(r.Repository.ID) })
		if s.Working {
			one.Disable()
		}
		buttons = append(buttons, one)
	}
	return widgets.Card(widgets.Actions(lines, buttons...))
}

func (p *Page) colleague() {
	p.host.Lanes.Run(func() func() {
		what, err := p.practice.Colleague(p.host.Context)
		return func() {
			p.host.Problem(err)
			if err == nil {
				p.host.Toast(words.Said(what), tr.L("Sync now"), p.SyncNow)
			}
		}
	})
}

// markOf says how it is with a repository with which nothing was exchanged for too many days, if
// silent is not 0, in a word.
func markOf(r RepositoryState, silent int) widgets.Mark {
	switch {
	case r.Repository.Stopped != "":
		return widgets.Mark{Text: tr.L("stopped"), Tone: widgets.Danger}
	case r.Needs() > 0:
		return widgets.Mark{Text: tr.N("{{.N}} need you", r.Needs()), Tone: widgets.Warning}
	case r.Repository.Stranger():
		return widgets.Mark{Text: tr.L("not accepted"), Tone: widgets.Warning}
	case !r.Repository.Active():
		return widgets.Mark{Text: tr.L("calls us"), Tone: widgets.Neutral}
	case r.Unaccepted():
		return widgets.Mark{Text: tr.L("not accepted yet"), Tone: widgets.Warning}
	case r.Incomplete():
		return widgets.Mark{Text: tr.L("not complete"), Tone: widgets.Warning}
	case r.unreached():
		return widgets.Mark{Text: tr.L("not reached"), Tone: widgets.Warning}
	case r.Failed() != "", r.Away():
		return widgets.Mark{Text: tr.L("not synchronised"), Tone: widgets.Warning}
	case r.Success.IsZero() && r.Repository.Active():
		return widgets.Mark{Text: tr.L("new"), Tone: widgets.Info}
	case silent > 0:
		return widgets.Mark{Text: tr.N("{{.N}} days old", silent), Tone: widgets.Warning}
	case r.Unsent > 0:
		return widgets.Mark{Text: tr.N("{{.N}} to send", r.Unsent), Tone: widgets.Info}
	}
	return widgets.Mark{Text: tr.L("up to date"), Tone: widgets.Success}
}

// cardWords tells what a card knows besides its mark. A trouble that was told above all is
// not told again.
func (p *Page) cardWords(r RepositoryState, told bool) string {
	text := tr.L("Last success: {{.When}}.", tr.D{"When": words.When(r.Success, p.host.Now())})
	switch {
	case r.Repository.Stranger():
		text = tr.L("It called {{.When}}. Nothing is exchanged before it is accepted under Settings, Answer peers.", tr.D{"When": words.When(r.Repository.LastConnected, p.host.Now())})
	case !r.Repository.Active():
		text = tr.L("This one calls us, last {{.When}}.", tr.D{"When": words.When(r.Repository.LastConnected, p.host.Now())})
	}
	if r.Unsent > 0 {
		text += " " + tr.N("{{.N}} changes wait to be sent.", r.Unsent)
	}
	if r.Refused > 0 {
		text += " " + tr.N("{{.N}} records were refused.", r.Refused)
	}
	if r.SetAside > 0 {
		text += " " + tr.N("{{.N}} received records are set aside.", r.SetAside)
	}
	if !r.Next.IsZero() {
		text += " " + tr.L("Next sync {{.When}}.", tr.D{"When": words.When(r.Next, p.host.Now())})
	}
	if trouble := r.trouble(); trouble != "" && !told {
		text += "\n" + trouble
	}
	return text
}
