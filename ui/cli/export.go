package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/core/sheet"
)

func (c *commands) exportCommand() *cobra.Command {
	var output, format string
	var deleted bool
	cmd := &cobra.Command{
		Use:   "export TABLE",
		Short: "Write the records of a table to a file: S3XML, CSV or XLSX",
		Long: `Writes all records of a table to a file. The file's name tells the format: .xml (S3XML, whole, with components), .csv or .xlsx (one row a record,
without components and files). Without --output it goes to the terminal.`,
		Example: `  fieldsync export org_office --output offices.xlsx
  fieldsync export pr_person -o persons.xml
  fieldsync export org_office --format csv`,
		Args: cobra.ExactArgs(1),
	}
	flags := cmd.Flags()
	flags.StringVarP(&output, "output", "o", "", "the file; an existing one is replaced when all is written")
	flags.StringVar(&format, "format", "", "xml, csv or xlsx")
	flags.BoolVar(&deleted, "deleted", false, "with xml: deletions too")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		resource, err := table(args[0])
		if err != nil {
			return err
		}
		write, err := exporter(format, output)
		if err != nil {
			return err
		}
		x := &exporting{store: n.Store, resource: resource, deleted: deleted}
		if output == "" {
			return write(ctx, x, c.io.Out)
		}
		if err := replaceFile(output, func(w io.Writer) error { return write(ctx, x, w) }); err != nil {
			return err
		}
		c.say("Wrote %s to %s.", count(x.written, "record"), output)
		return nil
	})
	return cmd
}

type exporting struct {
	store    Store
	resource core.Resource
	deleted  bool
	written  int
}

// exporter chooses the format by the flag, else by the file's name.
func exporter(format, output string) (func(context.Context, *exporting, io.Writer) error, error) {
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(output)), ".")
	}
	switch format {
	case "xml", "s3xml":
		return func(ctx context.Context, x *exporting, w io.Writer) error { return x.xml(ctx, w) }, nil
	case "csv", "":
		return func(ctx context.Context, x *exporting, w io.Writer) error { return x.sheet(ctx, w, sheet.CSV) }, nil
	case "xlsx":
		return func(ctx context.Context, x *exporting, w io.Writer) error { return x.sheet(ctx, w, sheet.XLSX) }, nil
	}
	return nil, core.Invalid("format", fmt.Sprintf("%q is not a format: xml, csv or xlsx.", format))
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
		return core.Invalid("resource", fmt.Sprintf("There are no records of %s here.", x.resource))
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

// replaceFile writes a file beside its place and moves it there when it is
// whole, so that there is never half of one.
func replaceFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".fieldsync-*")
	if err != nil {
		return &core.Problem{Op: "export", Kind: core.FileUnreadable, Subject: name, Words: "The file " + name + " cannot be written.", Err: err}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
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
