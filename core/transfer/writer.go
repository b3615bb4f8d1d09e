package transfer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/core/sheet"
)

// A Format is a kind of file that records are written to.
type Format string

// The formats: S3XML whole and with components; tables with one row a record,
// without components and files.
const (
	XML  Format = "xml"
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// FormatOf tells a format by its name or by a file's name; ok is false for others.
func FormatOf(name string) (f Format, ok bool) {
	ext := strings.ToLower(name)
	if e := filepath.Ext(ext); e != "" {
		ext = strings.TrimPrefix(e, ".")
	}
	switch ext {
	case "xml", "s3xml":
		return XML, true
	case "csv":
		return CSV, true
	case "xlsx":
		return XLSX, true
	}
	return "", false
}

// Write writes all records of a resource and returns how many; deleted ones only
// to S3XML and if asked to.
func Write(ctx context.Context, store Store, resource core.Resource, format Format, deleted bool, w io.Writer) (written int, err error) {
	x := &exporting{store: store, resource: resource, deleted: deleted}
	switch format {
	case XML:
		err = x.xml(ctx, w)
	case CSV:
		err = x.sheet(ctx, w, sheet.CSV)
	case XLSX:
		err = x.sheet(ctx, w, sheet.XLSX)
	default:
		err = core.Invalid("format", "%q is not a format: xml, csv or xlsx.", string(format))
	}
	return x.written, err
}

type exporting struct {
	store    Store
	resource core.Resource
	deleted  bool
	written  int
}

func (x *exporting) xml(ctx context.Context, w io.Writer) error {
	enc := s3xml.NewEncoder(w, s3xml.Root{Success: true, Results: -1, Start: -1, Limit: -1})
	_, err := x.store.Export(ctx, responder.ExportQuery{Resource: x.resource, Deleted: x.deleted}, func(rec *core.Record) error {
		x.written++
		return enc.Encode(rec)
	})
	return errors.Join(err, enc.Close())
}

func (x *exporting) sheet(ctx context.Context, w io.Writer, format sheet.Format) error {
	schema, err := x.store.Schema(ctx, x.resource)
	if errors.Is(err, core.ErrNotFound) {
		return core.Invalid("resource", "There are no records of %s here.", x.resource)
	}
	if err != nil {
		return err
	}
	out, err := sheet.NewWriter(w, format, schema)
	if err != nil {
		return err
	}
	_, err = x.store.Export(ctx, responder.ExportQuery{Resource: x.resource, NoComponents: true}, func(rec *core.Record) error {
		x.written++
		return out.Write(rec)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// Replace writes a file beside its place and moves it there when it is
// whole, so that there is never half of one.
func Replace(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".fieldsync-*")
	if err != nil {
		return &core.Problem{Op: "export", Kind: core.FileUnreadable, Subject: name, Words: "The file %s cannot be written.", Values: []any{name}, Err: err}
	}
	defer func() {
		if err != nil {
			err = errors.Join(unwritten(name, err), f.Close(), os.Remove(f.Name()))
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// unwritten says of a file that it could not be written, if that is what err is about:
// there is no room, or it is open in a spreadsheet, which Windows lets nobody replace.
func unwritten(name string, err error) error {
	var file *fs.PathError
	var move *os.LinkError
	switch {
	case core.IsDiskFull(err):
		return &core.Problem{Op: "export", Kind: core.DiskFull, Subject: name, Err: err}
	case errors.As(err, &file), errors.As(err, &move):
		return &core.Problem{Op: "export", Kind: core.FileUnreadable, Subject: name, Words: "The file %s cannot be written. If another program has it open, close it there.", Values: []any{name}, Err: err}
	}
	return err
}
