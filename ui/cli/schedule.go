package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func (c *commands) scheduleCommand() *cobra.Command {
	return group("schedule", "When to synchronise by itself (carried out by the window, or by: fieldsync worker)",
		c.scheduleAdd(), c.scheduleList(), c.scheduleSwitch(), c.scheduleRemove())
}

func (c *commands) scheduleAdd() *cobra.Command {
	var every, cron, start, end string
	var repeats int
	var timeout time.Duration
	var off bool
	cmd := &cobra.Command{
		Use:   "add REPOSITORY",
		Short: "Add a time",
		Example: `  fieldsync schedule add "Headquarters" --every 30m
  fieldsync schedule add "Headquarters" --every 1d --start "2026-06-01 06:00"
  fieldsync schedule add "Headquarters" --cron "30 6 * * 1-5"`,
		Args: cobra.ExactArgs(1),
	}
	flags := cmd.Flags()
	flags.StringVar(&every, "every", "", "an interval: 30m, 2h, 1d")
	flags.StringVar(&cron, "cron", "", "a cron expression of five fields, in this laptop's time zone")
	flags.StringVar(&start, "start", "", "not before, as 2026-06-01 06:00 in this laptop's time zone")
	flags.StringVar(&end, "end", "", "not after")
	flags.IntVar(&repeats, "repeats", 0, "how often; 0 is for ever")
	flags.DurationVar(&timeout, "timeout", 0, "give up a run after this time; 0 is ten minutes")
	flags.BoolVar(&off, "off", false, "store it switched off")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		r, err := repository(ctx, n.Store, args[0])
		if err != nil {
			return err
		}
		job := core.Job{RepositoryID: r.ID, Enabled: !off, Cron: cron, Repeats: repeats, Timeout: timeout}
		if job.Every, err = parseInterval(every); err != nil {
			return err
		}
		if job.Start, err = parseLocal("start", start); err != nil {
			return err
		}
		if job.End, err = parseLocal("end", end); err != nil {
			return err
		}
		if err := schedule.ValidateJob(job); err != nil {
			return err
		}
		if _, err = n.Store.SaveJob(ctx, job); err != nil {
			return err
		}
		c.say("%s: %s.", r.Name, schedule.Describe(job))
		return nil
	})
	return cmd
}

// parseInterval reads "30m", "2h" or "1d"; "" is none.
func parseInterval(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n > 0 && n <= 3650 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, core.Invalid("every", fmt.Sprintf("%q is not an interval. Write it as 30m, 2h or 1d.", text))
	}
	return d, nil
}

func parseLocal(field, text string) (core.MTime, error) {
	if text == "" {
		return 0, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return core.MTimeOf(t), nil
		}
	}
	return 0, core.Invalid(field, fmt.Sprintf("%q is not a date with time. Write it as 2026-06-01 06:00.", text))
}

func (c *commands) scheduleList() *cobra.Command {
	cmd := &cobra.Command{Use: "list [REPOSITORY]", Short: "List the times", Args: cobra.MaximumNArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		repos, err := chosen(ctx, n.Store, args)
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "REPOSITORY", "WHEN", "LAST RUN", "STATE", "NEXT"}}
		out := make([]any, 0)
		agenda, err := n.Store.Agenda(ctx)
		if err != nil {
			return err
		}
		for _, r := range repos {
			jobs, err := n.Store.Jobs(ctx, r.ID)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				next := "-"
				if t, ok := schedule.Next(j, time.Now(), time.Local); ok {
					next = t.Format("2006-01-02 15:04")
				}
				status := schedule.StatusOf(j, agenda.JobMemories[j.ID], time.Now(), time.Local)
				rows = append(rows, []string{strconv.FormatInt(j.ID, 10), r.Name, schedule.Describe(j), when(j.LastRun), string(status), next})
				out = append(out, map[string]any{"id": j.ID, "repository": r.Name, "enabled": j.Enabled, "words": schedule.Describe(j), "cron": j.Cron,
					"every_minutes": int(j.Every / time.Minute), "next": next,
					"last_run": j.LastRun, "runs": j.Runs, "repeats": j.Repeats, "status": status, "message": agenda.JobMemories[j.ID].Message})
			}
		}
		if c.json {
			return c.printJSON(out)
		}
		if len(out) == 0 {
			c.say("No time is planned: servers are synchronised every hour. Plan when: fieldsync schedule add")
			return nil
		}
		return c.table(rows)
	})
	return c.withJSON(cmd)
}

func (c *commands) scheduleRemove() *cobra.Command {
	cmd := &cobra.Command{Use: "remove ID", Short: "Remove a time; the list shows the numbers", Args: cobra.ExactArgs(1)}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		id, err := number(args[0])
		if err != nil {
			return err
		}
		if err := n.Store.DeleteJob(ctx, id); errors.Is(err, core.ErrNotFound) {
			return noTime(id)
		} else if err != nil {
			return err
		}
		c.say("Removed.")
		return nil
	})
	return cmd
}

// noTime says that no planned time has that number.
func noTime(id int64) error {
	return core.Invalid("id", fmt.Sprintf("There is no time with the number %d. See the numbers: fieldsync schedule list", id))
}

// number reads an ID from the command line.
func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, core.Invalid("id", fmt.Sprintf("%q is not a number from the list.", text))
	}
	return n, nil
}
