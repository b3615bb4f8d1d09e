package cli

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
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
		f, ok := transfer.FormatOf(cmp.Or(format, output, "csv"))
		if !ok {
			return core.Invalid("format", "%q is not a format: xml, csv or xlsx.", cmp.Or(format, strings.TrimPrefix(filepath.Ext(output), ".")))
		}
		if output == "" {
			_, err := transfer.Write(ctx, n.Store, resource, f, deleted, c.io.Out)
			return err
		}
		written := 0
		err = transfer.Replace(output, func(w io.Writer) (err error) {
			written, err = transfer.Write(ctx, n.Store, resource, f, deleted, w)
			return err
		})
		if err != nil {
			return err
		}
		c.say("Wrote %s to %s.", count(written, "record"), output)
		return nil
	})
	return cmd
}
