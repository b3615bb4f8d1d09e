package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func (c *commands) compareCommand() *cobra.Command {
	var names, tables []string
	var opts replicate.CompareOptions
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Prove, record by record, that the copy here is what the servers have",
		Long: `Reads every record at the servers and compares it with the one here: by uuid, time of the last change, and content. It names what differs, and changes
nothing unless it is told to. Fieldsync does the same by itself from time to time.`,
		Example: "  fieldsync compare\n  fieldsync compare --repository \"Headquarters\" --resource org_office --mend",
		Args:    cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&names, "repository", "r", nil, "only with this server")
	flags.StringArrayVar(&tables, "resource", nil, "only this table")
	flags.BoolVar(&opts.Mend, "mend", false, "fetch again what differs, and decide as in a sync")
	flags.BoolVar(&opts.SendBack, "send-back", false, "what a server had and does not show any more: send it again with the next sync")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		repos, err := chosenToSync(ctx, n.Store, names)
		if err != nil {
			return err
		}
		if opts.Resources, err = checkTables(ctx, n.Store, repos, tables); err != nil {
			return err
		}
		return c.compareAll(ctx, n, repos, opts)
	})
	return c.withJSON(cmd)
}

// A compared is what --json prints for each server.
type compared struct {
	Repository string            `json:"repository"`
	Tables     []core.Comparison `json:"tables"`
}

func (c *commands) compareAll(ctx context.Context, n *Node, repos []core.Repository, opts replicate.CompareOptions) error {
	var problems []*core.Problem
	differing := 0
	out := []compared{}
	for _, r := range repos {
		found, err := n.Engine.Compare(ctx, r, opts)
		if err != nil {
			problems = append(problems, core.AsProblem(err))
		}
		out = append(out, compared{r.Name, append([]core.Comparison{}, found...)})
		for i := range found {
			differing += max(0, found[i].Differing()-found[i].Mended)
			if !c.json {
				c.showComparison(r.Name, &found[i])
			}
		}
	}
	if c.json {
		if err := c.printJSON(out); err != nil {
			return err
		}
	}
	worst := gravest(problems)
	for _, p := range problems {
		if p != worst {
			c.tell(c.io.Err, p)
		}
	}
	switch {
	case worst != nil:
		return worst
	case differing > 0:
		return &personNeeded{isAre(differing, "record") + " different. To mend what can be mended: fieldsync compare --mend"}
	}
	return nil
}

// namedMost bounds the differences that are printed for a person.
const namedMost = 50

func (c *commands) showComparison(name string, k *core.Comparison) {
	c.say("%s, %s: %s", name, k.Resource, k.Sentence())
	for i, d := range k.Differences {
		if i == namedMost {
			c.say("  … and %d more; all of them: --json", len(k.Differences)-i+k.More)
			return
		}
		c.say("  %-12s %s %s  %s", d.What, d.Record.Resource, d.Record.UUID, oneLine(d.Title))
	}
}
