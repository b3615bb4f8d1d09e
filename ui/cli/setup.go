package cli

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/core/setup"
)

func (c *commands) setupCommand() *cobra.Command {
	var save string
	var replace bool
	cmd := &cobra.Command{
		Use:   "setup [FILE]",
		Short: "Set this laptop up from a file, or save such a file",
		Long: `Sets servers, proxy, resources, policies and schedules up as a file says, so that many laptops are set up alike. The file never holds a password. What is
here already under the same name or address is changed and keeps its password; nothing is removed. Doing it again changes nothing.

Make the file on a laptop that is set up: with --save. The window opens it too: fieldsync --setup FILE`,
		Example: `  fieldsync setup --save office.json
  fieldsync setup office.json
  fieldsync repository edit "Headquarters" --password-stdin`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.Flags().StringVar(&save, "save", "", "write the file instead of reading it")
	cmd.Flags().BoolVar(&replace, "replace", false, "with --save: write over a file that is there")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if (save == "") == (len(args) == 0) {
			return errors.New("give a file to set up from, or --save and a file to write")
		}
		do := func(ctx context.Context, n *Node, args []string) error { return c.applySetup(ctx, n, args[0]) }
		if save != "" {
			if _, err := os.Lstat(save); err == nil && !replace {
				return core.Invalid("save", "%s is there already. Give another name, or --replace.", save)
			}
			do = func(ctx context.Context, n *Node, _ []string) error { return c.saveSetup(ctx, n, save) }
		}
		return c.opened(do)(cmd, args)
	}
	return cmd
}

func (c *commands) saveSetup(ctx context.Context, n *Node, path string) error {
	s, err := setup.Collect(ctx, n.Store, setup.Folder(n.Dir), practice.Is)
	if err != nil {
		return err
	}
	if err := setup.Save(path, s); err != nil {
		return err
	}
	var names []string
	for _, r := range s.Repositories {
		names = append(names, r.Name)
	}
	c.say("Saved %s in %s, without passwords.", strings.Join(names, ", "), path)
	return nil
}

func (c *commands) applySetup(ctx context.Context, n *Node, path string) error {
	s, err := setup.Read(path)
	var faults setup.Faults
	if errors.As(err, &faults) {
		return core.Invalid("setup", faults.Error())
	}
	if err != nil {
		return err
	}
	stored, err := setup.Apply(ctx, n.Store, setup.Folder(n.Dir), s)
	if err != nil {
		return err
	}
	for i, r := range stored {
		c.say("Set up %s, %s: %s, %s.", r.Name, r.URL, count(len(s.Repositories[i].Tasks), "resource"), count(len(s.Repositories[i].Jobs), "planned time"))
		if r.Password == "" {
			c.say("  Enter its password: fieldsync repository edit %q --username %s --password", r.Name, orElse(r.Username, "you@example.org"))
		}
	}
	return nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
