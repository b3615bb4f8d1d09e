package repositories

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A PasswordStore keeps a password that was entered again.
type PasswordStore interface {
	Repository(ctx context.Context, id int64) (core.Repository, error)
	UpdateRepository(ctx context.Context, r core.Repository) (core.Repository, error)
}

// AskPassword lets a person enter the password again that a repository refused or that
// is not here any more, and the user name if there is none, as after a setup file; then
// is called when it is stored. It is the person's own and none of the administrator's
// settings: no passcode is asked for.
func AskPassword(host *frame.Host, store PasswordStore, r core.Repository, then func()) {
	entry := widgets.NewPasswordEntry()
	field := widgets.NewField(tr.L("Password"), true, entry, tr.L("It is kept encrypted on this laptop and never written to a log."))
	user := widgets.NewEntry()
	user.SetText(r.Username)
	who := widgets.NewField(tr.L("User name"), true, user, tr.L("Usually your e-mail address."))
	title, first := tr.L("The password for {{.Name}}", tr.D{"Name": r.Name}), entry
	body := widgets.Column(6, widgets.Text(tr.L("Enter the password of {{.User}} there, as in the web browser. What waits to be sent stays on this laptop meanwhile.", tr.D{"User": r.Username})), field,
		widgets.Muted(tr.L("The user name and everything else stand under Repositories.")))
	if r.Username == "" {
		title, first = tr.L("How do you log in at {{.Name}}?", tr.D{"Name": r.Name}), user
		body = widgets.Column(6, widgets.Text(tr.L("The same user name and password as in the web browser.")), who, field)
	}
	d := widgets.NewDialog(host.Window, title, 460, body)
	var yes *widgets.Button
	save := func() {
		name := strings.TrimSpace(user.Text)
		if entry.Text == "" {
			field.SetTrouble(tr.L("Enter the password."))
		}
		if name == "" {
			who.SetTrouble(tr.L("Enter the user name, usually your e-mail address."))
		}
		if name == "" || entry.Text == "" {
			return
		}
		password := core.Secret(entry.Text)
		yes.Disable()
		host.Lanes.RunOr(func() func() {
			stored, err := store.Repository(host.Context, r.ID)
			if err == nil {
				if r.Username == "" {
					stored.Username = name
				}
				stored.Password, stored.Stopped = password, ""
				_, err = store.UpdateRepository(host.Context, stored)
			}
			return func() {
				yes.Enable()
				if err != nil {
					host.Problem(err)
					return
				}
				d.Hide()
				then()
			}
		}, yes.Enable)
	}
	yes = widgets.Primary(widgets.NewButton(tr.L("Save and sync"), save))
	entry.OnSubmitted = func(string) { save() }
	d.SetOnSave(save)
	entry.OnChanged = func(string) { field.SetTrouble("") }
	user.OnChanged = func(string) { who.SetTrouble("") }
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Cancel"), d.Hide), yes})
	d.Show()
	host.Window.Canvas().Focus(first)
}
