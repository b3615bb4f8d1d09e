package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core/eden"
)

func (c *commands) repositoryTest() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Check network, proxy, certificate, address, login, rights and clock",
		Long:  "Tries everything a sync needs, one after the other, says each result in a sentence, and changes nothing at the server.",
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		tasks, err := n.Store.Tasks(ctx, r.ID)
		if err != nil {
			return err
		}
		findings, err := n.Check(ctx, r, tasks)
		if err != nil {
			return err
		}
		return c.showFindings(findings)
	})
	return c.withJSON(cmd)
}

// showFindings prints what was found and ends with what it means for a script.
func (c *commands) showFindings(findings []eden.Finding) error {
	if c.json {
		if err := c.printJSON(append([]eden.Finding{}, findings...)); err != nil {
			return err
		}
	}
	for _, f := range findings {
		if c.json {
			break
		}
		mark := "ok  "
		switch {
		case !f.OK:
			mark = "FAIL"
		case f.Warning:
			mark = "note"
		}
		c.say("%s  %s: %s", mark, f.Name, f.Message)
		if f.Hint != "" {
			c.say("      %s", f.Hint)
		}
	}
	return verdict(findings)
}

// verdict is nil if all is well. A network that does not answer may tomorrow;
// everything else needs a person.
func verdict(findings []eden.Finding) error {
	var failed []string
	person := false
	for _, f := range findings {
		if !f.OK {
			failed = append(failed, f.Name)
			person = person || !strings.HasSuffix(f.Name, "network")
		}
	}
	sentence := "Not all is well: " + strings.Join(failed, ", ") + "."
	switch {
	case len(failed) == 0:
		return nil
	case person:
		return &personNeeded{sentence}
	}
	return &later{sentence}
}
