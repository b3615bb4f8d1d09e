package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core/practice"
)

func (c *commands) practiceCommand() *cobra.Command {
	var every time.Duration
	var seed uint64
	cmd := &cobra.Command{
		Use:   "practice",
		Short: "Serve a practice repository with invented data until interrupted",
		Long: `Serves a practice repository on this computer only, with some hundred invented records, until it is interrupted (Ctrl+C). Use it from a second
terminal like a real server; it prints the commands. Now and then a colleague there changes something. What is in it is gone at the end.

The invented records that were fetched stay on this laptop, and keep real servers away, until “fieldsync practice end”.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(c.practiceEnd())
	cmd.Flags().DurationVar(&every, "colleague", 30*time.Second, "how often a colleague changes something; 0 is never")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "which sample data: the same number, the same records")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c.started = true
		p, err := practice.Start(cmd.Context(), practice.Options{Seed: seed})
		if err != nil {
			return err
		}
		c.say("Serving the practice repository at %s", p.URL())
		c.say("User name %s, password %s. In another terminal:\n", practice.Username, practice.Password.Reveal())
		c.say("  export %s=%s", passwordVariable, practice.Password.Reveal())
		c.say("  fieldsync repository add Practice %s --username %s --proxy none", p.URL(), practice.Username)
		c.say("  fieldsync resource add Practice org_organisation org_office pr_person")
		c.say("  fieldsync sync\n")
		c.say("Once you have practised enough, there: fieldsync practice end\n")
		return errors.Join(c.colleagues(cmd, p, every), p.Close())
	}
	return cmd
}

func (c *commands) practiceEnd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "end",
		Short: "End practising: remove the practice repository and all invented records",
		Long:  "Removes the practice repository from this laptop with all its invented records and what you changed in them. Then a real server can be added.",
		Args:  cobra.NoArgs,
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		if err := n.Store.EndPractising(ctx); err != nil {
			return err
		}
		c.say("The practice repository and its invented records were removed. Next: fieldsync repository add NAME URL")
		return nil
	})
	return cmd
}

// colleagues lets somebody change something at intervals until the command ends.
func (c *commands) colleagues(cmd *cobra.Command, p *practice.Practice, every time.Duration) error {
	ctx := cmd.Context()
	if every <= 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			what, err := p.Colleague(ctx)
			if err != nil {
				return err
			}
			c.say("%s", what)
		}
	}
}
