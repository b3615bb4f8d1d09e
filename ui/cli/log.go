package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (c *commands) logCommand() *cobra.Command {
	var name, run string
	var details bool
	var limit int
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Show the synchronisation log, newest first",
		Example: `  fieldsync log
  fieldsync log --repository "Headquarters" --details`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVarP(&name, "repository", "r", "", "only of this server")
	flags.StringVar(&run, "run", "", "only of this run")
	flags.BoolVar(&details, "details", false, "show every field, with the technical cause")
	flags.IntVar(&limit, "limit", 50, "how many rows; 0 is all")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		q := LogQuery{Run: run, Limit: limit}
		if name != "" {
			r, err := repository(ctx, n.Store, name)
			if err != nil {
				return err
			}
			q.Repository = r.ID
		}
		entries, err := n.Store.Log(ctx, q)
		if err != nil {
			return err
		}
		if c.json {
			if entries == nil {
				return c.printJSON([]any{})
			}
			return c.printJSON(entries)
		}
		rows := [][]string{{"TIME", "REPOSITORY", "TABLE", "MODE", "ACTION", "RESULT", "MESSAGE"}}
		for _, e := range entries {
			if details {
				c.say("Date/Time:    %s\nRepository:   %s\nResource:     %s\nMode:         %s, %s\nAction:       %s\nResult:       %s\nRemote error: %s\nMessage:      %s\nDetails:      %s\nRun:          %s\n",
					when(e.Time), e.Repository, e.Resource, e.Mode, e.Direction, orDash(e.Action), e.Result, yesNo(e.Remote), orDash(e.Message), orDash(e.Details), orDash(e.Run))
				continue
			}
			rows = append(rows, []string{when(e.Time), e.Repository, e.Resource, e.Mode, e.Action, string(e.Result), e.Message})
		}
		if details {
			return nil
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}
