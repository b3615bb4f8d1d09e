package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) runsCommand() *cobra.Command {
	return group("runs", "What was synchronised when, and taking a whole run back", c.runsList(), c.runsUndo())
}

func (c *commands) runsList() *cobra.Command {
	var name string
	var limit int
	cmd := &cobra.Command{Use: "list", Short: "List the last runs, newest first", Args: cobra.NoArgs}
	cmd.Flags().StringVarP(&name, "repository", "r", "", "only with this server")
	cmd.Flags().IntVar(&limit, "limit", 20, "how many; 0 is all")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		repos, err := namesByID(ctx, n.Store)
		if err != nil {
			return err
		}
		repo, err := repositoryID(ctx, n.Store, name)
		if err != nil {
			return err
		}
		runs, err := n.Store.Runs(ctx, repo, limit)
		if err != nil {
			return err
		}
		if c.json {
			out := make([]runReport, 0, len(runs))
			for _, r := range runs {
				out = append(out, runReport{Repository: repos[r.Repository], Run: r})
			}
			return c.printJSON(out)
		}
		rows := [][]string{{"RUN", "STARTED", "SERVER", "RESULT", "WHAT"}}
		for _, r := range runs {
			rows = append(rows, []string{shortID(r.ID), when(r.Started), orDash(repos[r.Repository]), string(r.Result), whatWords(r, repos[r.Repository])})
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

// whatWords lists what a run did; a run that broke off before anything was counted did
// not find that there was nothing to do.
func whatWords(r core.Run, repository string) string {
	if r.Counts == (core.Counts{}) && gravity(r.Result) >= gravity(core.ResultError) {
		return oneLine(core.AtTerminal(r.Message, repository))
	}
	return r.Counts.String()
}

// shortID is enough of a run's id to name it.
func shortID(id string) string {
	id = strings.TrimPrefix(id, core.UUIDPrefix)
	return id[:min(len(id), 8)]
}

func namesByID(ctx context.Context, s Store) (map[int64]string, error) {
	list, err := s.Repositories(ctx)
	names := make(map[int64]string, len(list))
	for _, r := range list {
		names[r.ID] = r.Name
	}
	return names, err
}

// repositoryID returns the id of the named repository, 0 for no name.
func repositoryID(ctx context.Context, s Store, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	r, err := repository(ctx, s, name)
	return r.ID, err
}

func (c *commands) runsUndo() *cobra.Command {
	var confirm bool
	cmd := &cobra.Command{
		Use:   "undo RUN",
		Short: "Take a whole run back",
		Long: `Takes back everything that a run changed here: records that it changed or deleted become what they were before, those that it made are deleted and can
be restored. What was changed again since stays as it is. Servers that have what the run left are sent the undo as a new change with the next sync.

Without --confirm only the numbers are said. The database is copied before, and the undo can be taken back like any run.`,
		Example: "  fieldsync runs list\n  fieldsync runs undo 3f9c21aa\n  fieldsync runs undo 3f9c21aa --confirm",
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().BoolVar(&confirm, "confirm", false, "do it; without it only the numbers are said")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		run, err := findRun(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		undo, err := n.Store.PlanUndo(ctx, run, 0)
		if err == nil && confirm {
			undo, err = n.Store.UndoRun(ctx, run, c.app.Person(), 0)
		}
		if err != nil {
			return err
		}
		if err := c.showUndo(ctx, n.Store, undo); err != nil {
			return err
		}
		if !confirm && undo.Restored+undo.Removed > 0 {
			return &personNeeded{"Nothing was done yet. Repeat with --confirm."}
		}
		return nil
	})
	return c.withJSON(cmd)
}

// findRun returns the id of the run that begins with the text.
func findRun(ctx context.Context, s Store, text string) (string, error) {
	ids, err := s.RunIDs(ctx, text)
	if err != nil {
		return "", err
	}
	switch len(ids) {
	case 0:
		return "", core.Invalid("run", "There is no run %q that changed anything here. See: fieldsync runs list", text)
	case 1:
		return ids[0], nil
	}
	return "", core.Invalid("run", "Several runs begin with %q. Give more of it.", text)
}

func (c *commands) showUndo(ctx context.Context, s Store, u core.Undo) error {
	names, err := namesByID(ctx, s)
	if err != nil {
		return err
	}
	delivered := make(map[string]int)
	for id, n := range u.Delivered {
		delivered[names[id]] = n
	}
	if c.json {
		return c.printJSON(struct {
			core.Undo
			Delivered map[string]int `json:"delivered"`
		}{u, delivered})
	}
	c.say("%s as before the run, %s that it made deleted, %s changed since and left.", count(u.Restored, "record"), count(u.Removed, "record"), count(u.Left, "record"))
	if u.Forgotten > 0 {
		c.say("%s that it changed cannot be taken back: the database was mended, or old versions were cleared away, since then. Where its history has the version, each can be restored by itself: fieldsync records show TABLE UUID --history", count(u.Forgotten, "record"))
	}
	for name, n := range delivered {
		c.say("%s has %s of them: the next sync tells it of the undo.", name, fmt.Sprint(n))
	}
	if u.Undo != "" {
		c.say("To take this back: fieldsync runs undo %s", shortID(u.Undo))
	}
	return nil
}
