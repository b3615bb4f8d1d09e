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

// Fetch gets an uploaded file and writes it to w; of one that is larger than max
// bytes, part may be written before the error. The address comes from a document
// and is not to be trusted: nothing is asked for but below the repository's own
// host, by http or https. A relative address, as Eden gives for its static
// files, is below the repository.
func (p *Peer) Fetch(ctx context.Context, address string, max int64, w io.Writer) error {
	const op = "fetch file"
	target, err := p.fileURL(address)
	if err != nil {
		return p.problem(op, core.Dangerous, err)
	}
	r, err := p.send(ctx, call{op: op, method: http.MethodGet, url: target.String(), long: true, follow: true})
	if err != nil {
		return err
	}
	defer r.Close()
	if r.StatusCode != http.StatusOK {
		return p.refusal(op, r)
	}
	if r.form() == formHTML && !namesPage(target.Path) {
		return p.webPage(op, r)
	}
	if r.ContentLength > max {
		return p.problem(op, core.Dangerous, fmt.Errorf("the file has %d bytes, more than %d", r.ContentLength, max))
	}
	into := &destination{w: w}
	n, err := io.Copy(into, io.LimitReader(r.body, max+1))
	switch {
	case into.err != nil: // the trouble is here, not there
		return into.err
	case err != nil:
		return p.inBody(r, op, err)
	case n > max:
		return p.problem(op, core.Dangerous, fmt.Errorf("the file has more than %d bytes", max))
	}
	return nil
}

// A destination remembers the trouble of writing, to tell it from that of
// reading.
type destination struct {
	w   io.Writer
	err error
}

func (d *destination) Write(b []byte) (n int, err error) {
	n, d.err = d.w.Write(b)
	return n, d.err
}

// uploads is where an Eden and a Fieldsync give their files, below the
// application.
const uploads = "/default/download/"

// fileURL resolves an address of a document. An Eden writes its public address
// into documents, which need not be the one under which we know it: it may name
// another port, scheme or host of the same server. What it means is the same
// upload, and that we ask our repository for.
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
	switch i := strings.LastIndex(u.Path, uploads); {
	case u.Host == p.base.Host && u.Scheme == p.base.Scheme:
	case u.Hostname() == p.base.Hostname():
		u.Scheme, u.Host = p.base.Scheme, p.base.Host
	case i >= 0:
		u.Scheme, u.Host, u.RawPath = p.base.Scheme, p.base.Host, ""
		u.Path = p.base.Path + u.Path[i:]
	default:
		return nil, fmt.Errorf("another server: %s", u.Host)
	}
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
