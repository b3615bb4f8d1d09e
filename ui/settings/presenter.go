package settings

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/diagnostics"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/core/setup"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/inspect"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A State is everything the page shows.
type State struct {
	Preferences core.Preferences
	Schedule    schedule.Settings
	Login       bool // starts at login
	Node        core.Node
	// ProxyPassword tells that there is one; it is never shown.
	ProxyPassword bool
	Serving       core.Serving
	Server        responder.State
	Accounts      []core.Account
	Peers         []core.Repository // those who registered with this laptop
	Shared        []core.Resource
	Size          int64
	Copies        []Copy // made by themselves, the newest first
}

type view interface {
	Show(State)
	ShowProblem(error)
	Say(words string)
}

// A presenter changes what the settings page offers. Everything it stores it
// reads again and shows.
type presenter struct {
	ctx    context.Context // the window's life
	store  Store
	around Surroundings
	lanes  async.Lanes
	now    func() time.Time
	view   view
	ticket async.Ticket
}

// load reads everything and shows it.
func (p *presenter) load() {
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		s, err := p.read()
		return func() {
			if ticket != p.ticket {
				return
			}
			p.view.ShowProblem(err)
			if err == nil {
				p.view.Show(s)
			}
		}
	})
}

func (p *presenter) read() (s State, err error) {
	var errs [10]error
	s.Preferences, errs[0] = p.store.Preferences(p.ctx)
	s.Schedule, errs[1] = p.store.ScheduleSettings(p.ctx)
	s.Node, errs[2] = p.store.Node(p.ctx)
	s.Serving, errs[3] = p.store.Serving(p.ctx)
	s.Accounts, errs[4] = p.store.Accounts(p.ctx)
	s.Shared, errs[5] = p.store.Shared(p.ctx)
	s.Size, errs[6] = p.store.Size()
	password, err := p.store.NodeProxyPassword(p.ctx)
	s.ProxyPassword, errs[7] = password != "", err
	all, err := p.store.Repositories(p.ctx)
	errs[8] = err
	for _, r := range all {
		if !r.Active() {
			s.Peers = append(s.Peers, r)
		}
	}
	if p.around.Server != nil {
		s.Server, errs[9] = p.around.Server.Apply(p.ctx)
	}
	if p.around.Login != nil {
		s.Login, err = p.around.Login()
		errs[9] = errors.Join(errs[9], err)
	}
	if p.around.Copies != nil {
		s.Copies, err = p.around.Copies(p.ctx)
		errs[9] = errors.Join(errs[9], err)
	}
	return s, errors.Join(errs[:]...)
}

// change does something off the screen, says words if it went well, and shows
// what is stored then. done, which may be nil, gets the error instead of a dialog.
func (p *presenter) change(words string, do func() error, done func(error)) {
	p.lanes.Run(func() func() {
		err := do()
		return func() {
			switch {
			case done != nil:
				done(err)
			default:
				p.view.ShowProblem(err)
			}
			if err == nil {
				if words != "" {
					p.view.Say(words)
				}
				p.load()
			}
		}
	})
}

// savePreferences stores how a person likes the window.
func (p *presenter) savePreferences(prefs core.Preferences, language bool) {
	words := ""
	if language {
		words = tr.L("The language changes when Fieldsync is started the next time.")
	}
	if p.around.Looks != nil {
		p.around.Looks(prefs)
	}
	p.change(words, func() error { return p.store.SavePreferences(p.ctx, prefs) }, nil)
}

func (p *presenter) saveSchedule(s schedule.Settings) {
	p.change("", func() error {
		stored, err := p.store.ScheduleSettings(p.ctx)
		if err != nil {
			return err
		}
		s.Pause = stored.Pause // another place decides that
		return p.store.SaveScheduleSettings(p.ctx, s)
	}, nil)
}

func (p *presenter) setLogin(on bool) {
	p.change("", func() error { return p.around.SetLogin(on) }, nil)
}

// A Laptop is the laptop's name and way out as they are typed.
type Laptop struct {
	Name     string
	Proxy    string // proxyNone, proxySystem, proxyOwn
	URL      string
	User     string
	Password string // "" leaves it as it was
}

// The ways out.
const (
	proxyNone   = "none"
	proxySystem = "system"
	proxyOwn    = "own"
)

// newLaptop takes the stored node up for editing.
func newLaptop(n core.Node) Laptop {
	l := Laptop{Name: n.Name, Proxy: proxyNone}
	switch {
	case n.Proxy == "system":
		l.Proxy = proxySystem
	case strings.Contains(n.Proxy, "://"):
		l.Proxy, l.URL = proxyOwn, n.Proxy
		if u, err := url.Parse(n.Proxy); err == nil && u.User != nil {
			l.User = u.User.Username()
			u.User = nil
			l.URL = u.String()
		}
	}
	return l
}

// The fields that may be wrong.
const (
	fieldName     = "name"
	fieldProxy    = "proxy"
	fieldAddress  = "address"
	fieldAccount  = "account"
	fieldPassword = "password"
	fieldResource = "resource"
)

// Troubles says what is wrong, by field.
func (l Laptop) Troubles() map[string]string {
	wrong := map[string]string{}
	if strings.TrimSpace(l.Name) == "" {
		wrong[fieldName] = tr.L("Enter a name for this laptop.")
	}
	if l.Proxy == proxyOwn {
		u, err := url.Parse(strings.TrimSpace(l.URL))
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
			wrong[fieldProxy] = tr.L("Enter the proxy's address, for example http://proxy.example.org:3128.")
		}
	}
	return wrong
}

// Result is the node as the draft wants it. It must have no troubles.
func (l Laptop) Result(n core.Node) core.Node {
	n.Name, n.Proxy = strings.TrimSpace(l.Name), l.Proxy
	if l.Proxy == proxyOwn {
		u, err := url.Parse(strings.TrimSpace(l.URL))
		if err == nil && l.User != "" {
			u.User = url.User(strings.TrimSpace(l.User))
		}
		n.Proxy = u.String()
	}
	return n
}

// saveLaptop stores name and proxy; a password only if one was typed, or goes with
// the proxy it was for.
func (p *presenter) saveLaptop(n core.Node, l Laptop, done func(error)) {
	p.change(tr.L("Saved."), func() error {
		if err := p.store.SaveNode(p.ctx, l.Result(n)); err != nil {
			return err
		}
		switch {
		case l.Proxy != proxyOwn || l.User == "":
			return p.store.SetNodeProxyPassword(p.ctx, "")
		case l.Password != "":
			return p.store.SetNodeProxyPassword(p.ctx, core.Secret(l.Password))
		}
		return nil
	}, done)
}

// testProxy asks the first server through the proxy as it is typed; without a
// server the proxy alone.
func (p *presenter) testProxy(n core.Node, l Laptop, tell func(inspect.Check), done func()) {
	node := l.Result(n)
	p.lanes.RunOr(func() func() {
		err := p.askThrough(node, l, func(c inspect.Check) { p.lanes.Screen(func() { tell(c) }) })
		return func() {
			done()
			p.view.ShowProblem(err)
		}
	}, done)
}

func (p *presenter) askThrough(node core.Node, l Laptop, tell func(inspect.Check)) error {
	all, err := p.store.Repositories(p.ctx)
	if err != nil {
		return err
	}
	password := core.Secret(l.Password)
	if password == "" {
		if password, err = p.store.NodeProxyPassword(p.ctx); err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(all, core.Repository.Active); i >= 0 {
		r := all[i]
		r.Proxy, r.ProxyPassword = node.Proxy, password
		inspect.Run(p.ctx, p.around.Connect, node, r, nil, tell)
		return nil
	}
	tell(inspect.Proxy(p.ctx, p.around.Connect, node, password))
	return nil
}

// addressTrouble says what is wrong with an address to listen at, "" if nothing.
func addressTrouble(address string) string {
	_, port, err := net.SplitHostPort(strings.TrimSpace(address))
	n, convErr := strconv.Atoi(port)
	if err != nil || convErr != nil || n < 1 || n > 65535 {
		return tr.L("Enter a port, for example :8443, or an address with one, such as 192.168.1.20:8443.")
	}
	return ""
}

func (p *presenter) saveServing(s core.Serving) {
	p.change("", func() error { return p.store.SaveServing(p.ctx, s) }, nil)
}

// saveCertificate puts the certificate of the data folder where a person wants it.
func (p *presenter) saveCertificate(path string) {
	p.change(tr.L("Saved."), func() error {
		text, err := setup.Folder(p.around.Dir).Read(filepath.Join(p.around.Dir, responder.CertificateFile))
		if err != nil {
			return err
		}
		return transfer.Replace(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}, nil)
}

// saveAccount adds a login for peers, or gives one another password, and says which fields are
// wrong and why; none if it is stored.
func (p *presenter) saveAccount(name string, password core.Secret, done func(wrong map[string]string)) {
	name = strings.TrimSpace(name)
	wrong := map[string]string{}
	if name == "" {
		wrong[fieldAccount] = tr.L("Enter the user name, usually your e-mail address.")
	}
	if len([]rune(password.Reveal())) < shortestPassword {
		wrong[fieldPassword] = tr.N("At least {{.N}} characters.", shortestPassword)
	}
	if len(wrong) > 0 {
		done(wrong)
		return
	}
	p.change(tr.L("Peers can log in as {{.Name}}.", tr.D{"Name": name}), func() error {
		hash, err := responder.HashPassword(password)
		if err != nil {
			return err
		}
		_, err = p.store.SaveAccount(p.ctx, core.Account{Name: name, Hash: hash})
		return err
	}, func(err error) {
		p.view.ShowProblem(err)
		if err == nil {
			done(nil)
		}
	})
}

// shortestPassword is how many characters a peer's password needs.
const shortestPassword = 8

func (p *presenter) deleteAccount(name string) {
	p.change(tr.L("{{.Name}} can no longer log in.", tr.D{"Name": name}), func() error { return p.store.DeleteAccount(p.ctx, name) }, nil)
}

// permit lets a peer send to us and fetch from us, or not. The peer is read anew: its password
// may be another one than when the page was opened.
func (p *presenter) permit(id int64, push, pull bool) {
	p.change("", func() error {
		r, err := p.store.Repository(p.ctx, id)
		if err != nil {
			return err
		}
		r.AcceptPush, r.AllowPull = push, pull
		_, err = p.store.UpdateRepository(p.ctx, r)
		return err
	}, nil)
}

// share lets every accepted peer exchange a table, or no longer.
func (p *presenter) share(r core.Resource, on bool, done func(error)) {
	if on {
		if err := core.NewTask(0, r).Validate(); err != nil {
			done(err)
			return
		}
	}
	p.change("", func() error { return p.store.Share(p.ctx, r, on) }, done)
}

// backup writes a copy of the database into a folder.
func (p *presenter) backup(folder string) {
	path := filepath.Join(folder, "fieldsync-"+p.now().Format("20060102-150405")+".db")
	p.change(tr.L("A copy is at {{.Path}}. Passwords are not in it.", tr.D{"Path": path}), func() error { return p.store.Backup(p.ctx, path) }, nil)
}

// examine looks the database over, or mends it.
func (p *presenter) examine(look func(context.Context) ([]Finding, error), done func([]Finding)) {
	p.lanes.RunOr(func() func() {
		findings, err := look(p.ctx)
		return func() {
			p.view.ShowProblem(err)
			done(findings)
		}
	}, func() { done(nil) })
}

// report makes the diagnostics to be looked at.
func (p *presenter) report(done func(diagnostics.Report)) {
	p.lanes.Run(func() func() {
		r := p.around.Report(p.ctx)
		return func() { done(r) }
	})
}

// saveReport writes what was shown into a folder, as one text or as an archive.
func (p *presenter) saveReport(r diagnostics.Report, folder string, archive bool) {
	now := p.now()
	path := filepath.Join(folder, "fieldsync-diagnostics-"+now.Format("20060102-150405"))
	write := func(f *os.File) error { _, err := f.WriteString(r.Text()); return err }
	ending := ".txt"
	if archive {
		write, ending = func(f *os.File) error { return r.WriteZip(f, now) }, ".zip"
	}
	path += ending
	p.change(tr.L("Saved as {{.Path}}.", tr.D{"Path": path}), func() error {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return &core.Problem{Op: "save diagnostics", Kind: core.FileUnreadable, Subject: path, Words: "The file %s cannot be written.", Values: []any{path}, Err: err}
		}
		return errors.Join(write(f), f.Close())
	}, nil)
}
