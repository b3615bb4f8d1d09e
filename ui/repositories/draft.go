package repositories

import (
	"net/url"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// The fields of the configuration, as troubles name them.
const (
	fieldName      = "name"
	fieldURL       = "url"
	fieldUser      = "username"
	fieldPassword  = "password"
	fieldProxy     = "proxy"
	fieldAuthority = "cafile"
)

// fieldsInOrder are those of which something may be wrong, as they stand on the page.
var fieldsInOrder = []string{fieldName, fieldURL, fieldUser, fieldPassword, fieldProxy, fieldAuthority}

// The ways to a server.
const (
	proxyDefault = "" // as in the settings
	proxyNone    = "none"
	proxySystem  = "system"
	proxyOwn     = "own"
)

// A Draft is a repository's configuration as it is typed.
type Draft struct {
	Repository    core.Repository // as it was
	Name, URL     string
	Username      string
	Password      string // "" leaves it as it was
	Proxy         string // one of the ways
	ProxyURL      string
	ProxyPassword string // "" leaves it as it was
	CAFile        string
	AcceptPush    bool
	AllowPull     bool
}

// newDraft takes a stored repository up for editing; the zero one for a new one.
func newDraft(r core.Repository) Draft {
	d := Draft{Repository: r, Name: r.Name, URL: r.URL, Username: r.Username, CAFile: r.CAFile, AcceptPush: r.AcceptPush, AllowPull: r.AllowPull, Proxy: r.Proxy}
	if strings.Contains(r.Proxy, "://") {
		d.Proxy, d.ProxyURL = proxyOwn, r.Proxy
	}
	return d
}

// passive reports whether the repository only calls us: it registered itself and
// has no address.
func (d Draft) passive() bool { return d.Repository.ID != 0 && d.Repository.URL == "" }

// Troubles says what is wrong, by field.
func (d Draft) Troubles() map[string]string {
	wrong := map[string]string{}
	if strings.TrimSpace(d.Name) == "" {
		wrong[fieldName] = tr.L("Give the server a name, for example “Headquarters”.")
	}
	if !d.passive() || d.URL != "" {
		if _, err := core.NormalizeURL(d.URL); err != nil {
			wrong[fieldURL] = words.Message(err)
		}
	}
	if d.Username == "" && d.Password != "" {
		wrong[fieldUser] = tr.L("Enter the user name, usually your e-mail address.")
	}
	if d.Username != "" && d.Password == "" && d.Repository.Password == "" {
		wrong[fieldPassword] = tr.L("Enter the password.")
	}
	if d.Proxy == proxyOwn {
		u, err := url.Parse(d.ProxyURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
			wrong[fieldProxy] = tr.L("Enter the proxy's address, for example http://proxy.example.org:3128.")
		}
	}
	return wrong
}

// Result is the repository as the draft wants it. It must have no troubles.
func (d Draft) Result() core.Repository {
	r := d.Repository
	r.Name, r.Username, r.CAFile = strings.TrimSpace(d.Name), strings.TrimSpace(d.Username), strings.TrimSpace(d.CAFile)
	r.AcceptPush, r.AllowPull = d.AcceptPush, d.AllowPull
	if address, err := core.NormalizeURL(d.URL); err == nil {
		if r.URL != "" && r.URL != address {
			r.Registered = 0 // another place: it does not know us yet
		}
		r.URL = address
	}
	if d.Password != "" {
		r.Password = core.Secret(d.Password)
	}
	if d.Username == "" {
		r.Password = ""
	}
	r.Proxy = d.Proxy
	if d.Proxy == proxyOwn {
		r.Proxy = strings.TrimSpace(d.ProxyURL)
		if d.ProxyPassword != "" {
			r.ProxyPassword = core.Secret(d.ProxyPassword)
		}
	} else {
		r.ProxyPassword = ""
	}
	r.Stopped = "" // somebody has looked after it
	return r
}

// Changed reports whether anything was typed that is not stored.
func (d Draft) Changed() bool {
	was := newDraft(d.Repository)
	return d.Password != "" || d.ProxyPassword != "" || d.Name != was.Name || d.URL != was.URL || d.Username != was.Username || d.Proxy != was.Proxy ||
		d.ProxyURL != was.ProxyURL || d.CAFile != was.CAFile || d.AcceptPush != was.AcceptPush || d.AllowPull != was.AllowPull
}
