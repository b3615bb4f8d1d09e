package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (c *commands) recordsMerge() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "merge TABLE UUID INTO",
		Short: "Make one record of two that mean the same",
		Long: `Makes one of two records that mean the same. The first goes in favour of the second, which takes over what it has no value for;
where they differ, the values of the second stay. What belongs to the first, or points to it, then belongs to the second.
The first stays in the history. All of that is sent with the next sync.`,
		Args: cobra.ExactArgs(3),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		from, err := existing(ctx, n.Store, args[:2])
		if err != nil {
			return err
		}
		into, err := existing(ctx, n.Store, []string{args[0], args[2]})
		if err != nil {
			return err
		}
		if err := n.Store.Merge(ctx, from.Link(), into.Link(), c.app.Person()); err != nil {
			return err
		}
		rec, err := n.Store.Record(ctx, into.Link())
		if err != nil {
			return err
		}
		return c.saved(ctx, n.Store, "Merged into", &rec)
	})
	return c.withJSON(cmd)
}
