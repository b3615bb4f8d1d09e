package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) settingsCommand() *cobra.Command {
	var name, proxy string
	var days, megabytes int
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Show or change this laptop's name and proxy; show its UUID",
		Example: `  fieldsync settings
  fieldsync settings --proxy http://proxy.example.org:3128
  fieldsync settings --proxy system      as the environment says (HTTPS_PROXY, NO_PROXY)
  fieldsync settings --proxy none`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&name, "name", "", "what servers show for this laptop")
	cmd.Flags().StringVar(&proxy, "proxy", "", "the default for all repositories: none, system, or an address (http://user@proxy.example.org:3128); the password is asked for and goes to the keyring")
	cmd.Flags().IntVar(&days, "history-days", 0, "how long replaced versions are kept; 0 is for ever")
	cmd.Flags().IntVar(&megabytes, "history-megabytes", 0, "how much room they may take, the oldest go first; 0 is no limit")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		node, err := n.Store.Node(ctx)
		if err != nil {
			return err
		}
		flags := cmd.Flags()
		if flags.Changed("name") {
			node.Name = name
		}
		if flags.Changed("proxy") {
			if _, err := core.ParseProxy(proxy); err != nil {
				return err
			}
			if node.Proxy, err = c.proxyAddress(proxy); err != nil {
				return err
			}
		}
		if flags.Changed("name") || flags.Changed("proxy") {
			if err := n.Store.SaveNode(ctx, node); err != nil {
				return err
			}
			if node, err = n.Store.Node(ctx); err != nil {
				return err
			}
		}
		keep, err := n.Store.Retention(ctx)
		if err != nil {
			return err
		}
		if flags.Changed("history-days") || flags.Changed("history-megabytes") {
			if flags.Changed("history-days") {
				keep.Days = days
			}
			if flags.Changed("history-megabytes") {
				keep.Megabytes = megabytes
			}
			if err := n.Store.SetRetention(ctx, keep); err != nil {
				return err
			}
		}
		if c.json {
			return c.printJSON(map[string]any{"history_days": keep.Days, "history_megabytes": keep.Megabytes, "uuid": node.UUID, "name": node.Name, "proxy": node.Proxy, "data": n.Dir})
		}
		return c.table([][]string{
			{"UUID", node.UUID}, {"Name", node.Name}, {"Proxy", orDash(node.Proxy)}, {"Data folder", n.Dir},
			{"History", fmt.Sprintf("%d days, %d megabytes; never what was not delivered", keep.Days, keep.Megabytes)}, {"Passwords", "in " + n.Store.SecretsWhere()},
		})
	})
	return c.withJSON(cmd)
}
