package repositories

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/practice"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// configForm is the tab "Configuration".
type configForm struct {
	page     *Page
	draft    Draft
	fields   map[string]*widgets.Field
	entries  map[string]*widgets.Entry
	first    *widgets.Entry
	content  fyne.CanvasObject
	proxyURL *widgets.Field
	proxyPW  *widgets.Field
	checks   *widgets.Checks
	testing  *widget.Activity
	save     *widgets.Button
	typed    map[string]bool // fields that somebody has typed in: only those are complained about
}

func newConfigForm(p *Page, r core.Repository) *configForm {
	c := &configForm{page: p, draft: newDraft(r), fields: map[string]*widgets.Field{}, entries: map[string]*widgets.Entry{}, typed: map[string]bool{}}
	c.checks, c.testing = widgets.NewChecks(), widget.NewActivity()
	c.testing.Hide()
	left := widgets.Column(12, c.makeServer(), c.makeWay())
	right := widgets.Column(12, c.makeTest())
	if r.ID != 0 {
		right.Add(c.makeIdentity(r))
	}
	body := container.NewVScroll(widgets.BesideBar(10, 10, 10, widgets.Columns(16, left, right)))
	c.save = widgets.Primary(widgets.NewButtonWithIcon(tr.L("Save"), theme.DocumentSaveIcon(), p.Save))
	foot := container.NewBorder(nil, nil, c.makeRemove(r), widgets.Wide(130, c.save))
	ground := widgets.Surface(foot, theme.ColorNameBackground, 0)
	ground.Square = true
	c.content = container.NewBorder(nil, ground, nil, nil, body)
	c.update("")
	return c
}

// update checks what was typed so far.
func (c *configForm) update(field string) {
	if field != "" {
		c.typed[field] = true
	}
	c.page.host.Touch()
	wrong := c.draft.Troubles()
	for name, f := range c.fields {
		if c.typed[name] && name != fieldAuthority { // what is in that file is looked at by itself
			f.SetTrouble(wrong[name])
		}
	}
	widgets.Show(c.proxyURL, c.draft.Proxy == proxyOwn)
	widgets.Show(c.proxyPW, c.draft.Proxy == proxyOwn)
	widgets.Enable(c.save, c.draft.Changed())
}

// showTroubles says what is wrong, and leads to the first of it.
func (c *configForm) showTroubles(wrong map[string]string) {
	for name, f := range c.fields {
		if wrong[name] != "" || name != fieldAuthority {
			f.SetTrouble(wrong[name])
		}
		c.typed[name] = true
	}
	for _, name := range fieldsInOrder {
		if entry := c.entries[name]; wrong[name] != "" && entry != nil {
			c.page.host.Window.Canvas().Focus(entry)
			return
		}
	}
}

func (c *configForm) line(name string, text *string, e *widgets.Entry) *widgets.Entry {
	e.SetText(*text)
	e.OnChanged = func(s string) {
		*text = s
		c.update(name)
	}
	e.OnSubmitted = func(string) { c.page.Save() }
	c.entries[name] = e
	return e
}

func (c *configForm) field(name, label string, required bool, o fyne.CanvasObject, hint string) *widgets.Field {
	f := widgets.NewField(label, required, o, hint)
	c.fields[name] = f
	return f
}

func (c *configForm) makeServer() fyne.CanvasObject {
	d := &c.draft
	c.first = c.line(fieldName, &d.Name, widgets.NewEntry())
	url := c.line(fieldURL, &d.URL, widgets.NewEntry())
	url.SetPlaceHolder("https://hub.example.org/eden")
	password := c.line(fieldPassword, &d.Password, widgets.NewPasswordEntry())
	hint := tr.L("It is kept encrypted on this laptop and never written to a log.")
	if d.Repository.Password != "" {
		password.SetPlaceHolder(tr.L("unchanged"))
		hint = tr.L("Leave it empty to keep the present one.")
	}
	return widgets.Card(widgets.Column(4, widgets.Heading(tr.L("Server")),
		c.field(fieldName, tr.L("Name"), true, c.first, ""),
		c.field(fieldURL, tr.L("Address (URL)"), !d.passive(), url, tr.L("It begins with https:// and often ends with /eden.")),
		widgets.Columns(12, c.field(fieldUser, tr.L("User name"), false, c.line(fieldUser, &d.Username, widgets.NewEntry()), tr.L("Usually your e-mail address.")),
			c.field(fieldPassword, tr.L("Password"), false, password, hint))))
}

func (c *configForm) makeWay() fyne.CanvasObject {
	d := &c.draft
	proxy := widgets.NewChoice([]string{tr.L("As in the settings"), tr.L("No proxy"), tr.L("The operating system's proxy"), tr.L("This proxy:")},
		[]string{proxyDefault, proxyNone, proxySystem, proxyOwn}, func(v string) {
			d.Proxy = v
			c.update("")
		})
	proxy.SetValue(d.Proxy)
	address := c.line(fieldProxy, &d.ProxyURL, widgets.NewEntry())
	address.SetPlaceHolder("http://proxy.example.org:3128")
	secret := c.line("proxypassword", &d.ProxyPassword, widgets.NewPasswordEntry())
	if d.Repository.ProxyPassword != "" {
		secret.SetPlaceHolder(tr.L("unchanged"))
	}
	c.proxyURL = c.field(fieldProxy, tr.L("Proxy's address"), true, address, tr.L("With a user name if it needs one: http://user@proxy.example.org:3128"))
	c.proxyPW = c.field("proxypassword", tr.L("Proxy's password"), false, secret, "")
	ca := c.line(fieldAuthority, &d.CAFile, widgets.NewEntry())
	ca.SetPlaceHolder(tr.L("only if the server has a certificate of your organisation's own"))
	var authority *widgets.Field
	look := func(file string) {
		if file == "" {
			authority.SetHint("")
			return
		}
		c.page.presenter.authorities(file, func(list []eden.Authority, err error) {
			if file != d.CAFile {
				return // typed on meanwhile
			}
			if err != nil {
				authority.SetTrouble(words.Message(err))
				return
			}
			first := list[0]
			authority.SetHint(tr.L("{{.Name}}, valid until {{.Until}}. Fingerprint (SHA-256), to compare: {{.Print}}",
				tr.D{"Name": first.Name, "Until": tr.DayYear(first.Expires), "Print": first.Fingerprint}))
		})
	}
	typed := ca.OnChanged
	ca.OnChanged = func(file string) { typed(file); look(file) }
	choose := widgets.NewButtonWithIcon("", theme.FolderOpenIcon(), func() {
		c.page.host.ShowFiles(tr.L("Choose the certificate"), tr.L("Open"), dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
			if err != nil || f == nil {
				c.page.host.Problem(err)
				return
			}
			ca.SetText(f.URI().Path())
			c.page.host.Problem(f.Close())
		}, c.page.host.Window))
	})
	authority = c.field(fieldAuthority, tr.L("Certificate authority (file)"), false, container.NewBorder(nil, nil, nil, choose, ca), "")
	look(d.CAFile)
	accept := widgets.NewCheck(tr.L("Accept what it sends us (accept pushes)"), func(on bool) { d.AcceptPush = on; c.update("") })
	accept.Checked = d.AcceptPush
	allow := widgets.NewCheck(tr.L("Let it fetch from us"), func(on bool) { d.AllowPull = on; c.update("") })
	allow.Checked = d.AllowPull
	return widgets.Card(widgets.Column(4, widgets.Heading(tr.L("The way there, and back")),
		widgets.NewField(tr.L("Proxy"), false, proxy, ""), c.proxyURL, c.proxyPW,
		authority,
		widgets.NewField(tr.L("If it calls us"), false, widgets.Column(-4, accept, allow), tr.L("Only for servers that call this laptop."))))
}

func (c *configForm) makeTest() fyne.CanvasObject {
	test := widgets.NewButtonWithIcon(tr.L("Test"), theme.MediaPlayIcon(), func() { c.page.presenter.test(c.draft) })
	return widgets.Card(widgets.Column(4, container.NewBorder(nil, nil, nil, container.NewHBox(c.testing, test), widgets.Heading(tr.L("Does it work?"))),
		widgets.Muted(tr.L("Asks the server with what is entered here, without changing anything.")), c.checks.Content()))
}

func (c *configForm) makeIdentity(r core.Repository) fyne.CanvasObject {
	uuid := r.UUID
	if uuid == "" {
		uuid = tr.L("not known yet")
	}
	id := widgets.NewReadable(uuid)
	register := widgets.NewButton(tr.L("Register now"), func() { c.page.presenter.register(r) })
	if !r.Active() {
		register.Disable()
	}
	card := widgets.Column(-4, container.NewBorder(nil, nil, nil, register, widgets.Heading(tr.L("Registration"))),
		widgets.Caption(tr.L("The repository's UUID")), id, widgets.Caption(tr.L("Registered")), widgets.Text(words.When(r.Registered, c.page.host.Now())))
	if r.Stopped != "" {
		card.Add(widgets.Gap(0, 10))
		card.Add(widgets.Banner(widgets.Danger, words.Told(r.Stopped)))
		if way := c.page.wayButton(r); way != nil {
			card.Add(container.NewHBox(way))
		}
	}
	return widgets.Card(card)
}

func (c *configForm) makeRemove(r core.Repository) fyne.CanvasObject {
	if r.ID == 0 {
		return widgets.Gap(0, 0)
	}
	if practice.Is(r) { // its records alone would keep real servers away
		return widgets.Quiet(widgets.NewButtonWithIcon(tr.L("End practising…"), theme.DeleteIcon(), func() { c.page.host.EndPractising(r) }))
	}
	return widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Remove this repository…"), theme.DeleteIcon(), func() {
		c.page.presenter.unsent(r, func(n int) {
			text := tr.L("The records stay on this laptop; what is exchanged with it, its schedule and its password are removed.")
			if n > 0 {
				text = tr.N("{{.N}} changes have not been sent to it yet. They stay on this laptop, but would go nowhere any more.", n) + " " + text
			}
			c.page.host.Ask(tr.L("Remove {{.Name}}?", tr.D{"Name": r.Name}), text, tr.L("Remove the repository"), true, func() { c.page.presenter.remove(r) })
		})
	}))
}
