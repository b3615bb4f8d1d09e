package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

const nothingHeld = "Nothing is held back."

func (c *commands) brakesCommand() *cobra.Command {
	return group("brakes", "Unusually many deletions that wait for a decision", c.brakesList(), c.brakesConfirm(), c.brakesRefuse())
}

func (c *commands) brakesList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List what is held back, with the numbers", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		held, err := n.Store.HeldBack(ctx)
		if err != nil {
			return err
		}
		names, err := namesByID(ctx, n.Store)
		if err != nil {
			return err
		}
		if c.json {
			out := make([]any, 0, len(held))
			for _, h := range held {
				out = append(out, map[string]any{"repository": names[h.RepositoryID], "resource": h.Resource, "held": h.Held, "records": h.Alive, "since": h.Since})
			}
			return c.printJSON(out)
		}
		if len(held) == 0 {
			c.say(nothingHeld)
			return nil
		}
		rows := [][]string{{"SERVER", "TABLE", "DELETIONS HELD", "RECORDS HERE", "SINCE"}}
		for _, h := range held {
			rows = append(rows, []string{names[h.RepositoryID], string(h.Resource), fmt.Sprint(h.Held), fmt.Sprint(h.Alive), when(h.Since)})
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func (c *commands) brakesConfirm() *cobra.Command {
	var resource string
	var always bool
	cmd := &cobra.Command{
		Use:   "confirm REPOSITORY",
		Short: "Let the deletions through, this time; with --always for ever",
		Long: `Carries the held deletions out, by a sync with the server. The records stay in the history and can be restored. The next unusual number is held
again, unless --always: then deletions of that table by this server are never held any more (brakes refuse --again switches the brake on again).`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&resource, "resource", "", "only this table")
	cmd.Flags().BoolVar(&always, "always", false, "from now on never hold deletions of this table")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		if always && resource == "" {
			return core.Invalid("resource", "Say which table: --resource cr_shelter")
		}
		if always {
			if err := n.Store.SetBrake(ctx, r.ID, core.Resource(resource), false); err != nil {
				return err
			}
		}
		opts := replicate.Options{Confirm: true}
		if resource != "" {
			opts.Resources = []core.Resource{core.Resource(resource)}
		}
		run, err := n.Engine.Sync(ctx, r, opts)
		if err != nil {
			return err
		}
		if run.Deleted == 0 {
			c.say(nothingHeld)
			return nil
		}
		c.say("%s deleted. They can be restored: fieldsync records list TABLE --deleted", isAre(run.Deleted, "record"))
		return nil
	})
	return cmd
}

func (c *commands) brakesRefuse() *cobra.Command {
	var resource string
	var again bool
	cmd := &cobra.Command{
		Use:   "refuse REPOSITORY",
		Short: "Keep the records; the server gets them again",
		Long:  "Drops the held deletions: the records stay, and the next sync sends them to the server again. No connection is needed now.",
		Args:  cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&resource, "resource", "", "only this table")
	cmd.Flags().BoolVar(&again, "again", false, "switch the brake of the table on again, after confirm --always")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		if again && resource == "" {
			return core.Invalid("resource", "Say which table: --resource cr_shelter")
		}
		if again {
			if err := n.Store.SetBrake(ctx, r.ID, core.Resource(resource), true); err != nil {
				return err
			}
		}
		kept, err := n.Engine.RefuseHeld(ctx, r, core.Resource(resource), c.app.Person())
		if err != nil {
			return err
		}
		if kept == 0 {
			c.say(nothingHeld)
			return nil
		}
		c.say("%s kept. The next sync sends them to %s again.", isAre(kept, "record"), r.Name)
		return nil
	})
	return cmd
}
