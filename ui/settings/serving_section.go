package settings

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// servingSection is for a laptop that answers others.
type servingSection struct {
	page    *Page
	content fyne.CanvasObject
	state   State

	on                      *check
	address, hosts          *widgets.Entry
	addressField            *widgets.Field
	status                  *fyne.Container
	accounts, peers, shared *fyne.Container
}

func newServingSection(p *Page) *servingSection {
	s := &servingSection{page: p, accounts: widgets.Column(-4), peers: widgets.Column(6), shared: widgets.Column(-4)}
	left := widgets.Column(12, s.makeServer(), s.makeShared())
	s.content = widgets.Columns(16, left, widgets.Column(12, s.makePeers(), s.makeAccounts()))
	return s
}

// Content is the tab.
func (s *servingSection) Content() fyne.CanvasObject { return s.content }

func (s *servingSection) makeServer() fyne.CanvasObject {
	s.on = newCheck(tr.L("Answer peers"), func(bool) { s.save() })
	s.address, s.hosts = widgets.NewEntry(), widgets.NewEntry()
	s.address.SetPlaceHolder(core.DefaultServing().Address)
	s.addressField = widgets.NewField(tr.L("Where to listen"), true, s.address, tr.L("A port alone, such as :8443, means every network. Press Enter to apply."))
	s.address.OnChanged = func(text string) { s.addressField.SetTrouble(addressTrouble(text)); s.page.host.Touch() }
	s.address.OnSubmitted = func(string) { s.save() }
	s.hosts.OnSubmitted = s.address.OnSubmitted
	s.hosts.SetPlaceHolder("laptop.example.org")
	s.status = container.NewStack()
	return card(tr.L("Answer peers"), widgets.Muted(tr.L("Another Fieldsync or a Sahana Eden may then exchange records with this laptop, as with a server, while Fieldsync runs.")),
		s.on.Check, s.status, s.addressField, widgets.NewField(tr.L("Other names of this laptop"), false, s.hosts, tr.L("For the certificate, separated by blanks. The names it has by itself are in it already.")))
}

func (s *servingSection) save() {
	address := strings.TrimSpace(s.address.Text)
	if trouble := addressTrouble(address); trouble != "" {
		s.addressField.SetTrouble(trouble)
		s.on.set(s.state.Serving.On)
		return
	}
	s.page.host.Touch()
	s.page.presenter.saveServing(core.Serving{On: s.on.Checked, Address: address, Hosts: strings.Fields(s.hosts.Text)})
}

func (s *servingSection) makeShared() fyne.CanvasObject {
	add := widgets.NewSelectEntry()
	var names []string
	byName := map[string]core.Resource{}
	for _, r := range words.Common() {
		name := words.Many(r, nil) + " (" + string(r) + ")"
		names, byName[name] = append(names, name), r
	}
	add.SetOptions(names)
	field := widgets.NewField(tr.L("Share another kind of record"), false, add, tr.L("Choose one, or type the server's name of a table."))
	share := func(string) {
		r, ok := byName[add.Text]
		if !ok {
			r = core.Resource(strings.TrimSpace(add.Text))
		}
		s.page.presenter.share(r, true, func(err error) {
			field.SetTrouble(words.Message(err))
			if err == nil {
				add.SetText("")
			}
		})
	}
	add.OnSubmitted = share
	button := widgets.NewButtonWithIcon(tr.L("Share"), theme.ContentAddIcon(), func() { share("") })
	return card(tr.L("Shared with every accepted peer"), s.shared, container.NewBorder(nil, nil, nil, container.NewVBox(widgets.Gap(0, 26), button), field))
}

func (s *servingSection) makePeers() fyne.CanvasObject {
	return card(tr.L("Peers"), widgets.Muted(tr.L("Who has registered with this laptop. Nothing is exchanged before you accept it.")), s.peers)
}

func (s *servingSection) makePeer(r core.Repository) fyne.CanvasObject {
	mark := widgets.NewChip(tr.L("accepted"), widgets.Success)
	if !r.AcceptPush && !r.AllowPull {
		mark = widgets.NewChip(tr.L("not accepted yet"), widgets.Warning)
	}
	push := newCheck(tr.L("may send to us"), func(on bool) { s.page.presenter.permit(r.ID, on, r.AllowPull) })
	pull := newCheck(tr.L("may fetch from us"), func(on bool) { s.page.presenter.permit(r.ID, r.AcceptPush, on) })
	push.set(r.AcceptPush)
	pull.set(r.AllowPull)
	var button *widgets.Button
	if r.AcceptPush || r.AllowPull {
		button = widgets.NewButton(tr.L("Refuse"), func() { s.page.presenter.permit(r.ID, false, false) })
	} else {
		button = widgets.Primary(widgets.NewButton(tr.L("Accept"), func() { s.page.presenter.permit(r.ID, true, true) }))
	}
	last := widgets.Caption(tr.L("last contact {{.When}}", tr.D{"When": words.When(r.LastConnected, s.page.host.Now())}))
	return container.NewBorder(nil, nil, nil, container.NewCenter(button),
		widgets.Column(-8, container.NewHBox(widgets.Strong(r.Name), mark), last, container.NewHBox(push.Check, pull.Check)))
}

func (s *servingSection) makeAccounts() fyne.CanvasObject {
	add := widgets.NewButtonWithIcon(tr.L("Add an account"), theme.ContentAddIcon(), func() { s.editAccount("") })
	return card(tr.L("Accounts"), widgets.Muted(tr.L("With which user names and passwords peers log in here.")), s.accounts, container.NewHBox(add))
}

func (s *servingSection) makeAccount(a core.Account) fyne.CanvasObject {
	password := widgets.NewButton(tr.L("New password"), func() { s.editAccount(a.Name) })
	remove := widgets.Quiet(widgets.NewButtonWithIcon("", theme.DeleteIcon(), func() {
		s.page.host.Ask(tr.L("Remove {{.Name}}?", tr.D{"Name": a.Name}), tr.L("Peers that use this account can no longer log in. Records stay."), tr.L("Remove the account"), true,
			func() { s.page.presenter.deleteAccount(a.Name) })
	}))
	return container.NewBorder(nil, nil, nil, container.NewHBox(password, remove), widgets.Line(a.Name))
}

// editAccount asks for a new account, or for another password of one.
func (s *servingSection) editAccount(name string) {
	user, password := widgets.NewEntry(), widgets.NewPasswordEntry()
	fields := map[string]*widgets.Field{
		fieldAccount:  widgets.NewField(tr.L("User name"), true, user, ""),
		fieldPassword: widgets.NewField(tr.L("Password"), true, password, tr.L("Give it to whoever sets the peer up. It cannot be shown again later.")),
	}
	title := tr.L("Add an account")
	body := widgets.Column(6, fields[fieldAccount], fields[fieldPassword])
	if name != "" {
		user.SetText(name)
		title = tr.L("New password for {{.Name}}", tr.D{"Name": name})
		fields[fieldAccount].Hide()
	}
	d := widgets.NewDialog(s.page.host.Window, title, 440, body)
	save := func() {
		s.page.presenter.saveAccount(user.Text, core.Secret(password.Text), func(wrong map[string]string) {
			if len(wrong) == 0 {
				d.Hide()
				return
			}
			for name, f := range fields {
				f.SetTrouble(wrong[name])
			}
		})
	}
	password.OnSubmitted = func(string) { save() }
	for _, e := range []*widgets.Entry{user, password} {
		e.OnChanged = func(string) {
			for _, f := range fields {
				f.SetTrouble("")
			}
		}
	}
	d.SetOnSave(save)
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Cancel"), d.Hide), widgets.Primary(widgets.NewButton(tr.L("Save"), save))})
	d.Show()
	first := user
	if name != "" {
		first = password
	}
	s.page.host.Window.Canvas().Focus(first)
}

func (s *servingSection) show(state State) {
	s.state = state
	s.on.set(state.Serving.On)
	s.address.SetText(state.Serving.Address)
	s.hosts.SetText(strings.Join(state.Serving.Hosts, " "))
	s.showStatus()
	s.accounts.RemoveAll()
	for _, a := range state.Accounts {
		s.accounts.Add(s.makeAccount(a))
	}
	if len(state.Accounts) == 0 {
		s.accounts.Add(widgets.Text(tr.L("None yet: nobody can log in here.")))
	}
	s.peers.RemoveAll()
	for _, r := range state.Peers {
		if len(s.peers.Objects) > 0 {
			s.peers.Add(widget.NewSeparator())
		}
		s.peers.Add(s.makePeer(r))
	}
	if len(state.Peers) == 0 {
		s.peers.Add(widgets.Text(tr.L("Nobody yet.")))
	}
	s.shared.RemoveAll()
	for _, r := range state.Shared {
		remove := widgets.Quiet(widgets.NewButtonWithIcon("", theme.DeleteIcon(), func() { s.page.presenter.share(r, false, s.page.ShowProblem) }))
		s.shared.Add(container.NewBorder(nil, nil, nil, remove, widgets.Line(words.Many(r, nil)+" ("+string(r)+")")))
	}
	if len(state.Shared) == 0 {
		s.shared.Add(widgets.Text(tr.L("Nothing yet.")))
	}
	widgets.Settle(s.content)
}

func (s *servingSection) showStatus() {
	server := s.state.Server
	var o fyne.CanvasObject
	switch {
	case server.Err != nil:
		o = widgets.Banner(widgets.Danger, words.Message(server.Err))
	case server.URL == "":
		o = widgets.Muted(tr.L("Switched off: nobody can reach this laptop."))
	default:
		address := widgets.NewReadable(server.URL)
		column := widgets.Column(-6, widgets.Caption(tr.L("Peers enter this address")), address)
		if server.Fingerprint != "" {
			mark := widgets.NewReadable(inLines(server.Fingerprint))
			mark.Wrapping = fyne.TextWrapBreak
			mark.TextStyle.Monospace = true
			mark.SizeName = theme.SizeNameCaptionText
			column.Add(widgets.Note(tr.L("Fingerprint of the certificate (SHA-256), to compare")))
			column.Add(mark)
			column.Add(widgets.Note(tr.L("Peers need the file certificate.pem of the data folder as their certificate authority.")))
			column.Add(widgets.Gap(0, 10))
			column.Add(container.NewHBox(widgets.NewButtonWithIcon(tr.L("Save the certificate…"), theme.DocumentSaveIcon(), s.saveCertificate)))
		}
		o = column
	}
	s.status.Objects = []fyne.CanvasObject{o}
}

// saveCertificate puts it where it can be given to the peers.
func (s *servingSection) saveCertificate() {
	s.page.host.AskToSave(tr.L("Save the certificate"), responder.CertificateFile, s.page.presenter.saveCertificate)
}

// inLines puts a fingerprint into lines of eight pairs, which are compared more
// easily than what is broken somewhere.
func inLines(fingerprint string) string {
	var lines []string
	for pairs := range slices.Chunk(strings.Split(fingerprint, ":"), 8) {
		lines = append(lines, strings.Join(pairs, ":"))
	}
	return strings.Join(lines, ":\n")
}
