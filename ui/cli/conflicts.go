package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) conflictsCommand() *cobra.Command {
	return group("conflicts", "Records that were changed on both sides", c.conflictsList(), c.conflictsShow(), c.conflictsResolve(), c.conflictsResolveAll())
}

func (c *commands) conflictsList() *cobra.Command {
	var all bool
	cmd := &cobra.Command{Use: "list", Short: "List what needs a decision; with --all what was decided too", Args: cobra.NoArgs}
	cmd.Flags().BoolVar(&all, "all", false, "those that were decided too")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		list, err := n.Store.Conflicts(ctx, 0, !all)
		if err != nil {
			return err
		}
		if c.json {
			out := make([]any, 0, len(list))
			for i := range list {
				out = append(out, conflictJSON(&list[i]))
			}
			return c.printJSON(out)
		}
		if len(list) == 0 {
			c.say("No record needs a decision.")
			return nil
		}
		rows := [][]string{{"ID", "TABLE", "NAME", "FIELDS", "FOUND", "DECISION"}}
		for i := range list {
			k := &list[i]
			rows = append(rows, []string{fmt.Sprint(k.ID), string(k.Record.Resource), orDash(k.Ours.Title()), clashWords(k.Clashes), when(k.Found), decision(k)})
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func decision(k *core.Conflict) string {
	if k.Open() {
		return "open"
	}
	return k.Winner + " (" + k.Decision + ")"
}

func clashWords(clashes []string) string {
	if len(clashes) == 1 && clashes[0] == "" {
		return "edited here or there, deleted on the other side"
	}
	return strings.Join(clashes, ", ")
}

func conflictJSON(k *core.Conflict) any {
	return map[string]any{"id": k.ID, "run": k.Run, "resource": k.Record.Resource, "uuid": k.Record.UUID, "found": k.Found, "clashes": k.Clashes,
		"ours": recordJSON(&k.Ours), "theirs": recordJSON(&k.Theirs), "decision": k.Decision, "winner": k.Winner}
}

func (c *commands) conflictsShow() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show both versions side by side", Args: cobra.ExactArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		k, err := conflict(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(conflictJSON(&k))
		}
		c.say("%s %s: %s", k.Record.Resource, k.Record.UUID, orDash(oneLine(k.Ours.Title())))
		rows, whole := sideBySide(&k)
		if err := c.table(rows); err != nil {
			return err
		}
		for _, text := range whole {
			c.say("\n%s", text)
		}
		c.say("\nDecision: %s", decision(&k))
		return nil
	})
	return c.withJSON(cmd)
}

func conflict(ctx context.Context, s Store, text string) (core.Conflict, error) {
	id, err := number(text)
	if err != nil {
		return core.Conflict{}, err
	}
	k, err := s.Conflict(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return k, core.Invalid("id", fmt.Sprintf("There is no conflict %d.", id))
	}
	return k, err
}

// sideBySide lists the fields in which the two versions differ, and returns apart those of which
// a line shows less than the whole: they may differ only there.
func sideBySide(k *core.Conflict) (rows [][]string, whole []string) {
	rows = [][]string{{"FIELD", "OURS", "THEIRS", "BEFORE"}}
	if k.Ours.Deleted || k.Theirs.Deleted {
		rows = append(rows, []string{"(record)", deletedWord(k.Ours.Deleted), deletedWord(k.Theirs.Deleted), ""})
	}
	seen := make(map[string]bool)
	for _, rec := range []*core.Record{&k.Ours, &k.Theirs} {
		for _, f := range rec.Fields {
			if seen[f.Name] || core.SameValue(k.Ours.Value(f.Name), k.Theirs.Value(f.Name)) {
				continue
			}
			seen[f.Name] = true
			before := ""
			if k.Base != nil {
				before = display(k.Base, f.Name)
			}
			ours, theirs := display(&k.Ours, f.Name), display(&k.Theirs, f.Name)
			rows = append(rows, []string{f.Name, ours, theirs, before})
			if oneLine(ours) != ours || oneLine(theirs) != theirs {
				whole = append(whole, f.Name+", ours:\n"+printable(ours), f.Name+", theirs:\n"+printable(theirs))
			}
		}
	}
	return append(rows, []string{"(changed)", when(k.Ours.ModifiedOn), when(k.Theirs.ModifiedOn), ""}), whole
}

func deletedWord(deleted bool) string {
	if deleted {
		return "deleted"
	}
	return "edited"
}

func display(rec *core.Record, name string) string {
	f, _ := rec.Field(name)
	return orDash(f.Display())
}

func (c *commands) conflictsResolve() *cobra.Command {
	var theirs []string
	cmd := &cobra.Command{
		Use:   "resolve ID ours|theirs|both [FIELD=VALUE…]",
		Short: "Decide: ours, theirs, or a mixture",
		Long: `Decides a conflict. The version that loses stays in the history and can be restored.

A mixture begins with ours; --theirs takes fields of theirs, and FIELD=VALUE sets anything.`,
		Example: `  fieldsync conflicts resolve 4 theirs
  fieldsync conflicts resolve 4 both --theirs phone1 comments="Both numbers work"`,
		Args: cobra.MinimumNArgs(2),
	}
	cmd.Flags().StringSliceVar(&theirs, "theirs", nil, "with both: the fields to take from theirs")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		k, err := conflict(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		winner := args[1]
		var mixed *core.Record
		if winner == "both" {
			m, err := mixture(ctx, n.Store, &k, theirs, args[2:])
			if err != nil {
				return err
			}
			mixed = &m
		} else if len(args) > 2 || len(theirs) > 0 {
			return core.Invalid("winner", "Fields can be chosen with “both” only.")
		}
		if err := n.Store.ResolveConflict(ctx, k.ID, winner, mixed, k.Ours.Hash(), c.app.Person()); err != nil {
			return err
		}
		c.say("Decided: %s. The next sync tells the server.", winner)
		return nil
	})
	return cmd
}

func (c *commands) conflictsResolveAll() *cobra.Command {
	var name, resource string
	cmd := &cobra.Command{
		Use:   "resolve-all ours|theirs|newer",
		Short: "Decide all that wait by one rule",
		Long: `Decides all conflicts that wait: for our version, for theirs, or for the one that was changed last. The versions that lose stay in the history and can be
restored one by one, and each decision can be made again.`,
		Example: "  fieldsync conflicts resolve-all newer\n  fieldsync conflicts resolve-all theirs --resource org_office",
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVarP(&name, "repository", "r", "", "only with this server")
	cmd.Flags().StringVar(&resource, "resource", "", "only of this table")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		rule, err := core.ParseConflictRule(args[0])
		if err != nil {
			return core.Invalid("winner", "Choose ours, theirs or newer.")
		}
		repo, err := repositoryID(ctx, n.Store, name)
		if err != nil {
			return err
		}
		decided, err := n.Store.ResolveConflicts(ctx, repo, core.Resource(resource), rule, c.app.Person())
		if err != nil {
			return err
		}
		c.say("%s decided. The next sync tells the servers.", isAre(decided, "conflict"))
		return nil
	})
	return cmd
}

// mixture is our version with some fields of theirs and some new values.
func mixture(ctx context.Context, s Store, k *core.Conflict, theirs, texts []string) (core.Record, error) {
	m := k.Ours.Clone()
	m.Deleted, m.ReplacedBy = false, ""
	if k.Ours.Deleted {
		m = k.Theirs.Clone()
	}
	for _, name := range theirs {
		f, ok := k.Theirs.Field(name)
		if !ok {
			return m, core.Invalid("theirs", fmt.Sprintf("Their version has no field %q.", name))
		}
		m.Set(f)
	}
	_, err := assign(ctx, s, &m, texts, false)
	return m, err
}
