package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core/schedule"
)

func (c *commands) scheduleSwitch() *cobra.Command {
	cmd := &cobra.Command{Use: "switch ID on|off", Short: "Switch a time on or off; the list shows the numbers", Args: cobra.ExactArgs(2)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		id, err := number(args[0])
		if err != nil {
			return err
		}
		jobs, err := n.Store.Jobs(ctx, 0)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if j.ID != id {
				continue
			}
			if err := parseYesNo("switch", args[1], &j.Enabled); err != nil {
				return err
			}
			if _, err := n.Store.SaveJob(ctx, j); err != nil {
				return err
			}
			c.say("%s.", schedule.Describe(j))
			return nil
		}
		return noTime(id)
	})
	return cmd
}
