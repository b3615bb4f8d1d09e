package home

import (
	"errors"
	"net/url"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/setup"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A fileSetup is a setup file on its way: the login of each of its servers is
// asked for, one after the other, before anything is stored.
type fileSetup struct {
	setup.Setup
	here []core.Repository // what is set up already, with passwords
	at   int               // the server whose login is asked for
	// proxy is the login at the laptop's default proxy, once it was entered.
	proxy      proxyLogin
	proxyGiven bool
}

type proxyLogin struct {
	user     string
	password core.Secret
}

// A login is what is asked for about one server of a setup file.
type login struct {
	Server    string // its name; "" for a server that was typed in
	User      string // as far as it is known
	Kept      bool   // an empty password leaves the one that is stored
	Proxy     string // the proxy whose login may be needed; "" if there is none
	ProxyUser string
	Last      bool // no other server comes after it
}

// openFile reads a setup file and shows what it would do.
func (p *startPresenter) openFile(path string) {
	p.lanes.Run(func() func() {
		s, err := setup.Read(path)
		here, listErr := p.store.Repositories(p.ctx)
		return func() {
			var faults setup.Faults
			if errors.As(err, &faults) {
				said := make([]string, len(faults))
				for i, f := range faults {
					said[i] = words.Message(f)
				}
				p.view.ShowFile(s, said)
				return
			}
			if err = errors.Join(err, listErr); err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.file = &fileSetup{Setup: s, here: here}
			p.view.ShowFile(s, nil)
		}
	})
}

// askLogin asks for the login of the server that is due.
func (p *startPresenter) askLogin() {
	p.repository = p.file.Repositories[p.file.at].Repository
	p.view.ShowLogin(p.file.login())
}

func (f *fileSetup) login() login {
	r := f.Repositories[f.at].Repository
	l := login{Server: r.Name, User: r.Username, Last: f.at == len(f.Repositories)-1}
	if have, ok := f.stored(r); ok {
		l.Kept, l.User = true, have.Username // not whose file it is
	}
	if proxy, own := f.proxyOf(r); strings.Contains(proxy, "://") && (own || !f.proxyGiven) {
		l.Proxy = proxy
		if u, err := url.Parse(proxy); err == nil {
			l.Proxy, l.ProxyUser = u.Host, u.User.Username()
		}
	}
	return l
}

// stored returns the repository that is here already with a password that would
// go to the same place.
func (f *fileSetup) stored(r core.Repository) (core.Repository, bool) {
	have, ok := setup.Known(f.here, r)
	return have, ok && have.Password != "" && have.URL == r.URL
}

// replaced returns the address until now of a server that gets another one; "" if
// it keeps its own, or is new.
func (f *fileSetup) replaced(r core.Repository) string {
	if have, ok := setup.Known(f.here, r); ok && have.URL != r.URL {
		return have.URL
	}
	return ""
}

// proxyOf returns the proxy that the file names for a server; own, if for it alone.
func (f *fileSetup) proxyOf(r core.Repository) (proxy string, own bool) {
	if r.Proxy != "" {
		return r.Proxy, true
	}
	return f.Proxy, false
}

// setProxyLogin takes what the proxy asks for, before setLogin.
func (p *startPresenter) setProxyLogin(user, password string) {
	if p.file == nil {
		return
	}
	given := proxyLogin{strings.TrimSpace(user), core.Secret(password)}
	if proxy, own := p.file.proxyOf(p.repository); own {
		p.repository.Proxy, p.repository.ProxyPassword = given.at(proxy), given.password
	} else {
		p.file.proxy, p.file.proxyGiven = given, true
	}
}

// at puts the user into the proxy's address.
func (l proxyLogin) at(proxy string) string {
	u, err := url.Parse(proxy)
	if err != nil || !strings.Contains(proxy, "://") {
		return proxy
	}
	if u.User = nil; l.user != "" {
		u.User = url.User(l.user)
	}
	return u.String()
}

// tried is the repository as the test asks it: what the file says is not stored
// yet.
func (p *startPresenter) tried() (core.Repository, error) {
	r := p.repository
	if p.file == nil {
		return r, nil
	}
	if r.Proxy == "" && p.file.Proxy != "" {
		r.Proxy, r.ProxyPassword = p.file.proxy.at(p.file.Proxy), p.file.proxy.password
	}
	if authority := p.file.Repositories[p.file.at].Authority; authority != "" {
		path, err := setup.Folder(p.dir).Write(r.Name, authority)
		if err != nil {
			return r, err
		}
		r.CAFile = path
	}
	return r, nil
}

// later leaves a server without a login for now.
func (p *startPresenter) later() {
	p.repository.Password, p.repository.ProxyPassword = "", ""
	p.tested()
}

// tested goes on after the test of a server: what is exchanged with it is chosen,
// unless a file says so.
func (p *startPresenter) tested() {
	if p.file == nil || len(p.file.Repositories[p.file.at].Tasks) == 0 {
		p.view.ShowStep(stepResources)
		p.offer()
		return
	}
	p.next()
}

// choose takes what is exchanged with a server of which the file does not say it.
func (p *startPresenter) choose(resources []core.Resource) {
	r := &p.file.Repositories[p.file.at]
	for _, resource := range resources {
		r.Tasks = append(r.Tasks, core.NewTask(0, resource))
	}
	p.next()
}

// next asks for the login of the next server; after the last one all is set up.
func (p *startPresenter) next() {
	p.file.Repositories[p.file.at].Repository = p.repository
	if p.file.at+1 < len(p.file.Repositories) {
		p.file.at++
		p.askLogin()
		return
	}
	p.applyFile()
}

// previous goes back to the server before; false if there is none.
func (p *startPresenter) previous() bool {
	if p.file == nil || p.file.at == 0 {
		return false
	}
	p.file.at--
	p.askLogin()
	return true
}

// applyFile stores what the file and the person said.
func (p *startPresenter) applyFile() {
	s := p.file.Setup
	if strings.Contains(s.Proxy, "://") {
		s.Proxy = p.file.proxy.withPassword(s.Proxy)
	}
	p.lanes.Run(func() func() {
		_, err := setup.Apply(p.ctx, p.store, setup.Folder(p.dir), s)
		return func() {
			if err == nil {
				p.file = nil
			}
			p.done(err)
		}
	})
}

// withPassword is at with the password, which the store puts into the keyring.
func (l proxyLogin) withPassword(proxy string) string {
	u, err := url.Parse(l.at(proxy))
	if err == nil && l.user != "" && l.password != "" {
		u.User = url.UserPassword(l.user, l.password.Reveal())
		return u.String()
	}
	return l.at(proxy)
}

// checkLogin says what is missing in a login.
func checkLogin(user, password string) []fault {
	wrong := []fault{{"user", ""}, {"password", ""}}
	if strings.TrimSpace(user) == "" {
		wrong[0].words = tr.L("Enter the user name, usually your e-mail address.")
	}
	if password == "" {
		wrong[1].words = tr.L("Enter the password.")
	}
	return wrong
}
