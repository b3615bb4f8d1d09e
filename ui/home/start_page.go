package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/inspect"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// startPage is the first start.
type startPage struct {
	host      *frame.Host
	presenter *startPresenter
	content   *fyne.Container
	begun     func() // a repository is there: run the first sync
	left      func()
	opened    func()   // a file was opened: show it, whatever is shown now
	faults    []string // of the file that was opened
	busy      bool     // somebody is in the middle of it
	login     login    // what is asked for

	proxyUser, proxyPassword *widgets.Entry

	name, address, user, password *widgets.Entry
	fields                        map[string]*widgets.Field
	checks                        *widgets.Checks
	testing                       *widget.Activity
	forward, backward             *widgets.Button // of the step that is shown
	scroll                        *container.Scroll
	again, trust                  *widgets.Button
	picked                        map[core.Resource]bool
	noResources                   *widgets.Field
	kinds                         map[core.Resource]*widgets.Check
	offered                       [2]*fyne.Container              // the kinds in two columns
	lacking                       *widgets.Label                  // names those that the server does not have
	named                         map[core.Resource]core.Resource // by what name the server has each
	asking                        *fyne.Container
}

func newStartPage(host *frame.Host, store StartStore, connect Connect, practice Practice, begun, left func()) *startPage {
	s := &startPage{host: host, begun: begun, left: left, opened: func() {}, content: container.NewStack(), fields: map[string]*widgets.Field{}, picked: map[core.Resource]bool{}}
	s.presenter = &startPresenter{ctx: host.Context, store: store, connect: connect, practice: practice, lanes: host.Lanes, view: s, dir: host.Dir}
	for i, r := range words.Common() {
		s.picked[r] = i < 8
	}
	s.name, s.address, s.user, s.password = widgets.NewEntry(), widgets.NewEntry(), widgets.NewEntry(), widgets.NewPasswordEntry()
	s.proxyUser, s.proxyPassword = widgets.NewEntry(), widgets.NewPasswordEntry()
	s.name.SetText(tr.L("Headquarters"))
	s.address.SetPlaceHolder("https://hub.example.org/eden")
	s.address.OnChanged = s.presenter.checkAddress
	s.address.OnSubmitted = func(string) { s.presenter.setAddress(s.name.Text, s.address.Text) }
	s.name.OnSubmitted = s.address.OnSubmitted
	s.user.OnSubmitted = func(string) {
		if s.password.Text == "" && !s.login.Kept {
			s.host.Window.Canvas().Focus(s.password)
			return
		}
		s.takeLogin()
	}
	s.password.OnSubmitted = func(string) { s.takeLogin() }
	s.proxyPassword.OnSubmitted = func(string) { s.takeLogin() }
	for _, e := range []*widgets.Entry{s.name, s.user, s.password} {
		e.OnChanged = func(string) { s.clear() }
	}
	s.ShowStep(stepChoose)
	return s
}

func (s *startPage) clear() {
	for _, f := range s.fields {
		f.SetTrouble("")
	}
}

// ShowStep shows one step of the way.
func (s *startPage) ShowStep(step int) {
	s.busy = step != stepChoose
	page := []func() fyne.CanvasObject{s.makeChoose, s.makeAddress, s.makeLogin, s.makeTest, s.makeResources, s.makeFile}[step]
	s.content.Objects = []fyne.CanvasObject{page()}
	s.content.Refresh()
	s.keyboard(step)
}

// keyboard puts the keyboard where a step begins.
func (s *startPage) keyboard(step int) {
	focus := map[int]fyne.Focusable{stepAddress: s.address, stepLogin: s.user}[step]
	if step == stepResources || step == stepFile {
		focus = s.wayOn()
	}
	switch {
	case s.host.Window == nil:
	case focus != nil:
		s.host.Window.Canvas().Focus(focus)
	default:
		s.host.Window.Canvas().Unfocus() // it stands on what is gone
	}
}

// wayOn is the button that leads on, or back where nothing leads on.
func (s *startPage) wayOn() fyne.Focusable {
	if s.forward.Disabled() {
		return s.backward
	}
	return s.forward
}

func (s *startPage) makeChoose() fyne.CanvasObject {
	logo := canvas.NewImageFromResource(look.Logo())
	logo.FillMode = canvas.ImageFillContain
	logo.SetMinSize(fyne.NewSize(84, 84))
	title := widgets.Title(tr.L("Welcome to Fieldsync"))
	title.Alignment = fyne.TextAlignCenter
	text := widgets.Muted(tr.L("A working copy of your organisation's records on this laptop, kept in step with the server whenever there is a network."))
	text.Alignment = fyne.TextAlignCenter
	practice := s.choice(theme.MediaPlayIcon(), tr.L("Try it with practice data"), tr.L("A practice server inside this program, with invented records. Nothing leaves this laptop, nothing can break."),
		widgets.Primary(widgets.NewButton(tr.L("Start practising"), s.presenter.practise)))
	connect := s.choice(theme.ComputerIcon(), tr.L("Connect to my organisation's server"), tr.L("You need the address of the Sahana Eden server, and a user name and password there."),
		widgets.NewButton(tr.L("Connect"), func() { s.ShowStep(stepAddress) }))
	if s.presenter.practice == nil {
		practice.Hide()
	}
	cards := widgets.Columns(16, practice, connect)
	words := widgets.Column(-6, title, widgets.Middle(600, text))
	file := widgets.Quiet(widgets.NewButtonWithIcon(tr.L("I have a setup file from my administrator…"), theme.FolderOpenIcon(), s.chooseFile))
	return container.NewVScroll(widgets.Framed(widgets.Pictured(780, logo, widgets.Column(8, words, cards, container.NewCenter(file)))))
}

func (s *startPage) choice(icon fyne.Resource, title, text string, button *widgets.Button) fyne.CanvasObject {
	head := widgets.Heading(title)
	head.Wrapping = fyne.TextWrapWord
	line := container.NewBorder(nil, nil, container.NewCenter(widgets.NewIcon(theme.NewPrimaryThemedResource(icon))), nil, head)
	return widgets.Card(container.NewBorder(line, widgets.Tall(40, button), nil, nil, widgets.Muted(text)))
}

// frame puts a step on a card with its place among the four and its buttons.
func (s *startPage) frame(step int, title, text string, body fyne.CanvasObject, forward *widgets.Button) fyne.CanvasObject {
	first := tr.L("Address")
	if s.presenter.file != nil || step == stepFile {
		first = tr.L("File")
	}
	steps := widgets.NewSteps(first, tr.L("Login"), tr.L("Test"), tr.L("Records"))
	steps.Centered = true
	if step == stepFile {
		steps.SetNow(0)
	} else {
		steps.SetNow(step - 1)
	}
	back := widgets.NewButton(tr.L("Back"), func() { s.back(step) })
	s.forward, s.backward = forward, back
	buttons := container.NewBorder(nil, nil, back, widgets.Wide(150, widgets.Primary(forward)))
	card := widgets.Card(widgets.Column(8, widgets.Title(title), widgets.Muted(text), body, widgets.Gap(0, 4), buttons))
	card.Padding = 22
	s.scroll = container.NewVScroll(widgets.Framed(widgets.Middle(640, widgets.Column(10, steps, card))))
	return s.scroll
}

func (s *startPage) back(step int) {
	switch {
	case step == stepAddress || step == stepFile:
		s.presenter.file, s.presenter.repository, s.login = nil, core.Repository{}, login{}
		s.ShowStep(stepChoose)
		s.left()
	case step == stepLogin && s.presenter.file != nil:
		if !s.presenter.previous() {
			s.ShowStep(stepFile)
		}
	default:
		s.ShowStep(step - 1)
	}
}

func (s *startPage) field(key, label string, entry fyne.CanvasObject, hint string) *widgets.Field {
	f := widgets.NewField(label, true, entry, hint)
	s.fields[key] = f
	return f
}

func (s *startPage) makeAddress() fyne.CanvasObject {
	next := widgets.NewButton(tr.L("Next"), func() { s.presenter.setAddress(s.name.Text, s.address.Text) })
	return s.frame(stepAddress, tr.L("Where is the server?"), tr.L("Copy the address from your web browser while you look at Sahana Eden."), widgets.Column(6,
		s.field("url", tr.L("Address"), s.address, tr.L("It begins with https:// and often ends with /eden.")),
		s.field("name", tr.L("Name"), s.name, tr.L("What you call it; it is shown on the first page."))), next)
}

func (s *startPage) makeTest() fyne.CanvasObject {
	s.checks = widgets.NewChecks()
	s.testing = widget.NewActivity()
	s.again = widgets.NewButtonWithIcon(tr.L("Test again"), theme.ViewRefreshIcon(), func() {
		s.checks.RemoveAll()
		s.trust.Hide()
		s.presenter.test()
	})
	s.trust = widgets.NewButtonWithIcon(tr.L("Choose its certificate…"), theme.FolderOpenIcon(), s.chooseAuthority)
	s.trust.Hide()
	s.forward = widgets.NewButton(tr.L("Next"), s.presenter.tested)
	s.forward.Disable()
	return s.frame(stepTest, tr.L("Does everything work?"), tr.L("Fieldsync asks the server a few questions. Nothing is changed there."),
		widgets.Column(4, s.checks.Content(), widgets.Flow(s.again, s.trust, s.testing)), s.forward)
}

// ShowTrouble shows what is wrong with a field, "" that nothing is, and leads there.
func (s *startPage) ShowTrouble(field, words string) {
	f := s.fields[field]
	if f == nil {
		return
	}
	f.SetTrouble(words)
	if entry, ok := f.Control().(fyne.Focusable); ok && words != "" && s.host.Window != nil {
		s.host.Window.Canvas().Focus(entry)
	}
}

// ShowAddress puts the end of the address in that somebody left out.
func (s *startPage) ShowAddress(url string) { s.address.SetText(url) }

// ShowTesting shows that the test goes on.
func (s *startPage) ShowTesting(on bool) {
	if !on {
		s.testing.Stop()
		s.testing.Hide()
		s.again.Enable()
		return
	}
	s.testing.Show()
	s.testing.Start()
	s.again.Disable()
}

// ShowCheck adds one answer. A certificate that nobody vouches for can be told here whom to
// believe: the server is not stored yet, and there is no other page for it.
func (s *startPage) ShowCheck(c inspect.Check) {
	advice := ""
	switch {
	case c.Problem == nil:
	case c.Problem.Kind == core.CertificateWrong:
		advice = tr.L("Check date and time of this laptop. If the server has a certificate of its own, as another Fieldsync has, ask its administrator for the file, and choose it here.")
	case c.Problem.Kind == core.CertificateOther:
		advice = tr.L("Go back and write the address as in your web browser. If the server has a certificate of its own, as another Fieldsync has, ask its administrator for the file, and choose it here.")
	}
	if advice != "" {
		s.trust.Show()
		c.Answer = words.Message(c.Problem) + " " + advice
	}
	s.checks.Answer(c.OK, c.Warning, c.Name, c.Answer)
}

// chooseAuthority asks for the certificate of the server, or of who vouches for it.
func (s *startPage) chooseAuthority() {
	s.host.ShowFiles(tr.L("Choose the certificate"), tr.L("Open"), dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil || f == nil {
			s.host.Problem(err)
			return
		}
		s.host.Problem(f.Close())
		s.presenter.trust(f.URI().Path())
	}, s.host.Window))
}

// ShowTrusted says which certificate was chosen, before the test that goes by it.
func (s *startPage) ShowTrusted(a eden.Authority) {
	s.checks.RemoveAll()
	s.trust.Hide()
	s.checks.Answer(true, false, tr.L("Chosen certificate"), tr.L("{{.Name}}, valid until {{.Until}}. Fingerprint (SHA-256), to compare: {{.Print}}",
		tr.D{"Name": a.Name, "Until": tr.DayYear(a.Expires), "Print": a.Fingerprint}))
}

// ShowTested lets the way go on if all was well. The keyboard stands on it then, else on
// the way back to what was entered, unless it is somewhere already. On a small screen that
// and the last answer, which says what is wrong, are brought into sight.
func (s *startPage) ShowTested(ok bool) {
	if ok {
		s.forward.Enable()
	}
	widgets.Settle(s.content)
	s.scroll.ScrollToBottom()
	if c := fyne.CurrentApp().Driver().CanvasForObject(s.forward); c != nil && c.Focused() == nil {
		c.Focus(s.wayOn())
	}
}

// ShowProblem shows trouble in a dialog.
func (s *startPage) ShowProblem(err error) { s.host.Problem(err) }

// ShowDone leaves the first start.
func (s *startPage) ShowDone(bool) {
	s.login = login{}
	s.ShowStep(stepChoose)
	s.begun()
}
