package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func (c *commands) syncCommand() *cobra.Command {
	var names, tables []string
	var opts replicate.Options
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Exchange records with the servers now",
		Long: `Receives what changed at each server, sends what changed here, and reads back what was sent: only what is really there counts as delivered.

Interrupted at any time, the next sync goes on where it stopped.`,
		Example: `  fieldsync sync
  fieldsync sync --dry-run
  fieldsync sync --repository "Headquarters" --resource org_office --json`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&names, "repository", "r", nil, "only this server")
	flags.StringArrayVar(&tables, "resource", nil, "only this table")
	flags.BoolVarP(&opts.DryRun, "dry-run", "n", false, "find out what would happen; write and send nothing")
	flags.BoolVar(&opts.Full, "full", false, "receive and compare everything again")
	flags.BoolVar(&opts.Confirm, "confirm", false, "let through the deletions that were held back, and trust the clock")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		repos, err := chosenToSync(ctx, n.Store, names)
		if err != nil {
			return err
		}
		if opts.Resources, err = checkTables(ctx, n.Store, repos, tables); err != nil {
			return err
		}
		if !opts.DryRun {
			// The daily copy is of what was here before the run. After a first one it would
			// be of what the server has anyway, and take a sixth of its time.
			n.keepUp(ctx)
		}
		s := &syncing{c: c, n: n, opts: opts}
		if err := s.all(ctx, repos); err != nil {
			return err
		}
		return s.finish(ctx)
	})
	return c.withJSON(cmd)
}

// chosenToSync returns the named repositories, else all that we call.
func chosenToSync(ctx context.Context, s Store, names []string) ([]core.Repository, error) {
	list, err := chosen(ctx, s, names)
	if err != nil {
		return nil, err
	}
	active := list[:0]
	for _, r := range list {
		if r.Active() || len(names) > 0 {
			active = append(active, r)
		}
	}
	if len(active) == 0 {
		return nil, errNoRepository()
	}
	return active, nil
}

// checkTables makes sure that every --resource is exchanged with at least one of
// the repositories: a misspelt one would silently do nothing.
func checkTables(ctx context.Context, s Store, repos []core.Repository, tables []string) ([]core.Resource, error) {
	known := make(map[core.Resource]bool)
	for _, r := range repos {
		tasks, err := s.Tasks(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			known[t.Resource] = true
		}
	}
	var out []core.Resource
	for _, table := range tables {
		if !known[core.Resource(table)] {
			return nil, core.Invalid("resource", fmt.Sprintf("%s is not exchanged with any of these servers. Add it: fieldsync resource add REPOSITORY %s", table, table))
		}
		out = append(out, core.Resource(table))
	}
	if len(known) == 0 && slices.ContainsFunc(repos, core.Repository.Active) {
		return nil, core.Invalid("resource", "Nothing is chosen to be exchanged yet. Add a table: fieldsync resource add REPOSITORY org_organisation")
	}
	return out, nil
}

// A runReport is one run as --json prints it.
type runReport struct {
	Repository string `json:"repository"`
	core.Run
	Problem string `json:"problem,omitempty"`
}

// A total is what --json prints: the sum of the runs' counts, and the runs.
type total struct {
	core.Counts
	Seconds float64     `json:"seconds"`
	DryRun  bool        `json:"dry_run,omitempty"`
	Result  core.Result `json:"result"`
	Runs    []runReport `json:"runs"`
}

func (t *total) add(name string, run core.Run, err error) {
	report := runReport{Repository: name, Run: run}
	if err != nil {
		report.Problem = core.AtTerminal(core.AsProblem(err).Sentence(), name)
	}
	t.Counts.Add(run.Counts)
	t.Runs = append(t.Runs, report)
	if gravity(run.Result) > gravity(t.Result) {
		t.Result = run.Result
	}
}

func gravity(r core.Result) int {
	for i, known := range []core.Result{core.ResultSuccess, core.ResultWarning, core.ResultError, core.ResultFatal} {
		if r == known {
			return i
		}
	}
	return 0
}

// syncing is one sync command under way.
type syncing struct {
	c        *commands
	n        *Node
	opts     replicate.Options
	total    total
	problems []*core.Problem
	repos    []core.Repository
}

// all runs one repository after the other; trouble with one does not stop the
// others.
func (s *syncing) all(ctx context.Context, repos []core.Repository) error {
	started := time.Now()
	s.total = total{DryRun: s.opts.DryRun, Result: core.ResultSuccess, Runs: []runReport{}}
	for _, r := range repos {
		run, err := s.one(ctx, r)
		s.total.add(r.Name, run, err)
		s.repos = append(s.repos, r)
		if err != nil {
			s.problems = append(s.problems, core.AsProblem(err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	s.total.Seconds = time.Since(started).Seconds()
	if s.c.json {
		return s.c.printJSON(s.total)
	}
	return nil
}

func (s *syncing) one(ctx context.Context, r core.Repository) (core.Run, error) {
	if r.Username != "" && r.Password == "" {
		var err error
		if r.Password, err = s.c.password("Password of "+r.Username+" at "+r.Name, false); err != nil {
			return core.Run{}, err
		}
		if r.Password == "" {
			return core.Run{Result: core.ResultFatal}, &core.Problem{Kind: core.NoPassword, Subject: r.Name}
		}
	}
	done := s.c.progress(s.n.Events)
	started := time.Now()
	run, err := s.n.Engine.Sync(ctx, r, s.opts)
	run.Seconds = time.Since(started).Seconds()
	done()
	if !s.c.json {
		s.c.say("%s: %s", r.Name, runWords(run, err))
	}
	if (err == nil || core.AsProblem(err).OfTables()) && !s.opts.DryRun {
		asking, enough := context.WithTimeout(ctx, schemaPatience)
		Learn(asking, s.n, r)
		enough()
	}
	return run, err
}

// runWords says how a run went. What a run that broke off has not counted is not
// known, and never "nothing to do".
func runWords(run core.Run, err error) string {
	words := "done"
	switch {
	case err != nil && run.DryRun:
		words = "nothing was changed; what would happen is not known"
	case err != nil:
		words = "not finished"
	case run.DryRun:
		words = "nothing was changed; this would happen"
	}
	words = fmt.Sprintf("%s (%.1f s)", words, run.Seconds)
	if err != nil && run.Counts == (core.Counts{}) {
		return words + "."
	}
	words += ": " + run.Counts.String() + "."
	if run.Held > 0 {
		words += " " + count(run.Held, "deletion") + " would wait for your word, because they are unusually many."
	}
	return words
}

// finish says what is left for a person and chooses how the command ends.
func (s *syncing) finish(ctx context.Context) error {
	var waiting []string
	if !s.opts.DryRun {
		var err error
		if waiting, err = needs(ctx, s.n.Store, s.repos); err != nil {
			return err
		}
	}
	if worst := gravest(s.problems); worst != nil {
		for _, p := range s.problems {
			if p != worst {
				s.c.tell(s.c.io.Err, p)
			}
		}
		if len(waiting) > 0 && worst.Retryable() && !errors.Is(ctx.Err(), context.Canceled) {
			s.c.tell(s.c.io.Err, worst)
			return &personNeeded{strings.Join(waiting, "\n")}
		}
		return worst
	}
	switch {
	case len(waiting) > 0:
		return &personNeeded{strings.Join(waiting, "\n")}
	case s.total.Quarantined > 0:
		return &later{isAre(s.total.Quarantined, "received record") + " set aside and tried again with a later sync. See: fieldsync quarantine list"}
	case s.total.Result == core.ResultError:
		return &later{"The sync was not complete. See: fieldsync log --details"}
	}
	return nil
}

// gravest prefers a problem that trying again does not cure.
func gravest(problems []*core.Problem) *core.Problem {
	var worst *core.Problem
	for _, p := range problems {
		if worst == nil || worst.Retryable() && !p.Retryable() {
			worst = p
		}
	}
	return worst
}

// needs lists, in sentences, what only a person can settle in the repositories.
func needs(ctx context.Context, s Store, repos []core.Repository) ([]string, error) {
	conflicts, refused := 0, 0
	for _, r := range repos {
		open, sentBack, err := s.Waiting(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		conflicts += open
		refused += sentBack
	}
	var out []string
	if conflicts > 0 {
		out = append(out, changedBoth(conflicts)+" See: fieldsync conflicts list")
	}
	if refused > 0 {
		out = append(out, fmt.Sprintf("%s refused by the server, which says why: fieldsync quarantine list. What you correct is sent again.", isAre(refused, "record")))
	}
	return out, nil
}

func changedBoth(n int) string {
	if n == 1 {
		return "1 record was changed on both sides and needs your decision."
	}
	return fmt.Sprintf("%d records were changed on both sides and need your decision.", n)
}
