package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

func (c *commands) resourceCommand() *cobra.Command {
	return group("resource", "What is exchanged with a server, and how", c.resourceAdd(), c.resourceList(), c.resourceEdit(), c.resourceRemove())
}

// taskFlags are the settings of a task, in Eden's words.
type taskFlags struct {
	mode, strategy, update, conflict string
	merge                            bool
	filters                          []string
}

func (f *taskFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.mode, "mode", "both", "pull, push, both or none")
	flags.StringVar(&f.strategy, "strategy", "create,update,delete,merge", "what each side may do at the other")
	flags.StringVar(&f.update, "update-policy", "NEWER", "may their version replace ours? NEWER, THIS (never), OTHER (always), MASTER (from the originator)")
	flags.StringVar(&f.conflict, "conflict-policy", "NEWER", "who wins if both changed? NEWER, THIS, OTHER, MASTER, ASK (a person)")
	flags.BoolVar(&f.merge, "merge", true, "combine changes of different fields first")
	flags.StringArrayVar(&f.filters, "filter", nil, `only some records, as in Eden's addresses: "~.name__like=A*"; for a referenced table: "gis_location:~.L0=Nepal"`)
}

// apply puts the flags that were given into a task.
func (f *taskFlags) apply(cmd *cobra.Command, t *core.Task) (err error) {
	changed := cmd.Flags().Changed
	if changed("mode") {
		if t.Mode, err = core.ParseMode(f.mode); err != nil {
			return err
		}
	}
	if changed("strategy") {
		if t.Strategy, err = core.ParseStrategy(f.strategy); err != nil {
			return err
		}
	}
	if changed("update-policy") {
		if t.Update, err = core.ParsePolicy(strings.ToUpper(f.update)); err != nil {
			return err
		}
	}
	if changed("conflict-policy") {
		if t.Conflict, err = core.ParsePolicy(strings.ToUpper(f.conflict)); err != nil {
			return err
		}
	}
	if changed("merge") {
		t.Merge = f.merge
	}
	if changed("filter") {
		t.Filters = parseFilters(f.filters)
	}
	return t.Validate()
}

// parseFilters splits "table:query"; an empty text removes all filters.
func parseFilters(texts []string) []core.Filter {
	var filters []core.Filter
	for _, text := range texts {
		if text == "" {
			continue
		}
		table, query, found := strings.Cut(text, ":")
		if found && core.Resource(table).Valid() {
			filters = append(filters, core.Filter{Table: core.Resource(table), Query: query})
		} else {
			filters = append(filters, core.Filter{Query: text})
		}
	}
	return filters
}

func filterText(f core.Filter) string {
	if f.Table == "" {
		return f.Query
	}
	return string(f.Table) + ":" + f.Query
}

func (c *commands) resourceAdd() *cobra.Command {
	var f taskFlags
	cmd := &cobra.Command{
		Use:   "add REPOSITORY TABLE…",
		Short: "Exchange tables with a server",
		Example: `  fieldsync resource add "Headquarters" org_organisation org_office
  fieldsync resource add "Headquarters" pr_person --mode pull --conflict-policy ASK
  fieldsync resource add "Headquarters" cr_shelter --filter "~.name__like=A*"`,
		Args: cobra.MinimumNArgs(2),
	}
	f.add(cmd)
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		tasks := make([]core.Task, 0, len(args)-1)
		for _, table := range args[1:] { // all are checked before the first is stored
			t := core.NewTask(r.ID, core.Resource(table))
			if err := f.apply(cmd, &t); err != nil {
				return err
			}
			tasks = append(tasks, t)
		}
		for _, t := range tasks {
			if _, err := n.Store.AddTask(ctx, t); err != nil {
				return err
			}
			c.say("Added %s: %s.", t.Resource, taskWords(t))
		}
		return nil
	})
	return cmd
}

func taskWords(t core.Task) string {
	return fmt.Sprintf("%s, update policy %s, conflict policy %s", t.Mode, t.Update, t.Conflict)
}

func (c *commands) resourceList() *cobra.Command {
	cmd := &cobra.Command{Use: "list [REPOSITORY]", Short: "List what is exchanged", Args: cobra.MaximumNArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		repos, err := chosen(ctx, n.Store, args)
		if err != nil {
			return err
		}
		rows := [][]string{{"REPOSITORY", "TABLE", "MODE", "STRATEGY", "UPDATE", "CONFLICT", "FILTER", "LAST PULL", "LAST PUSH"}}
		out := make([]any, 0)
		for _, r := range repos {
			tasks, err := n.Store.Tasks(ctx, r.ID)
			if err != nil {
				return err
			}
			for _, t := range tasks {
				filters := make([]string, 0, len(t.Filters))
				for _, f := range t.Filters {
					filters = append(filters, filterText(f))
				}
				rows = append(rows, []string{r.Name, string(t.Resource), t.Mode.String(), t.Strategy.String(), string(t.Update), string(t.Conflict),
					orDash(strings.Join(filters, " ")), when(t.LastPull), when(t.LastPush)})
				out = append(out, map[string]any{"repository": r.Name, "resource": t.Resource, "mode": t.Mode.String(), "strategy": t.Strategy.String(),
					"update_policy": t.Update, "conflict_policy": t.Conflict, "merge": t.Merge, "filters": filters, "last_pull": t.LastPull, "last_push": t.LastPush})
			}
		}
		if c.json {
			return c.printJSON(out)
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

// chosen returns the named repository, or all of them.
func chosen(ctx context.Context, s Store, names []string) ([]core.Repository, error) {
	if len(names) == 0 {
		return s.Repositories(ctx)
	}
	var list []core.Repository
	for _, name := range names {
		r, err := repository(ctx, s, name)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// task finds a repository's task for a table.
func task(ctx context.Context, s Store, repo, table string) (core.Task, error) {
	r, err := repository(ctx, s, repo)
	if err != nil {
		return core.Task{}, err
	}
	tasks, err := s.Tasks(ctx, r.ID)
	if err != nil {
		return core.Task{}, err
	}
	for _, t := range tasks {
		if string(t.Resource) == table {
			return t, nil
		}
	}
	return core.Task{}, core.Invalid("resource", fmt.Sprintf("%s is not exchanged with %s. Add it: fieldsync resource add %q %s", table, r.Name, r.Name, table))
}

func (c *commands) resourceEdit() *cobra.Command {
	var f taskFlags
	cmd := &cobra.Command{
		Use:     "edit REPOSITORY TABLE",
		Short:   "Change how a table is exchanged",
		Example: `  fieldsync resource edit "Headquarters" pr_person --conflict-policy ASK`,
		Args:    cobra.ExactArgs(2),
	}
	f.add(cmd)
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		t, err := task(ctx, n.Store, args[0], args[1])
		if err != nil {
			return err
		}
		if err := f.apply(cmd, &t); err != nil {
			return err
		}
		if err := n.Store.UpdateTask(ctx, t); err != nil {
			return err
		}
		c.say("Changed %s: %s.", t.Resource, taskWords(t))
		return nil
	})
	return cmd
}

func (c *commands) resourceRemove() *cobra.Command {
	cmd := &cobra.Command{Use: "remove REPOSITORY TABLE", Short: "Stop exchanging a table; its records stay", Args: cobra.ExactArgs(2)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		t, err := task(ctx, n.Store, args[0], args[1])
		if err != nil {
			return err
		}
		if err := n.Store.DeleteTask(ctx, t.ID); err != nil {
			return err
		}
		c.say("%s is no longer exchanged. Its records are still here.", t.Resource)
		return nil
	})
	return cmd
}
