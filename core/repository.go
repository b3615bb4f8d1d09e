package core

import (
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// A Secret is a password. It prints as *** wherever it is printed; only Reveal
// gives it out.
type Secret string

// Reveal returns the secret itself, for the one place that must send it.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// LogValue hides the secret from the log.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from JSON and every other encoding.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Repository is a peer we exchange records with (Eden's sync_repository).
type Repository struct {
	ID   int64  // local; 0 before it is stored
	UUID string // the peer's identity; "" until it registered or told us
	Name string

	// URL includes the application path: "https://hub.example.org/eden". Empty
	// for a peer that only calls us.
	URL      string
	Username string
	Password Secret // from the keyring, never from the database

	// Proxy is "" for the node's default, "none", "system", or a URL, which may
	// hold a user but no password (that lies in the keyring).
	Proxy         string
	ProxyPassword Secret
	// PasswordChanges counts how often one of the passwords was changed here.
	PasswordChanges int64
	CAFile          string // of certificates: of an authority of one's own, or of the server itself

	// For a peer that calls us: both false until an administrator accepts it.
	AcceptPush bool
	AllowPull  bool

	Registered MTime // when we last registered there
	// RegisteredAs is the name this node had then, and Told the one by which a peer that
	// registered with us calls itself: Name may be our administrator's. "" if not known.
	RegisteredAs string
	Told         string
	// LastConnected is the last time a run or a call by the peer came through: one of
	// which every table failed did not.
	LastConnected MTime
	// Stopped is why no further run starts by itself, e.g. a refused password;
	// "" if nothing is wrong.
	Stopped string
	// TakeOlder: the peer went back in time, and a person said that its older
	// state is right. It ends with a run that saw everything.
	TakeOlder bool
	// ClockOffset is the peer's clock minus ours, in seconds, as last measured.
	ClockOffset int64
}

// Active reports whether we call this peer, rather than only it us.
func (r Repository) Active() bool { return r.URL != "" }

// Stranger reports whether it registered with us, and nobody has accepted it.
func (r Repository) Stranger() bool { return !r.Active() && !r.AcceptPush && !r.AllowPull }

// InClear reports whether others in the network can read what is exchanged: over
// http://, except with this computer itself.
func (r Repository) InClear() bool {
	u, err := url.Parse(r.URL)
	return err == nil && u.Scheme == "http" && !ThisComputer(u.Hostname())
}

// ThisComputer reports whether a host's name or address always means the computer that
// asks.
func ThisComputer(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// validPort reports whether a port may stand in an address, where "" is the usual one.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// edenApplication is what an Eden is called within its web server, unless somebody
// renamed it.
const edenApplication = "/eden"

// NormalizeURL checks a repository URL as an administrator types it and returns
// it without trailing slash, query, or the path of a page inside Eden that was
// copied along ("…/eden/default/index"). The Problem it returns names the field.
func NormalizeURL(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", Invalid("url", "Enter the address of the server, for example https://hub.example.org/eden.")
	}
	if scheme, rest, ok := strings.Cut(text, ":"); ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) {
		text = strings.ToLower(scheme) + "://" + strings.TrimLeft(rest, "/") // a slash left out
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || !validPort(u.Port()) {
		return "", noAddress()
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", Invalid("url", "The address must begin with https:// or http://.")
	}
	if u.User != nil {
		return "", Invalid("url", "Leave user name and password out of the address; they have fields of their own.")
	}
	u.RawQuery, u.Fragment = "", ""
	for _, page := range []string{"/default/", "/sync/", "/admin/"} {
		if i := strings.Index(u.Path, page); i >= 0 {
			u.Path = u.Path[:i]
		}
	}
	if before, _, page := strings.Cut(u.Path, edenApplication+"/"); page {
		u.Path = before + edenApplication
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	if strings.Contains(u.Path, " ") {
		return "", noAddress()
	}
	return u.String(), nil
}

func noAddress() error {
	return Invalid("url", "This is not a web address. An example: https://hub.example.org/eden.")
}
