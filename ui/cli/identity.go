package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) identityCommand() *cobra.Command {
	return group("identity", "Who this laptop is to its servers; after a restored or copied data folder", c.identityShow(), c.identityMoved(), c.identityRestored(), c.identityNew())
}

func (c *commands) identityShow() *cobra.Command {
	cmd := &cobra.Command{Use: "show", Short: "Show this laptop's UUID, and whether its data is where and what it was", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		node, err := n.Store.Node(ctx)
		if err != nil {
			return err
		}
		standing, err := n.Store.Standing(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(map[string]any{"uuid": node.UUID, "name": node.Name, "copied": standing.Copied, "went_back": standing.WentBack})
		}
		c.say("%s, %s", node.Name, node.UUID)
		if p := standing.Problem(); p != nil {
			return p
		}
		c.say("The data is where, and what, it was when it was last used.")
		return nil
	})
	return c.withJSON(cmd)
}

func (c *commands) identityMoved() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "moved",
		Short: "This computer takes the place of the one the data came from",
		Long: `For a data folder that was copied to this computer, when the other one is no longer used. Identity, records and unsent changes stay. If both go on
being used, give this one an identity of its own instead: fieldsync identity new`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = c.standing(func(ctx context.Context, n *Node) error { return n.Store.ConfirmMoved(ctx) },
		"This computer has taken the place of the other one. The next sync goes on as before.")
	return cmd
}

func (c *commands) identityRestored() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restored",
		Short: "The data was restored from an older copy, and that is right",
		Long: `For a data folder that was restored from a backup. The next sync reads everything anew and compares it: what was sent before comes back, what a
server does not have is sent, and what was changed on both sides is decided as always. Nothing is lost.`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = c.standing(func(ctx context.Context, n *Node) error { return n.Store.ConfirmRestored(ctx) },
		"Understood. The next sync reads and compares everything; what was sent before comes back.")
	return cmd
}

func (c *commands) identityNew() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Give this laptop an identity of its own, because a copy of its data is used elsewhere",
		Long: `For one of two laptops that use copies of the same data folder. It gets a new UUID; records and unsent changes stay, and every server is told of the
new laptop with the next sync. A server that accepts laptops one by one has to accept it.`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = c.standing(func(ctx context.Context, n *Node) error {
		_, err := n.Store.NewIdentity(ctx)
		return err
	}, "This laptop has an identity of its own now. Its records and unsent changes are all here.")
	return cmd
}

// standing runs an action on the node's identity and says what came of it.
func (c *commands) standing(do func(context.Context, *Node) error, words string) func(*cobra.Command, []string) error {
	return c.opened(func(ctx context.Context, n *Node, _ []string) error {
		if err := do(ctx, n); err != nil {
			return err
		}
		c.say("%s", words)
		return nil
	})
}

func (c *commands) repositoryRelink() *cobra.Command {
	var confirm bool
	cmd := &cobra.Command{
		Use:   "relink NAME",
		Short: "Another server answers at this address now, and that is right: compare everything, then go on",
		Long: `For a server that was set up anew, or replaced, at the same address. What the former one had is forgotten, so that everything is compared with the
next sync: what the new one lacks counts as unsent and is sent, what differs is decided by the policies. No record here is deleted or overwritten unseen.
Look first: fieldsync sync --dry-run after it.`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&confirm, "confirm", false, "do it; without it only the numbers are said")
	cmd.RunE = c.startOver(&confirm, "is linked anew", func(ctx context.Context, s Store, r core.Repository) error { return s.Relink(ctx, r.ID) })
	return cmd
}

func (c *commands) repositorySendBack() *cobra.Command {
	var confirm bool
	cmd := &cobra.Command{
		Use:   "send-back NAME",
		Short: "The server was restored from a backup: send it what it lost",
		Long: `For a server that has older records than it had before. Everything is compared with the next sync: where the server has a former version of ours,
ours is sent; what it lacks is sent; what is new there is taken. Ask its administrator first: perhaps the backup was restored for a reason.`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&confirm, "confirm", false, "do it; without it only the numbers are said")
	cmd.RunE = c.startOver(&confirm, "gets back what it lost", func(ctx context.Context, s Store, r core.Repository) error { return s.SendBack(ctx, r.ID) })
	return cmd
}

func (c *commands) repositoryTakeOlder() *cobra.Command {
	var confirm bool
	cmd := &cobra.Command{
		Use:   "take-older NAME",
		Short: "The server was restored from a backup, and that is right: take its older state",
		Long: `For a server that has older records than it had before, and is to keep them. With the next sync what it has replaces what is here, whatever the policy;
every version that is replaced stays in the history. What it lost stays here and is not sent until somebody changes it. What was changed here and never
sent is kept, and decided by the conflict policy where the server's older version clashes with it.`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&confirm, "confirm", false, "do it; without it only the numbers are said")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		if confirm {
			if err := n.Store.TakeOlder(ctx, r.ID); err != nil {
				return err
			}
			c.say("With the next sync the older state of %s is taken over. Every version that is replaced stays in the history.", r.Name)
			return nil
		}
		found, err := n.Engine.OlderState(ctx, r)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(found)
		}
		c.say("%s: %s", r.Name, olderWords(found))
		return &personNeeded{"Nothing was done yet. Repeat with --confirm."}
	})
	return c.withJSON(cmd)
}

// startOver says what would happen, and does it if it is confirmed.
func (c *commands) startOver(confirm *bool, done string, do func(context.Context, Store, core.Repository) error) func(*cobra.Command, []string) error {
	return c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		unsent, err := n.Store.Unsent(ctx, r.ID)
		if err != nil {
			return err
		}
		agreed, err := n.Store.Agreed(ctx, r.ID)
		if err != nil {
			return err
		}
		if !*confirm {
			waiting := ""
			if unsent > 0 {
				waiting = " " + waits(unsent, "change") + " to be sent."
			}
			c.say("%s: %s compared anew.%s Nothing here is deleted.", r.Name, isAre(agreed, "record"), waiting)
			return &personNeeded{"Nothing was done yet. Repeat with --confirm."}
		}
		if err := do(ctx, n.Store, r); err != nil {
			return err
		}
		c.say("With the next sync %s %s.", r.Name, done)
		return nil
	})
}

// olderWords says what would become of how many records; what none would is not said.
func olderWords(found core.OlderState) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{found.Replaced, "here would become older"}, {found.Deleted, "would be deleted here, as there"}, {found.Lacking, "that the server lost would stay here only"},
	} {
		if p.n > 0 {
			parts = append(parts, count(p.n, "record")+" "+p.what)
		}
	}
	if len(parts) == 0 {
		return "no record here would change."
	}
	return strings.Join(parts, "; ") + "."
}
