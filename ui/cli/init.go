package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (c *commands) initCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the data folder and this laptop's identity",
		Long: `Makes the data folder, the database in it, and this laptop's UUID, by which servers know it. The UUID never changes.

Every other command does the same if it has not been done; init only says what was made.`,
		Example: "  fieldsync init\n  fieldsync init --name \"Field office, laptop 3\" --data /srv/fieldsync",
		Args:    cobra.NoArgs,
	}
	cmd.Flags().StringVar(&name, "name", "", "what servers show for this laptop (default: the computer's name)")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		node, err := n.Store.Node(ctx)
		if err != nil {
			return err
		}
		if name != "" {
			node.Name = name
			if err := n.Store.SaveNode(ctx, node); err != nil {
				return err
			}
		}
		if c.json {
			return c.printJSON(map[string]string{"data": n.Dir, "uuid": node.UUID, "name": node.Name})
		}
		c.say("Data folder:  %s", n.Dir)
		c.say("This laptop:  %s", node.Name)
		c.say("UUID:         %s", node.UUID)
		c.say("Passwords:    in %s", n.Store.SecretsWhere())
		return nil
	})
	return c.withJSON(cmd)
}
