package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

// Exit codes, for scripts.
const (
	exitDone   = 0
	exitLater  = 1 // try again later
	exitUsage  = 2 // wrong use
	exitPerson = 7 // a person is needed
)

// commands is the state of one command line. It is used once.
type commands struct {
	app     App
	io      IO
	data    string         // --data
	json    bool           // --json
	verbose bool           // --verbose
	hidden  bool           // --hidden
	setup   string         // --setup
	started bool           // flags and arguments are fine, a command has begun
	node    *Node          // open while a command runs
	command *regexp.Regexp // the program and one of its commands; see named
}

// Run carries out one command line and returns the exit code. args does not hold
// the program's name. Ending ctx stops the command in an orderly way.
func Run(ctx context.Context, app App, args []string, std IO) int {
	c := &commands{app: app, io: std}
	root := c.root(args)
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(naming{c, std.Out})
	root.SetErr(naming{c, std.Err})
	cmd, err := root.ExecuteContextC(ctx)
	return c.report(cmd, err)
}

const intro = `Fieldsync keeps a copy of a Sahana Eden server's records on this laptop in step with the server.

Try it without a server:   fieldsync demo
The first steps:           fieldsync init
                           fieldsync repository add "Headquarters" https://hub.example.org/eden --username you@example.org
                           fieldsync resource add "Headquarters" org_organisation
                           fieldsync sync

Exit codes: 0 done, 1 try again later, 2 wrong use, 7 a person is needed.`

// root returns the commands that args may be about; see wanted.
func (c *commands) root(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:           c.program(),
		Short:         "Keeps records in step with a Sahana Eden server",
		Long:          intro,
		Version:       c.app.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.started = true
			return c.withoutCommand(cmd)
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&c.data, "data", c.app.Data, "the data folder")
	flags.BoolVar(&c.verbose, "verbose", false, "show the technical cause of trouble too")
	if c.app.Window != nil {
		root.Flags().BoolVar(&c.hidden, "hidden", false, "start in the tray, without showing the window")
		root.Flags().StringVar(&c.setup, "setup", "", "open this file in the window and set up from it")
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	if c.app.Window != nil || len(args) > 0 {
		// On Windows the library would end a program that the Explorer started, be it by a
		// double click or at login, and say that it belongs into a terminal.
		cobra.MousetrapHelpText = ""
	}
	root.AddGroup(&cobra.Group{ID: "daily", Title: "Every day:"}, &cobra.Group{ID: "setup", Title: "Set up:"},
		&cobra.Group{ID: "peers", Title: "Answer other peers:"}, &cobra.Group{ID: "help", Title: "Try, check, help:"})
	root.SetHelpCommandGroupID("help")
	makers := c.makers()
	wanted := wanted(args, makers)
	for group, list := range makers {
		for name, maker := range list {
			if wanted(name) {
				cmd := maker()
				cmd.GroupID = group
				root.AddCommand(cmd)
			}
		}
	}
	plainly(root)
	root.SetFlagErrorFunc(flagTrouble)
	return root
}

// withoutCommand opens the window where there is one and a display to show it
// on, else shows the help.
func (c *commands) withoutCommand(cmd *cobra.Command) error {
	if c.setup != "" && c.app.Setup != nil {
		c.app.Setup(c.setup)
	}
	if c.hidden && c.app.Hidden != nil && hasDisplay() {
		return c.app.Hidden(cmd.Context(), c.data)
	}
	if c.app.Window != nil && hasDisplay() {
		return c.app.Window(cmd.Context(), c.data)
	}
	return cmd.Help()
}

func hasDisplay() bool {
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// action is what a command does with an open data folder.
type action func(ctx context.Context, n *Node, args []string) error

// opened opens the data folder round an action.
func (c *commands) opened(do action) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		c.started = true
		ctx := cmd.Context()
		n, err := c.app.Open(ctx, c.data)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, n.Close()) }()
		c.node = n
		return do(ctx, n, args)
	}
}

// withJSON adds --json to a command a script would want.
func (c *commands) withJSON(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&c.json, "json", false, "print JSON, for scripts")
	return cmd
}

// group returns a command that only holds others.
func group(use, short string, sub ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		for _, s := range cmd.Commands() {
			if s.Name() == "list" {
				s.SetContext(cmd.Context())
				return s.RunE(s, nil)
			}
		}
		return fmt.Errorf("“%s” needs one of: %s", cmd.CommandPath(), names(cmd))
	}}
	cmd.AddCommand(sub...)
	return cmd
}

func names(cmd *cobra.Command) string {
	var list []string
	for _, sub := range cmd.Commands() {
		list = append(list, sub.Name())
	}
	return strings.Join(list, ", ")
}

// personNeeded ends a command that did its work but leaves something for a
// person: what was to say has been said.
type personNeeded struct{ sentence string }

func (p *personNeeded) Error() string { return p.sentence }

// later ends a command that should be repeated.
type later struct{ sentence string }

func (l *later) Error() string { return l.sentence }

// report tells the error and returns the exit code.
func (c *commands) report(cmd *cobra.Command, err error) int {
	if err == nil {
		return exitDone
	}
	if !c.started {
		c.note("%s: %s.\nUsage: %s\nMore: %s --help\n", cmd.CommandPath(), strings.TrimSuffix(err.Error(), "."), cmd.UseLine(), cmd.CommandPath())
		return exitUsage
	}
	var person *personNeeded
	if errors.As(err, &person) {
		c.note("%s\n", person.sentence)
		return exitPerson
	}
	var again *later
	if errors.As(err, &again) {
		c.note("%s\n", again.sentence)
		return exitLater
	}
	p := core.AsProblem(err)
	if errors.Is(err, core.ErrNotFound) {
		p = core.Invalid("", "What was named is not here. The list command of the same name shows what is.")
	}
	c.tell(c.io.Err, p)
	return exitCode(p)
}

// tell says what happened, whether the data is safe and what to do.
func (c *commands) tell(w io.Writer, p *core.Problem) {
	fmt.Fprintln(w, c.named(p.Message()))
	if quote := p.Quote(); quote != "" {
		fmt.Fprintf(w, "The server said: %s\n", quote)
	}
	for _, line := range []string{p.Safe(), p.TerminalHint()} {
		if line != "" {
			fmt.Fprintln(w, c.named(line))
		}
	}
	if c.verbose {
		fmt.Fprintf(w, "(%s)\n", p.Error())
	}
	if c.node != nil && c.node.Log != nil && !misused(p) {
		c.node.Log.Error("Command failed", "problem", p.Error())
	}
}

// misused reports whether what was asked for has to be asked otherwise: nothing is wrong with
// the data or a server, and nothing is for the log.
func misused(p *core.Problem) bool {
	return p.Kind == core.InvalidSetting || p.Kind == core.FileUnreadable || p.Kind == core.Practising
}

func exitCode(p *core.Problem) int {
	switch {
	case misused(p):
		return exitUsage
	case p.Retryable():
		return exitLater
	}
	return exitPerson
}
