package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) peerCommand() *cobra.Command {
	return group("peer", "Those who registered with this laptop: accept or refuse them", c.peerList(), c.peerAccept(), c.peerRefuse())
}

func (c *commands) peerList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the peers and what they may do", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		all, err := n.Store.Repositories(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"NAME", "UUID", "MAY PUSH", "MAY PULL", "LAST SEEN"}}
		out := make([]any, 0)
		for _, r := range all {
			if r.UUID == "" {
				continue
			}
			rows = append(rows, []string{r.Name, r.UUID, yesNo(r.AcceptPush), yesNo(r.AllowPull), when(r.LastConnected)})
			out = append(out, repositoryJSON(r))
		}
		if c.json {
			return c.printJSON(out)
		}
		if len(rows) == 1 {
			c.say("No peer has registered yet.")
			return nil
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func (c *commands) peerAccept() *cobra.Command {
	var noPush, noPull bool
	cmd := &cobra.Command{
		Use:     "accept NAME",
		Short:   "Let a peer push to us and pull from us",
		Example: "  fieldsync peer accept \"Laptop 7\"\n  fieldsync peer accept \"Laptop 7\" --no-push",
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&noPush, "no-push", false, "it may not push")
	cmd.Flags().BoolVar(&noPull, "no-pull", false, "it may not pull")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := c.permit(ctx, n, args[0], !noPush, !noPull)
		if err == nil {
			c.say("%s may push: %s, may pull: %s.", r.Name, yesNo(r.AcceptPush), yesNo(r.AllowPull))
		}
		return err
	})
	return cmd
}

func (c *commands) peerRefuse() *cobra.Command {
	cmd := &cobra.Command{Use: "refuse NAME", Short: "Let a peer neither push nor pull", Args: cobra.ExactArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := c.permit(ctx, n, args[0], false, false)
		if err == nil {
			c.say("%s may neither push nor pull.", r.Name)
		}
		return err
	})
	return cmd
}

func (c *commands) permit(ctx context.Context, n *Node, name string, push, pull bool) (core.Repository, error) {
	if known, err := n.Store.PeerByUUID(ctx, name); err == nil {
		name = known.Name
	}
	if list, err := n.Store.Repositories(ctx); err == nil && len(list) == 0 {
		return core.Repository{}, core.Invalid("peer", "No peer has registered yet. Each does with its first sync, while this laptop answers: fieldsync serve")
	}
	r, err := repository(ctx, n.Store, name) // with its passwords: they are stored along with the rest
	if err != nil {
		return r, err
	}
	r.AcceptPush, r.AllowPull = push, pull
	return n.Store.UpdateRepository(ctx, r)
}
