package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

// An Autostart is how the operating system starts programs at login.
type Autostart struct {
	// State reports whether Fieldsync starts at login, and where that is noted.
	State func() (on bool, where string, err error)
	// Set lets the command start at login, or ends that.
	Set func(on bool, command []string) error
}

func (c *commands) autostartCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "autostart [on|off]",
		Short: "Start at login, hidden in the tray",
		Long:  "Shows or changes whether Fieldsync starts when you log in: hidden in the tray, or, in the program for servers, as “fieldsync worker”.",
		Args:  cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs), ValidArgs: []string{"on", "off"},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c.started = true
		if c.app.Autostart.State == nil {
			return core.Invalid("autostart", "This program cannot start at login.")
		}
		if len(args) == 1 {
			command, err := c.loginCommand(cmd)
			if err != nil {
				return err
			}
			if err := c.app.Autostart.Set(args[0] == "on", command); err != nil {
				return err
			}
		}
		on, where, err := c.app.Autostart.State()
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(map[string]any{"on": on, "where": where})
		}
		c.say("Start at login: %s (%s)", yesNo(on), where)
		return nil
	}
	return c.withJSON(cmd)
}

// loginCommand is what starts at login: this very program, on this data folder.
func (c *commands) loginCommand(cmd *cobra.Command) ([]string, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := []string{exe, "worker"}
	if c.app.Window != nil {
		command = []string{exe, "--hidden"}
	}
	if f := cmd.Flags().Lookup("data"); f != nil && f.Changed {
		command = append(command, "--data", c.data)
	}
	return command, nil
}
