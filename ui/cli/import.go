package cli

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
)

func (c *commands) importCommand() *cobra.Command {
	var resource string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Read records from a file: S3XML, CSV or XLSX",
		Long: `Reads records from a file, as edits of yours: they are sent with the next sync. All of the file is taken, or, if anything in it is wrong, nothing.

Records with a known uuid are changed, others are added. In CSV and XLSX the first row holds the names of the fields; a row without uuid is a new
record, an emptied cell clears its field, and references may be given by name. What a row does not mention stays as it is.`,
		Example: `  fieldsync import offices.xlsx --resource org_office --dry-run
  fieldsync import persons.xml`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&resource, "resource", "", "the table, for CSV and XLSX")
	cmd.Flags().BoolVarP(&dryRun, "dry-run", "n", false, "only say what would happen")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		order := transfer.Order{By: c.app.Person(), DryRun: dryRun, Now: core.MTimeOf(time.Now())}
		if transfer.IsSheet(args[0]) {
			if resource == "" {
				return core.Invalid("resource", "Say which table the rows belong to: --resource org_office")
			}
			t, err := table(resource)
			if err != nil {
				return err
			}
			order.Resource = t
		}
		file := transfer.File{Name: args[0], Open: func() (io.ReadCloser, error) { return os.Open(args[0]) }}
		report, err := transfer.Read(ctx, n.Store, file, order)
		if err != nil {
			return err
		}
		return c.showImport(report, dryRun)
	})
	return c.withJSON(cmd)
}

func (c *commands) showImport(r transfer.Report, dryRun bool) error {
	if c.json {
		return c.printJSON(r)
	}
	would := ""
	if dryRun {
		would = "Nothing was changed; this would happen: "
	}
	counts := core.Counts{Created: r.Created, Updated: r.Updated, Deleted: r.Deleted, Unchanged: r.Unchanged}
	c.say("%s%s read: %s.", would, count(r.Read, "record"), counts)
	return nil
}
