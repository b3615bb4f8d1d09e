package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) logCommand() *cobra.Command {
	var name, resource, run, from, to string
	var details bool
	var limit int
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Show the synchronisation log, newest first",
		Example: `  fieldsync log
  fieldsync log --repository "Headquarters" --details
  fieldsync log --resource org_office --from 2026-03-01 --to 2026-03-31`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVarP(&name, "repository", "r", "", "only of this server")
	flags.StringVar(&resource, "resource", "", "only of this table")
	flags.StringVar(&run, "run", "", "only of this run")
	flags.StringVar(&from, "from", "", "from this day on")
	flags.StringVar(&to, "to", "", "until this day")
	flags.BoolVar(&details, "details", false, "show every field, with the technical cause")
	flags.IntVar(&limit, "limit", 50, "how many rows; 0 is all")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		q := LogQuery{Resource: core.Resource(resource), Run: run, Limit: limit}
		var fromErr, toErr error
		q.Since, fromErr = day(from, 0)
		q.Until, toErr = day(to, 1)
		if err := errors.Join(fromErr, toErr); err != nil {
			return err
		}
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
		for i := range entries {
			entries[i].Message = core.AtTerminal(entries[i].Message, entries[i].Repository)
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
				c.say("Date/Time:    %s\nRepository:   %s\nResource:     %s\nRecord:       %s\nMode:         %s, %s\nAction:       %s\nResult:       %s\nRemote error: %s\nMessage:      %s\nDetails:      %s\nRun:          %s\n",
					when(e.Time), e.Repository, e.Resource, orDash(strings.TrimSpace(e.Title+" "+e.UUID)), e.Mode, e.Direction, orDash(e.Action), e.Result, yesNo(e.Remote), orDash(e.Message), orDash(e.Details), orDash(e.Run))
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
