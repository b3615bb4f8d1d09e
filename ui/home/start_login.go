package home

import (
	"fyne.io/fyne/v2"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// ShowLogin asks for the login of one of a file's servers.
func (s *startPage) ShowLogin(l login) {
	s.login = l
	s.user.SetText(l.User)
	s.password.SetText("")
	s.proxyUser.SetText(l.ProxyUser)
	s.proxyPassword.SetText("")
	s.ShowStep(stepLogin)
}

func (s *startPage) makeLogin() fyne.CanvasObject {
	next := widgets.NewButton(tr.L("Test"), s.takeLogin)
	title, hint := tr.L("How do you log in there?"), tr.L("It is kept encrypted on this laptop and never written to a log.")
	if s.login.Server != "" {
		title = tr.L("How do you log in at {{.Name}}?", tr.D{"Name": s.login.Server})
	}
	if s.login.Kept {
		hint = tr.L("Leave it empty to keep the present one.")
	}
	body := widgets.Column(6,
		s.field("user", tr.L("User name"), s.user, tr.L("Usually your e-mail address.")),
		s.field("password", tr.L("Password"), s.password, hint))
	if s.login.Proxy != "" {
		body.Add(widgets.Muted(tr.L("The way there leads through the proxy {{.Proxy}}. If it asks for a login, enter it here.", tr.D{"Proxy": s.login.Proxy})))
		body.Add(widgets.Columns(12, widgets.NewField(tr.L("User name at the proxy"), false, s.proxyUser, ""), widgets.NewField(tr.L("Password at the proxy"), false, s.proxyPassword, "")))
	}
	if s.presenter.file != nil && len(s.presenter.file.Repositories) > 1 {
		body.Add(widgets.Quiet(widgets.NewButton(tr.L("I do not know it: set it up without a login for now"), s.presenter.later)))
	}
	return s.frame(stepLogin, title, tr.L("The same user name and password as in the web browser."), body, next)
}

// takeLogin goes on with what was typed.
func (s *startPage) takeLogin() {
	if s.login.Proxy != "" {
		s.presenter.setProxyLogin(s.proxyUser.Text, s.proxyPassword.Text)
	}
	s.presenter.setLogin(s.user.Text, s.password.Text)
}
