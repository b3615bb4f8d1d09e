package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
)

func (c *commands) accountCommand() *cobra.Command {
	return group("account", "Logins with which peers call this laptop", c.accountAdd(), c.accountList(), c.accountRemove())
}

func (c *commands) accountAdd() *cobra.Command {
	var stdin *bool
	cmd := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a login, or give it a new password",
		Example: "  fieldsync account add laptop7@example.org",
		Args:    cobra.ExactArgs(1),
	}
	stdin = passwordFlag(cmd)
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		password, err := c.password("Password for "+args[0], *stdin)
		if err != nil {
			return err
		}
		hash, err := responder.HashPassword(password)
		if err != nil {
			return err
		}
		if _, err := n.Store.SaveAccount(ctx, core.Account{Name: args[0], Hash: hash}); err != nil {
			return err
		}
		c.say("Peers can log in as %s.", args[0])
		return nil
	})
	return cmd
}

func (c *commands) accountList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the logins", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		list, err := n.Store.Accounts(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"NAME", "ADDED", "DISABLED"}}
		out := make([]any, 0)
		for _, a := range list {
			rows = append(rows, []string{a.Name, when(a.Created), yesNo(a.Disabled)})
			out = append(out, map[string]any{"name": a.Name, "created": a.Created, "disabled": a.Disabled})
		}
		if c.json {
			return c.printJSON(out)
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func (c *commands) accountRemove() *cobra.Command {
	cmd := &cobra.Command{Use: "remove NAME", Short: "Remove a login", Args: cobra.ExactArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		if err := n.Store.DeleteAccount(ctx, args[0]); errors.Is(err, core.ErrNotFound) {
			return core.Invalid("name", fmt.Sprintf("There is no login %q.", args[0]))
		} else if err != nil {
			return err
		}
		c.say("%s can no longer log in.", args[0])
		return nil
	})
	return cmd
}
