package responder

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// pointHere makes an upload field point to our copy of the file, if there is
// one: the peer can reach us, but perhaps not the place where it came from. The
// last part of the URL stays, because it stands for the content.
func (c *call) pointHere(ctx context.Context, l core.Link, f *core.Field) error {
	if _, _, err := c.store.Attachment(ctx, l, f.Name); errors.Is(err, core.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	name := f.Value.Aux
	if u, err := url.Parse(f.Value.Str); err == nil && u.Scheme != "data" && path.Base(u.Path) != "." && path.Base(u.Path) != "/" {
		name = path.Base(u.Path)
	}
	query := url.Values{"resource": {string(l.Resource)}, "uuid": {l.UUID}, "field": {f.Name}}
	f.Value.Str = c.publicURL() + "/default/download/" + url.PathEscape(safeName(name)) + "?" + query.Encode()
	return nil
}

// safeName keeps a file's name from being a path.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if name == "" || strings.Trim(name, ".") == "" {
		return "file"
	}
	return name
}

// download answers GET default/download/<name> for the uploads of shared
// records. What is meant is in the query; the name is for people only and is
// never looked up anywhere.
func download(ctx context.Context, c *call) error {
	l := core.Link{Resource: core.Resource(c.query.get("resource")), UUID: c.query.get("uuid")}
	field := c.query.get("field")
	if !l.Resource.Valid() || !core.ValidUUID(l.UUID) || !core.ValidField(field) {
		return notFound()
	}
	if err := c.mayDownload(ctx, l); err != nil {
		return err
	}
	attachment, content, err := c.store.Attachment(ctx, l, field)
	if errors.Is(err, core.ErrNotFound) {
		return notFound()
	}
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": safeName(attachment.Name)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(10 * c.opts.WriteTimeout)) // a large file over a slow line
	c.writeWhole("application/octet-stream", content)
	return nil
}

// mayDownload reports whether the caller may read the record: a component is
// read with its master.
func (c *call) mayDownload(ctx context.Context, l core.Link) error {
	rec, err := c.store.Record(ctx, l)
	if errors.Is(err, core.ErrNotFound) || err == nil && rec.Deleted {
		return notFound()
	}
	if err != nil {
		return err
	}
	_, _, err = c.reader(ctx, l.Resource)
	if err != nil && !rec.Master.IsZero() && !l.Resource.Private() {
		_, _, err = c.reader(ctx, rec.Master.Resource)
	}
	return err
}
