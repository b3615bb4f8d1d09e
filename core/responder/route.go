package responder

import (
	"context"
	"net/http"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// route finds what the path asks for (spec eden-sync-protocol §1, s3xml-format
// §12). Nothing of the path ever reaches a file system.
func (c *call) route() (func(context.Context, *call) error, error) {
	path := c.req.URL.Path
	if rest, ok := strings.CutPrefix(path, c.opts.Prefix+"/"); ok {
		path = rest
	}
	c.path = strings.Trim(path, "/")
	parts := strings.Split(c.path, "/")
	for _, p := range parts {
		if p == "" || p == "." || p == ".." || strings.ContainsAny(p, "\\\x00") {
			return nil, notFound()
		}
	}
	switch {
	case c.path == "sync/repository/register.json":
		return c.only(register, http.MethodPost, http.MethodPut)
	case c.path == "sync/repository/register.xml":
		return c.only(registerOld, http.MethodGet)
	case c.path == "sync/sync.xml":
		return c.sync(core.Resource(c.query.get("resource")), false)
	case len(parts) == 3 && parts[0] == "default" && parts[1] == "download":
		return c.only(download, http.MethodGet)
	case len(parts) == 3:
		return c.table(core.Resource(parts[0]+"_"+parts[1]), parts[2])
	case len(parts) == 2:
		name, isXML := strings.CutSuffix(parts[1], ".xml")
		if !isXML {
			return nil, notFound()
		}
		resource := core.Resource(parts[0] + "_" + name)
		return c.only(func(ctx context.Context, c *call) error { return c.rest(ctx, resource) }, http.MethodGet)
	}
	return nil, notFound()
}

// table routes what stands below a resource's own controller.
func (c *call) table(resource core.Resource, method string) (func(context.Context, *call) error, error) {
	switch method {
	case "sync.xml":
		return c.sync(resource, true)
	case "mform.json":
		return c.only(func(ctx context.Context, c *call) error { return c.form(ctx, resource) }, http.MethodGet)
	case "fields.xml":
		return c.only(func(ctx context.Context, c *call) error { return c.fields(ctx, resource) }, http.MethodGet)
	}
	return nil, notFound()
}

// sync is a pull or a push. native tells the resource's own controller from
// sync/sync.
func (c *call) sync(resource core.Resource, native bool) (func(context.Context, *call) error, error) {
	if c.req.Method == http.MethodGet {
		return func(ctx context.Context, c *call) error { return c.send(ctx, resource, native) }, nil
	}
	return func(ctx context.Context, c *call) error { return c.receive(ctx, resource) }, nil
}

func (c *call) only(handler func(context.Context, *call) error, methods ...string) (func(context.Context, *call) error, error) {
	for _, m := range methods {
		if c.req.Method == m {
			return handler, nil
		}
	}
	return nil, notAllowed(strings.Join(methods, ", "))
}
