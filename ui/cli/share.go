package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) shareCommand() *cobra.Command {
	return group("share", "Tables that every accepted peer may exchange with this laptop", c.shareAdd(), c.shareList(), c.shareRemove())
}

func (c *commands) shareAdd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "add TABLE…",
		Short:   "Share tables",
		Long:    "Shares tables with every accepted peer. Tables that are exchanged with one peer only are set up with: fieldsync resource add PEER TABLE",
		Example: "  fieldsync share add org_organisation org_office",
		Args:    cobra.MinimumNArgs(1),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		for _, name := range args {
			if err := core.NewTask(0, core.Resource(name)).Validate(); err != nil {
				return err
			}
		}
		return c.setShared(ctx, n, args, true)
	})
	return cmd
}

func (c *commands) shareRemove() *cobra.Command {
	cmd := &cobra.Command{Use: "remove TABLE…", Short: "Share tables no longer", Args: cobra.MinimumNArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error { return c.setShared(ctx, n, args, false) })
	return cmd
}

func (c *commands) setShared(ctx context.Context, n *Node, tables []string, on bool) error {
	for _, name := range tables {
		if err := n.Store.Share(ctx, core.Resource(name), on); err != nil {
			return err
		}
	}
	shared, err := n.Store.Shared(ctx)
	if err != nil {
		return err
	}
	c.say("%s", sharedWords(shared))
	return nil
}

// sharedWords is "Shared now: org_office, org_organisation.".
func sharedWords(shared []core.Resource) string {
	if len(shared) == 0 {
		return "Nothing is shared."
	}
	return "Shared now: " + joined(shared, ", ") + "."
}

func (c *commands) shareList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the shared tables", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		shared, err := n.Store.Shared(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(append([]core.Resource{}, shared...))
		}
		if len(shared) == 0 {
			c.say("%s", sharedWords(shared))
		}
		for _, r := range shared {
			c.say("%s", r)
		}
		return nil
	})
	return c.withJSON(cmd)
}
