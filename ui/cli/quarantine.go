package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) quarantineCommand() *cobra.Command {
	return group("quarantine", "Records that a server refused, or that could not be stored here", c.quarantineList(), c.quarantineRetry())
}

func (c *commands) quarantineList() *cobra.Command {
	var name string
	var details bool
	cmd := &cobra.Command{Use: "list", Short: "List what is set aside, with the reason", Args: cobra.NoArgs}
	cmd.Flags().StringVarP(&name, "repository", "r", "", "only of this server")
	cmd.Flags().BoolVar(&details, "details", false, "show the technical cause and what was received")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		var repo int64
		if name != "" {
			r, err := repository(ctx, n.Store, name)
			if err != nil {
				return err
			}
			repo = r.ID
		}
		list, err := n.Store.Quarantines(ctx, repo)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(quarantineJSON(list))
		}
		if len(list) == 0 {
			c.say("Nothing is set aside.")
			return nil
		}
		rows := [][]string{{"ID", "WHAT", "TABLE", "UUID", "SINCE", "TRIES", "REASON"}}
		for _, q := range list {
			if details {
				c.say("%d %s %s %s\n  Reason:  %s\n  Details: %s\n  Content: %s\n", q.ID, whatHappened(q), q.Record.Resource, orDash(q.Record.UUID), safe(reason(q)), orDash(safe(q.Details)), orDash(safe(q.Content)))
				continue
			}
			rows = append(rows, []string{fmt.Sprint(q.ID), whatHappened(q), string(q.Record.Resource), orDash(q.Record.UUID), when(q.Since), fmt.Sprint(q.Attempts), reason(q)})
		}
		if details {
			return nil
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func whatHappened(q core.Quarantine) string {
	switch {
	case q.KeptBack():
		return "kept back here"
	case q.Outgoing:
		return "refused there"
	}
	return "set aside here"
}

// reason is the server's own words as a quotation, or ours.
func reason(q core.Quarantine) string {
	if q.Outgoing && !q.OwnWords() {
		return "“" + q.Reason + "”"
	}
	return core.AtTerminal(q.Reason, "")
}

func quarantineJSON(list []core.Quarantine) any {
	out := make([]any, 0, len(list))
	for _, q := range list {
		out = append(out, map[string]any{"id": q.ID, "run": q.Run, "outgoing": q.Outgoing, "resource": q.Record.Resource, "uuid": q.Record.UUID,
			"reason": q.Reason, "details": q.Details, "since": q.Since, "attempts": q.Attempts, "next_try": q.NextTry})
	}
	return out
}

func (c *commands) quarantineRetry() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "retry ID…",
		Short: "Try again with the next sync",
		Long:  "Makes what is set aside due at once. A record that a server refused is also sent again as soon as you correct it.",
		Args:  cobra.ArbitraryArgs,
	}
	cmd.Flags().BoolVar(&all, "all", false, "everything that is set aside")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		ids, err := quarantineIDs(ctx, n.Store, args, all)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := n.Store.RetryQuarantine(ctx, id); errors.Is(err, core.ErrNotFound) {
				return core.Invalid("id", fmt.Sprintf("There is no record %d set aside.", id))
			} else if err != nil {
				return err
			}
		}
		c.say("%s tried again with the next sync.", isAre(len(ids), "record"))
		return nil
	})
	return cmd
}

func quarantineIDs(ctx context.Context, s Store, args []string, all bool) ([]int64, error) {
	if !all && len(args) == 0 {
		return nil, core.Invalid("id", "Give the numbers of the list, or --all.")
	}
	var ids []int64
	if all {
		list, err := s.Quarantines(ctx, 0)
		for _, q := range list {
			ids = append(ids, q.ID)
		}
		return ids, err
	}
	for _, text := range args {
		id, err := number(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
