package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

func (c *commands) pauseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pause [DURATION|tomorrow]",
		Short: "Do not sync by itself for a while",
		Long:  "Keeps runs from starting by themselves: for a while, until tomorrow morning, or until “fieldsync resume”. “fieldsync sync” works all the same. It survives a restart.",
		Example: `  fieldsync pause 1h
  fieldsync pause tomorrow
  fieldsync pause`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		p, err := parsePause(args, time.Now())
		if err != nil {
			return err
		}
		return c.setPause(ctx, n, p)
	})
	return cmd
}

func (c *commands) resumeCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "resume", Short: "Sync by itself again", Args: cobra.NoArgs}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error { return c.setPause(ctx, n, schedule.Pause{}) })
	return cmd
}

func parsePause(args []string, now time.Time) (schedule.Pause, error) {
	if len(args) == 0 {
		return schedule.PauseUntilResumed(now), nil
	}
	if args[0] == "tomorrow" {
		return schedule.PauseUntilTomorrow(now, time.Local), nil
	}
	d, err := time.ParseDuration(args[0])
	if err != nil || d < time.Minute {
		return schedule.Pause{}, core.Invalid("pause", "Write how long, such as 1h or 90m, or: tomorrow.")
	}
	return schedule.PauseFor(now, d), nil
}

func (c *commands) setPause(ctx context.Context, n *Node, p schedule.Pause) error {
	s, err := n.Store.ScheduleSettings(ctx)
	if err != nil {
		return err
	}
	s.Pause = p
	if err := n.Store.SaveScheduleSettings(ctx, s); err != nil {
		return err
	}
	c.say("Syncing by itself: %s.", pauseWords(p))
	return nil
}

// pauseWords is "on", "paused until 2026-06-01 06:00", "paused until resumed".
func pauseWords(p schedule.Pause) string {
	switch {
	case !p.On(time.Now()):
		return "on"
	case p.Until.IsZero():
		return "paused until resumed"
	}
	return "paused until " + p.Until.Time().Local().Format("2006-01-02 15:04")
}
