package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

// A repositoryState is where we stand with one repository.
type repositoryState struct {
	Repository    string      `json:"repository"`
	URL           string      `json:"url"`
	LastConnected core.MTime  `json:"last_connected"`
	LastSuccess   core.MTime  `json:"last_success"` // when a run last came through
	LastResult    core.Result `json:"last_result"`
	LastMessage   string      `json:"last_message"`
	Stopped       string      `json:"stopped"`
	Unsent        int         `json:"unsent"`
	Conflicts     int         `json:"conflicts"`
	Refused       int         `json:"refused"`
	SetAside      int         `json:"set_aside"`
	Held          int         `json:"held"` // deletions that wait for a word, among those set aside

	Outlook outlookState `json:"outlook"`

	stranger bool // it only calls us, and nobody has accepted it
}

func (c *commands) statusCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say where things stand: unsent changes, last sync, what needs you",
		Long: `Says where things stand: unsent changes, the last sync, and what needs you. It asks no server.

With --check the exit code says it, too: 0 everything is at the servers, as far as the last sync knows; 1 something waits that a later sync may bring there; 7 a person is needed.`,
		Example: "  fieldsync status --check || fieldsync sync",
		Args:    cobra.NoArgs,
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		node, err := n.Store.Node(ctx)
		if err != nil {
			return err
		}
		repos, err := n.Store.Repositories(ctx)
		if err != nil {
			return err
		}
		states := make([]repositoryState, 0, len(repos))
		for _, r := range repos {
			state, err := stateFor(ctx, n.Store, r)
			if err != nil {
				return err
			}
			states = append(states, state)
		}
		working, err := foresee(ctx, n.Store, states)
		if err != nil {
			return err
		}
		tables, err := n.Store.Tables(ctx)
		if err != nil {
			return err
		}
		staying, err := n.Store.Staying(ctx)
		if err != nil {
			return err
		}
		practising, err := n.Store.Practising(ctx)
		if err != nil {
			return err
		}
		if c.json {
			err = c.printJSON(map[string]any{"uuid": node.UUID, "name": node.Name, "data": n.Dir, "scheduler": working, "repositories": states, "resources": tables, "staying": staying, "practising": practising})
		} else {
			err = c.showStatus(states, tables, staying, practising, working)
		}
		if err != nil || !check {
			return err
		}
		return checked(states)
	})
	cmd.Flags().BoolVar(&check, "check", false, "say with the exit code whether everything is at the servers")
	return c.withJSON(cmd)
}

// checked is where we stand with all of them, as how the command ends: what needs a person
// comes first.
func checked(states []repositoryState) error {
	waits := false
	for _, s := range states {
		if s.Stopped != "" || s.Conflicts+s.Refused+s.Held > 0 || s.URL != "" && s.LastResult == core.ResultFatal {
			return &personNeeded{"A person is needed."}
		}
		waits = waits || s.SetAside > 0 || s.URL != "" && (s.Unsent > 0 || s.failed() || s.LastSuccess.IsZero())
	}
	if waits {
		return &later{"Not everything is at the servers yet."}
	}
	return nil
}

func stateFor(ctx context.Context, s Store, r core.Repository) (repositoryState, error) {
	state := repositoryState{Repository: r.Name, URL: r.URL, LastConnected: r.LastConnected, Stopped: r.Stopped,
		stranger: r.Stranger()}
	var err error
	if state.Unsent, err = s.Unsent(ctx, r.ID); err != nil {
		return state, err
	}
	open, err := s.Conflicts(ctx, r.ID, true)
	if err != nil {
		return state, err
	}
	state.Conflicts = len(open)
	aside, err := s.Quarantines(ctx, r.ID)
	if err != nil {
		return state, err
	}
	for _, q := range aside {
		switch {
		case q.Outgoing:
			state.Refused++
		case q.Reason == core.HeldDeletion:
			state.Held++
			fallthrough
		default:
			state.SetAside++
		}
	}
	runs, err := s.Runs(ctx, r.ID, 50)
	ended, through := core.Latest(runs)
	if ended != nil {
		state.LastResult, state.LastMessage = ended.Result, core.AtTerminal(ended.Message, r.Name)
	}
	if through != nil {
		state.LastSuccess = through.Finished
	}
	return state, err
}

func (c *commands) showStatus(states []repositoryState, tables []Table, staying int, practising, working bool) error {
	if len(states) == 0 && !practising {
		c.say("No server is set up yet. Try “fieldsync demo”, or add one: fieldsync repository add NAME URL")
	}
	for _, s := range states {
		c.say("%s", s.sentence(staying))
	}
	if staying > 0 {
		c.say("%s on this laptop only, in tables that are not sent to any server. To send them: fieldsync resource add, or resource edit with --mode both.", isAre(staying, "change"))
	}
	c.showOutlooks(states, working)
	if practising {
		c.say("This is a place to practise: its records are invented. To end practising and remove them: fieldsync practice end")
	}
	if len(tables) == 0 {
		return nil
	}
	c.say("")
	return c.showTables(tables)
}

func (c *commands) showTables(tables []Table) error {
	rows := [][]string{{"TABLE", "RECORDS"}}
	for _, t := range tables {
		rows = append(rows, []string{string(t.Resource), fmt.Sprint(t.Records)})
	}
	return c.table(rows)
}

// stoppedWords says why it stopped, and what to do about it if the last run told.
func (s repositoryState) stoppedWords() string {
	if strings.HasPrefix(s.LastMessage, s.Stopped) {
		return s.LastMessage
	}
	return s.Stopped
}

func (s repositoryState) failed() bool { return gravity(s.LastResult) >= gravity(core.ResultError) }

// sentence says in words where we stand. staying is how many changes no repository is
// ever sent.
func (s repositoryState) sentence(staying int) string {
	var b strings.Builder
	switch {
	case s.URL == "":
		fmt.Fprintf(&b, "%s calls us; last at %s.", s.Repository, when(s.LastConnected))
		if s.stranger {
			fmt.Fprintf(&b, " Nothing is exchanged before it is accepted: fieldsync peer accept %q.", s.Repository)
		}
	case s.LastConnected.IsZero():
		fmt.Fprintf(&b, "Nothing was exchanged with %s yet.", s.Repository)
		if s.Unsent > 0 {
			fmt.Fprintf(&b, " %s to be sent.", waits(s.Unsent, "change"))
		}
	case s.Unsent > 0:
		fmt.Fprintf(&b, "%s not at %s yet.", isAre(s.Unsent, "change"), s.Repository)
	case s.Stopped != "" || s.failed():
		fmt.Fprintf(&b, "Nothing waits to be sent to %s.", s.Repository)
	case staying > 0:
		fmt.Fprintf(&b, "All that is sent is at %s.", s.Repository)
	default:
		fmt.Fprintf(&b, "Everything is at %s.", s.Repository)
	}
	switch {
	case s.LastSuccess != 0:
		fmt.Fprintf(&b, " Last sync %s.", when(s.LastSuccess))
	case s.URL != "" && s.LastConnected != 0:
		b.WriteString(" No sync was complete yet.")
	}
	if s.Stopped != "" {
		b.WriteString(" Stopped: " + s.stoppedWords())
	} else if s.failed() {
		b.WriteString(" The last try failed: " + s.LastMessage)
	}
	if s.Conflicts > 0 {
		b.WriteString(" " + changedBoth(s.Conflicts))
	}
	if s.Refused > 0 {
		b.WriteString(" " + isAre(s.Refused, "record") + " refused there.")
	}
	if s.Held > 0 {
		fmt.Fprintf(&b, " %[1]s held, because they are unusually many. Nothing was deleted here. Look at them (fieldsync quarantine list), then let them through: fieldsync sync --confirm -r %[2]q; or keep the records: fieldsync brakes refuse %[2]q.",
			isAre(s.Held, "deletion"), s.Repository)
	}
	if n := s.SetAside - s.Held; n > 0 {
		b.WriteString(" " + isAre(n, "received record") + " set aside.")
	}
	return b.String()
}
