package responder

import (
	"context"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// rest answers GET <prefix>/<name>.xml, the plain export (spec s3xml-format
// §12.1). A peer asks it for its inventory: uuids and stamps without fields.
func (c *call) rest(ctx context.Context, resource core.Resource) error {
	_, allowed, err := c.reader(ctx, resource)
	if err != nil {
		return err
	}
	d := &document{c: c, allowed: allowed, depth: referenceDepth, files: true, root: s3xml.NewRoot()}
	if _, _, err := d.ask(ctx, core.Repository{}, resource, true); err != nil {
		return err
	}
	d.fields, d.references = listParameter(c.query, "fields"), listParameter(c.query, "references")
	if depth, err := c.query.number("maxdepth"); err != nil {
		return err
	} else if depth >= 0 {
		d.depth = min(depth, referenceDepth)
	}
	d.query.Bare = d.fields != nil && len(d.fields) == 0 && d.references != nil && len(d.references) == 0
	_, err = d.write(ctx)
	return err
}

// listParameter reads a comma list: nil if the parameter is absent (all), empty
// for "None".
func listParameter(q query, key string) map[string]bool {
	text, ok := q.lookup(key)
	if !ok {
		return nil
	}
	list := make(map[string]bool)
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" && !strings.EqualFold(item, "none") {
			list[item] = true
		}
	}
	return list
}
