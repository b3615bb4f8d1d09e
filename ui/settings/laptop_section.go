package settings

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/inspect"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// laptopSection is the laptop's identity and way out.
type laptopSection struct {
	page    *Page
	content fyne.CanvasObject
	stored  core.Node
	draft   Laptop

	uuid                      *widgets.Readable
	name, url, user, password *widgets.Entry
	proxy                     *widgets.Choice
	fields                    map[string]*widgets.Field
	own                       *fyne.Container
	checks                    *widgets.Checks
	testing                   *widget.Activity
	button, discardButton     *widgets.Button
	filling                   bool
}

func newLaptopSection(p *Page) *laptopSection {
	s := &laptopSection{page: p, fields: map[string]*widgets.Field{}}
	s.button = widgets.Primary(widgets.NewButtonWithIcon(tr.L("Save"), theme.DocumentSaveIcon(), s.save))
	s.discardButton = widgets.NewButton(tr.L("Discard my changes"), s.discard)
	left := widgets.Column(12, s.makeIdentity())
	s.content = widgets.Column(12, widgets.Columns(16, left, widgets.Column(12, s.makeProxy())), container.NewBorder(nil, nil, nil, container.NewHBox(s.discardButton, widgets.Wide(130, s.button))))
	s.update()
	return s
}

// Content is the tab.
func (s *laptopSection) Content() fyne.CanvasObject { return s.content }

func (s *laptopSection) line(e *widgets.Entry, to *string) *widgets.Entry {
	e.OnChanged = func(text string) {
		*to = text
		s.update()
	}
	e.OnSubmitted = func(string) { s.save() }
	return e
}

func (s *laptopSection) field(name, label string, required bool, o fyne.CanvasObject, hint string) *widgets.Field {
	f := widgets.NewField(label, required, o, hint)
	s.fields[name] = f
	return f
}

func (s *laptopSection) makeIdentity() fyne.CanvasObject {
	s.uuid = widgets.NewReadable("")
	s.uuid.Wrapping = fyne.TextWrapBreak
	copied := widgets.NewButtonWithIcon(tr.L("Copy"), theme.ContentCopyIcon(), func() {
		fyne.CurrentApp().Clipboard().SetContent(s.stored.UUID)
		s.page.Say(tr.L("The UUID is on the clipboard."))
	})
	s.name = s.line(widgets.NewEntry(), &s.draft.Name)
	return card(tr.L("This laptop"), widgets.NewField(tr.L("UUID"), false, container.NewBorder(nil, nil, nil, container.NewCenter(copied), s.uuid),
		tr.L("By it servers know this laptop. It was made at the first start and never changes.")),
		s.field(fieldName, tr.L("Name"), true, s.name, tr.L("What servers show for this laptop.")),
		widgets.NewField(tr.L("Passwords"), false, widgets.Text(s.where()), ""))
}

func (s *laptopSection) where() string {
	if strings.Contains(s.page.presenter.store.SecretsWhere(), "keyring") {
		return tr.L("They are kept in the keyring of the operating system.")
	}
	return tr.L("This computer has no keyring that works, so they are kept in an encrypted file in the data folder. Whoever can read the whole folder as you can read them, too.")
}

func (s *laptopSection) makeProxy() fyne.CanvasObject {
	s.proxy = widgets.NewChoice([]string{tr.L("No proxy"), tr.L("The operating system's proxy"), tr.L("This proxy:")}, []string{proxyNone, proxySystem, proxyOwn}, func(v string) {
		s.draft.Proxy = v
		s.update()
	})
	s.url, s.user, s.password = s.line(widgets.NewEntry(), &s.draft.URL), s.line(widgets.NewEntry(), &s.draft.User), s.line(widgets.NewPasswordEntry(), &s.draft.Password)
	s.url.SetPlaceHolder("http://proxy.example.org:3128")
	s.own = widgets.Column(4, s.field(fieldProxy, tr.L("Proxy's address"), true, s.url, ""),
		widgets.Columns(12, s.field("user", tr.L("User name"), false, s.user, tr.L("Only if the proxy asks for one.")),
			s.field(fieldPassword, tr.L("Password"), false, s.password, "")))
	s.checks, s.testing = widgets.NewChecks(), widget.NewActivity()
	s.testing.Hide()
	var test *widgets.Button
	test = widgets.NewButtonWithIcon(tr.L("Test"), theme.MediaPlayIcon(), func() {
		s.checks.RemoveAll()
		if len(s.draft.Troubles()) > 0 {
			s.showTroubles()
			return
		}
		s.testing.Show()
		s.testing.Start()
		test.Disable()
		s.page.presenter.testProxy(s.stored, s.draft, func(c inspect.Check) { s.checks.Answer(c.OK, c.Warning, c.Name, c.Answer) }, func() {
			s.checks.Conclude(inspect.Sum)
			s.testing.Stop()
			s.testing.Hide()
			test.Enable()
		})
	})
	head := container.NewBorder(nil, nil, nil, container.NewHBox(s.testing, test), widgets.Heading(tr.L("Proxy")))
	return widgets.Card(widgets.Column(4, head, widgets.Muted(tr.L("The way to all servers, unless a repository has its own.")),
		widgets.NewField(tr.L("Default proxy"), false, s.proxy, ""), s.own, s.checks.Content()))
}

func (s *laptopSection) changed() bool { return s.draft != newLaptop(s.stored) }

func (s *laptopSection) update() {
	if s.filling {
		return
	}
	s.page.host.Touch()
	wrong := s.draft.Troubles()
	for name, f := range s.fields {
		if wrong[name] == "" || s.draft != newLaptop(s.stored) && (name != fieldProxy || s.draft.URL != "") {
			f.SetTrouble(wrong[name])
		}
	}
	widgets.Show(s.own, s.draft.Proxy == proxyOwn)
	for _, b := range []*widgets.Button{s.button, s.discardButton} {
		widgets.Enable(b, s.changed())
	}
}

func (s *laptopSection) showTroubles() {
	for name, trouble := range s.draft.Troubles() {
		s.fields[name].SetTrouble(trouble)
	}
}

func (s *laptopSection) save() { s.saveThen(func() {}) }

// saveThen saves and goes on if that went well.
func (s *laptopSection) saveThen(then func()) {
	if len(s.draft.Troubles()) > 0 {
		s.showTroubles()
		return
	}
	draft := s.draft
	s.page.presenter.saveLaptop(s.stored, draft, func(err error) {
		s.page.ShowProblem(err)
		if err == nil {
			s.stored = draft.Result(s.stored)
			s.discard()
			then()
		}
	})
}

// discard goes back to what is stored.
func (s *laptopSection) discard() {
	s.filling = true
	s.draft = newLaptop(s.stored)
	d := s.draft
	s.uuid.SetText(s.stored.UUID)
	s.name.SetText(d.Name)
	s.proxy.SetValue(d.Proxy)
	s.url.SetText(d.URL)
	s.user.SetText(d.User)
	s.password.SetText("")
	s.draft = d
	s.filling = false
	s.update()
}

func (s *laptopSection) show(state State) {
	untouched := !s.changed() || s.stored.UUID == ""
	s.stored = state.Node
	s.uuid.SetText(state.Node.UUID)
	s.password.SetPlaceHolder("")
	if state.ProxyPassword {
		s.password.SetPlaceHolder(tr.L("unchanged"))
	}
	if untouched {
		s.discard()
	}
}
