package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) settingsCommand() *cobra.Command {
	var name, proxy string
	var kept core.Retention
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
	cmd.Flags().IntVar(&kept.Days, "history-days", 0, "how long replaced versions are kept; 0 is for ever")
	cmd.Flags().IntVar(&kept.Megabytes, "history-megabytes", 0, "how much room they may take, the oldest go first; 0 is no limit")
	cmd.Flags().IntVar(&kept.LogDays, "log-days", 0, "how long entries of the log are kept; 0 is for ever")
	cmd.Flags().IntVar(&kept.LogMegabytes, "log-megabytes", 0, "how much room they may take, the oldest go first; 0 is no limit")
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
		changed := false
		for flag, into := range map[string]struct{ value, setting *int }{"history-days": {&kept.Days, &keep.Days}, "history-megabytes": {&kept.Megabytes, &keep.Megabytes},
			"log-days": {&kept.LogDays, &keep.LogDays}, "log-megabytes": {&kept.LogMegabytes, &keep.LogMegabytes}} {
			if flags.Changed(flag) {
				*into.setting, changed = *into.value, true
			}
		}
		if changed {
			if err := n.Store.SetRetention(ctx, keep); err != nil {
				return err
			}
		}
		if c.json {
			return c.printJSON(map[string]any{"history_days": keep.Days, "history_megabytes": keep.Megabytes, "log_days": keep.LogDays, "log_megabytes": keep.LogMegabytes, "uuid": node.UUID, "name": node.Name, "proxy": node.Proxy, "data": n.Dir})
		}
		return c.facts([][]string{
			{"UUID", node.UUID}, {"Name", node.Name}, {"Proxy", orDash(node.Proxy)}, {"Data folder", n.Dir},
			{"History", fmt.Sprintf("%d days, %d megabytes; never what was not delivered", keep.Days, keep.Megabytes)},
			{"Log", fmt.Sprintf("%d days, %d megabytes; never what belongs to a version in the history", keep.LogDays, keep.LogMegabytes)}, {"Passwords", "in " + n.Store.SecretsWhere()},
		})
	})
	return c.withJSON(cmd)
}
