package eden

import (
	"encoding/base64"
	"html"
	"net/url"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// hushed stands where a peer repeated a password.
const hushed = "***"

// shortSecret is below how many bytes a password is not looked for: two or three
// letters stand everywhere.
const shortSecret = 4

// newHush returns what takes our passwords out of a peer's words. A server in debug
// mode repeats the whole request, and what it says is logged and shown.
func newHush(repo core.Repository, node core.Node) *strings.Replacer {
	var pairs []string
	hide := func(user string, secret core.Secret) {
		s := secret.Reveal()
		if len(s) < shortSecret {
			return
		}
		for _, form := range []string{
			base64.StdEncoding.EncodeToString([]byte(user + ":" + s)), base64.StdEncoding.EncodeToString([]byte(s)),
			url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), s,
		} {
			pairs = append(pairs, form, hushed)
		}
	}
	hide(repo.Username, repo.Password)
	proxyUser := ""
	if u, err := url.Parse(proxySetting(repo, node)); err == nil {
		proxyUser = u.User.Username()
	}
	hide(proxyUser, repo.ProxyPassword)
	return strings.NewReplacer(pairs...)
}

// hushMessage takes our passwords out of a message.
func (p *Peer) hushMessage(m *s3xml.Message) {
	m.Message = p.hush.Replace(m.Message)
	for i := range m.Tree {
		m.Tree[i].Error = p.hush.Replace(m.Tree[i].Error)
		for field, words := range m.Tree[i].Fields {
			m.Tree[i].Fields[field] = p.hush.Replace(words)
		}
	}
}
