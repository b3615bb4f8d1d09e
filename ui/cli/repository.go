package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/practice"
)

func (c *commands) repositoryCommand() *cobra.Command {
	return group("repository", "The servers this laptop exchanges records with",
		c.repositoryAdd(), c.repositoryList(), c.repositoryShow(), c.repositoryEdit(), c.repositoryRemove(), c.repositoryTest(), c.repositoryRegister(), c.repositoryRelink(), c.repositorySendBack(), c.repositoryTakeOlder())
}

// repositoryFlags are what add and edit have in common.
type repositoryFlags struct {
	username, proxy, caFile string
	stdin                   *bool
}

func (f *repositoryFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.username, "username", "u", "", "user name at the server, usually an e-mail address")
	cmd.Flags().StringVar(&f.proxy, "proxy", "", "none, system, or an address; default: as in the settings")
	cmd.Flags().StringVar(&f.caFile, "ca-file", "", "PEM file of the certificate authority, if the server has one of its own")
	f.stdin = passwordFlag(cmd)
}

func (c *commands) repositoryAdd() *cobra.Command {
	var f repositoryFlags
	cmd := &cobra.Command{
		Use:   "add NAME URL",
		Short: "Add a server",
		Long:  "Adds a server by its address, which ends with Eden's application, often /eden. The password is asked for.",
		Example: `  fieldsync repository add "Headquarters" https://hub.example.org/eden --username you@example.org
  pass hub | fieldsync repository add "Headquarters" https://hub.example.org/eden -u you@example.org --password-stdin`,
		Args: cobra.ExactArgs(2),
	}
	f.add(cmd)
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		url, err := core.NormalizeURL(args[1])
		if err != nil {
			return err
		}
		if f.proxy, err = c.proxyAddress(f.proxy); err != nil {
			return err
		}
		r := core.Repository{Name: args[0], URL: url, Username: f.username, Proxy: f.proxy, CAFile: f.caFile}
		if err := checkConnection(r); err != nil {
			return err
		}
		if r.Username != "" {
			if r.Password, err = c.password("Password of "+r.Username, *f.stdin); err != nil {
				return err
			}
		}
		r, err = n.Store.AddRepository(ctx, r)
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(repositoryJSON(r))
		}
		c.say("Added %s, %s.", r.Name, r.URL)
		if r.InClear() {
			c.say("This connection is not encrypted: others in the network can read the password and the records. If the server has an address with https://, use that one.")
		}
		if r.Username != "" && r.Password == "" {
			c.say("It has no password yet: fieldsync repository edit %q --password", r.Name)
		}
		c.say("Next: fieldsync repository test %q, then fieldsync resource add %q TABLE…", r.Name, r.Name)
		return nil
	})
	return c.withJSON(cmd)
}

func (c *commands) repositoryList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the servers", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		list, err := n.Store.Repositories(ctx)
		if err != nil {
			return err
		}
		if c.json {
			out := make([]any, 0, len(list))
			for _, r := range list {
				out = append(out, repositoryJSON(r))
			}
			return c.printJSON(out)
		}
		rows := [][]string{{"NAME", "ADDRESS", "USER", "LAST CONNECTED", "STATE"}}
		for _, r := range list {
			rows = append(rows, []string{r.Name, addressOf(r), orDash(r.Username), when(r.LastConnected), stateOf(r)})
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func addressOf(r core.Repository) string {
	if !r.Active() {
		return "(calls us)"
	}
	return r.URL
}

func stateOf(r core.Repository) string {
	switch {
	case r.Stopped != "":
		return "stopped: " + r.Stopped
	case !r.Active() && !r.AcceptPush && !r.AllowPull:
		return "not accepted"
	case r.Active() && r.Registered.IsZero():
		return "not registered yet"
	}
	return "ready"
}

func (c *commands) repositoryShow() *cobra.Command {
	cmd := &cobra.Command{Use: "show NAME", Short: "Show all of one server", Args: cobra.ExactArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(repositoryJSON(r))
		}
		return c.facts([][]string{
			{"Name", r.Name}, {"Address", addressOf(r)}, {"UUID", orDash(r.UUID)}, {"User name", orDash(r.Username)},
			{"Password", orDash(r.Password.String())}, {"Proxy", orDash(r.Proxy)}, {"CA file", orDash(r.CAFile)},
			{"Registered", when(r.Registered)}, {"Last connected", when(r.LastConnected)}, {"Clock there", offsetWords(r.ClockOffset)},
			{"May push to us", yesNo(r.AcceptPush)}, {"May pull from us", yesNo(r.AllowPull)}, {"State", stateOf(r)},
		})
	})
	return c.withJSON(cmd)
}

func offsetWords(seconds int64) string {
	switch {
	case seconds > 0:
		return fmt.Sprintf("%d s ahead of ours", seconds)
	case seconds < 0:
		return fmt.Sprintf("%d s behind ours", -seconds)
	}
	return "as ours"
}

// checkConnection checks how the repository is to be reached, as far as that can
// be told without a network.
func checkConnection(r core.Repository) error {
	if _, err := core.ParseProxy(r.Proxy); err != nil {
		return err
	}
	return eden.CheckCAFile(r.CAFile)
}

func (c *commands) repositoryEdit() *cobra.Command {
	var f repositoryFlags
	var name, url string
	var askPassword bool
	cmd := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a server's name, address, user, password or proxy",
		Example: `  fieldsync repository edit "Headquarters" --password
  fieldsync repository edit "Headquarters" --url https://new.example.org/eden`,
		Args: cobra.ExactArgs(1),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&name, "name", "", "a new name")
	cmd.Flags().StringVar(&url, "url", "", "a new address")
	cmd.Flags().BoolVar(&askPassword, "password", false, "ask for a new password")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		flags := cmd.Flags()
		if flags.Changed("url") {
			if r.URL, err = core.NormalizeURL(url); err != nil {
				return err
			}
		}
		for flag, field := range map[string]*string{"name": &r.Name, "username": &r.Username, "proxy": &r.Proxy, "ca-file": &r.CAFile} {
			if flags.Changed(flag) {
				*field = flags.Lookup(flag).Value.String()
			}
		}
		if err := checkConnection(r); err != nil {
			return err
		}
		if flags.Changed("proxy") {
			if r.Proxy, err = c.proxyAddress(r.Proxy); err != nil {
				return err
			}
		}
		if askPassword || *f.stdin {
			if r.Password, err = c.password("Password of "+r.Username, *f.stdin); err != nil {
				return err
			}
			if r.Password == "" {
				return core.Invalid("password", "No password was given.")
			}
		}
		r.Stopped = ""
		if r, err = n.Store.UpdateRepository(ctx, r); err != nil {
			return err
		}
		c.say("Changed %s.", r.Name)
		if askPassword || *f.stdin {
			c.say("Next: fieldsync sync --repository %q", r.Name)
		}
		return nil
	})
	return cmd
}

func (c *commands) repositoryRemove() *cobra.Command {
	var force, records bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a server; records stay",
		Long:  "Removes a server with its resources and schedule. The records stay on this laptop. Changes that are not sent yet would never be sent: then it refuses, unless --force. A practice repository can take its invented records along: --records.",
		Args:  cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&force, "force", false, "remove it even if changes are unsent")
	cmd.Flags().BoolVar(&records, "records", false, "of a practice repository: its invented records, too")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		if records && !practice.Is(r) {
			return core.Invalid("records", "Only the invented records of a practice repository can be removed with it.")
		}
		if records {
			if err := n.Store.Forget(ctx, r.ID); err != nil {
				return err
			}
			c.say("Removed %s with its invented records.", r.Name)
			return nil
		}
		unsent, err := n.Store.Unsent(ctx, r.ID)
		if err != nil {
			return err
		}
		if unsent > 0 && !force {
			return core.Invalid("force", fmt.Sprintf("%s not sent to %s yet. Export what you need (fieldsync export), then repeat with --force.", isAre(unsent, "record"), r.Name))
		}
		if err := n.Store.DeleteRepository(ctx, r.ID); err != nil {
			return err
		}
		c.say("Removed %s. Its records are still here.", r.Name)
		if practice.Is(r) {
			c.say("They are invented, and keep real servers away. To remove them: fieldsync practice end")
		}
		return nil
	})
	return cmd
}

func isAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return count(n, noun) + " are"
}

func waits(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " waits"
	}
	return count(n, noun) + " wait"
}

func wasWere(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return count(n, noun) + " were"
}

func (c *commands) repositoryRegister() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "register NAME",
		Short: "Make this laptop known at a server",
		Long:  "Makes this laptop known at a server by its UUID and name. A sync does it too if it was not done. Doing it again changes nothing.",
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		if r, err = n.Engine.Register(ctx, r); err != nil {
			return err
		}
		c.say("%s knows this laptop. Its UUID is %s.", r.Name, orDash(r.UUID))
		return nil
	})
	return cmd
}

// repository finds a repository by its name. The error is a Problem that lists
// the names there are.
func repository(ctx context.Context, s Store, name string) (core.Repository, error) {
	r, err := s.RepositoryByName(ctx, name)
	if !errors.Is(err, core.ErrNotFound) {
		return r, err
	}
	list, err := s.Repositories(ctx)
	if err != nil {
		return r, err
	}
	if len(list) == 0 {
		return r, errNoRepository()
	}
	words := fmt.Sprintf("There is no repository %q. There are:", name)
	for _, r := range list {
		words += fmt.Sprintf(" %q", r.Name)
	}
	return r, core.Invalid("repository", words+".")
}

func errNoRepository() error {
	return core.Invalid("repository", "There is no repository yet. Add one: fieldsync repository add NAME URL")
}

func repositoryJSON(r core.Repository) any {
	return struct {
		Name          string     `json:"name"`
		UUID          string     `json:"uuid"`
		URL           string     `json:"url"`
		Username      string     `json:"username"`
		HasPassword   bool       `json:"has_password"`
		Proxy         string     `json:"proxy"`
		CAFile        string     `json:"ca_file"`
		AcceptPush    bool       `json:"accept_push"`
		AllowPull     bool       `json:"allow_pull"`
		Registered    core.MTime `json:"registered"`
		LastConnected core.MTime `json:"last_connected"`
		Stopped       string     `json:"stopped"`
		ClockOffset   int64      `json:"clock_offset"`
	}{r.Name, r.UUID, r.URL, r.Username, r.Password != "", r.Proxy, r.CAFile, r.AcceptPush, r.AllowPull, r.Registered, r.LastConnected, r.Stopped, r.ClockOffset}
}
