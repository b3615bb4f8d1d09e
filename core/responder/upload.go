package responder

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// An upload is the content of a file that came within a document.
type upload struct {
	core.Attachment
	content []byte
}

// takeUploads moves the files out of a record: the store keeps them beside it,
// and others get them by an address of ours. bad is set if one cannot be read.
func (p *page) takeUploads(rec *core.Record) (bad *s3xml.RecordError) {
	_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
		for i, f := range r.Fields {
			if f.Value.Kind != core.File || bad != nil {
				continue
			}
			content, inline, err := core.Inline(f.Value.Str)
			if err != nil {
				bad = &s3xml.RecordError{Element: "data", Record: rec.Link(), Reason: "the file " + safeName(f.Value.Aux) + " cannot be read",
					Content: string(s3xml.AppendRecord(nil, rec))}
			}
			if inline && err == nil {
				r.Fields[i].Value.Str = ""
				p.uploads = append(p.uploads, upload{core.Attachment{Record: r.Link(), Field: f.Name, Name: f.Value.Aux}, content})
			}
		}
		return nil
	})
	return bad
}

// keepUploads stores the files of the records that stand here now as they came.
func (imp *importer) keepUploads(ctx context.Context, p *page) error {
	refused := make(map[core.Link]bool)
	for _, r := range p.refusals {
		refused[r.Link] = true
	}
	for _, u := range p.uploads {
		if refused[u.Record] {
			continue
		}
		if err := imp.c.store.SaveAttachment(ctx, u.Attachment, u.content); err != nil {
			return err
		}
	}
	return nil
}
