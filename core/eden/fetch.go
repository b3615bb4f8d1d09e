package eden

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// Fetch gets an uploaded file. The address comes from a document and is not to
// be trusted: http and https only, and the login goes along only to the
// repository's own host. A relative address, as Eden gives for its static files,
// is below the repository.
func (p *Peer) Fetch(ctx context.Context, address string, max int64) ([]byte, error) {
	const op = "fetch file"
	target, err := p.fileURL(address)
	if err != nil {
		return nil, p.problem(op, core.Dangerous, err)
	}
	r, err := p.send(ctx, call{op: op, method: http.MethodGet, url: target.String(), long: true, follow: true})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if r.StatusCode != http.StatusOK {
		return nil, p.refusal(op, r)
	}
	if r.form() == formHTML && !namesPage(target.Path) {
		return nil, p.webPage(op, r)
	}
	if r.ContentLength > max {
		return nil, p.problem(op, core.Dangerous, fmt.Errorf("the file has %d bytes, more than %d", r.ContentLength, max))
	}
	content, err := io.ReadAll(io.LimitReader(r.body, max+1))
	if err != nil {
		return nil, p.inBody(r, op, err)
	}
	if int64(len(content)) > max {
		return nil, p.problem(op, core.Dangerous, fmt.Errorf("the file has more than %d bytes", max))
	}
	return content, nil
}

// fileURL resolves an address of a document.
func (p *Peer) fileURL(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return nil, errors.New("not an address")
	}
	if !u.IsAbs() && u.Host == "" {
		base := *p.base
		base.Path += "/"
		u = base.ResolveReference(u)
	} else if u.Scheme == "" {
		u.Scheme = p.base.Scheme
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("scheme %q", u.Scheme)
	}
	if u.Host == "" {
		return nil, errors.New("no host")
	}
	u.User, u.Fragment = nil, ""
	return u, nil
}

// namesPage reports whether the file may be a web page that somebody uploaded.
func namesPage(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".htm", ".html", ".xhtml":
		return true
	}
	return false
}
