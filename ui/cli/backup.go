package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

// A Backup is a copy of the database in the data folder, checked when it was made.
type Backup struct {
	Path   string     `json:"path"`
	Made   core.MTime `json:"made"`
	Reason string     `json:"reason"` // daily, migration, undo, mending
	Size   int64      `json:"size"`   // bytes
}

func (c *commands) backupCommand() *cobra.Command {
	return group("backup", "Copies of the database: made by itself every day, and before anything dangerous", c.backupList(), c.backupNow())
}

func (c *commands) backupList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the copies, newest first", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		list, err := n.Store.Copies(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(append([]Backup{}, list...))
		}
		rows := [][]string{{"MADE", "WHY", "MEGABYTES", "FILE"}}
		for _, b := range list {
			rows = append(rows, []string{when(b.Made), b.Reason, fmt.Sprintf("%.1f", float64(b.Size)/(1<<20)), b.Path})
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func (c *commands) backupNow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "now [FILE]",
		Short: "Make a checked copy of the database now",
		Long:  "Makes a complete copy of the database and checks it. Without FILE it goes among the copies that Fieldsync makes by itself. Passwords are not in it.",
		Args:  cobra.MaximumNArgs(1),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		path := ""
		var err error
		if len(args) == 1 {
			path = args[0]
			err = n.Store.Backup(ctx, path)
		} else {
			path, err = n.Store.CopyNow(ctx)
		}
		if err != nil {
			return err
		}
		c.say("Copied and checked: %s", path)
		return nil
	})
	return cmd
}
