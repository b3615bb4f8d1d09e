package cli

import (
	"context"
	"encoding/json"
	"log/slog"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

func (c *commands) workerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Sync by itself until interrupted, without a window",
		Long: `Syncs at the planned times, when the network returns, when the laptop wakes, and a few minutes after an edit, until it is interrupted (Ctrl+C, or
SIGTERM). It prints when each server is tried next, and why. With --json every line is a JSON object, for a log collector.

If another Fieldsync already does this on the same data folder, it waits and takes over when that one ends.`,
		Args: cobra.NoArgs,
	}
	health := cmd.Flags().Duration("health", 0, "log memory and goroutines this often; 0 is never")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		cancel := c.follow(n)
		defer cancel()
		release, free, err := n.Store.Lead(ctx)
		if err != nil {
			return err
		}
		if free {
			release()
		} else if !c.json {
			c.say("Another Fieldsync syncs on this data folder already; waiting to take over.")
		}
		services := []func(context.Context) error{n.Runner.Serve, func(ctx context.Context) error { return Upkeep(ctx, n) }}
		if *health > 0 {
			services = append(services, func(ctx context.Context) error { return c.logHealth(ctx, n, *health) })
		}
		return together(ctx, services...)
	})
	return c.withJSON(cmd)
}

// logHealth writes what the process uses, until ctx ends.
func (c *commands) logHealth(ctx context.Context, n *Node, every time.Duration) error {
	log := n.Log
	if c.json {
		log = slog.New(slog.NewJSONHandler(c.io.Out, nil))
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			log.Info("Health", "goroutines", runtime.NumGoroutine(), "heap", m.HeapAlloc, "system", m.Sys)
		}
	}
}

// follow prints what the scheduler does: in words, or as JSON lines.
func (c *commands) follow(n *Node) (cancel func()) {
	log := slog.New(slog.NewJSONHandler(c.io.Out, nil))
	return n.Events.Subscribe(func(e event.Event) {
		if c.json {
			logEvent(log, e)
			return
		}
		if words := eventWords(e); words != "" {
			c.say("%s  %s", time.Now().Format("2006-01-02 15:04:05"), oneLine(words))
		}
	})
}

func eventWords(e event.Event) string {
	switch e := e.(type) {
	case event.OutlookChanged:
		return e.Outlook.Repository + ": " + e.Outlook.Sentence(time.Now(), time.Local)
	case event.RunFinished:
		if e.Problem != nil {
			return "Not finished: " + e.Run.Message
		}
		return "Done: " + e.Run.Message
	case event.Noticed:
		return e.Notice.Title() + ". " + e.Notice.Body()
	}
	return ""
}

func logEvent(log *slog.Logger, e event.Event) {
	switch e := e.(type) {
	case event.OutlookChanged:
		o := e.Outlook
		log.Info("Next try", "repository", o.Repository, "why", o.Why, "cause", o.Cause, "next", o.Next, "since", o.Since, "failures", o.Failures,
			"words", o.Sentence(time.Now(), time.Local))
	case event.RunStarted:
		log.Info("Run started", "run", e.Run, "repository", e.Repository.Name)
	case event.RunFinished:
		counts, err := json.Marshal(e.Run.Counts)
		if err != nil {
			return // plain numbers: cannot happen
		}
		log.Info("Run finished", "run", e.Run.ID, "result", e.Run.Result, "message", e.Run.Message, "seconds", e.Run.Seconds, "counts", json.RawMessage(counts))
	case event.Noticed:
		log.Info("Notification", "class", e.Notice.Class, "count", e.Notice.Count, "words", e.Notice.Body())
	case event.Logged:
		log.Log(context.Background(), levelOf(e.Entry.Result), "Step", "run", e.Entry.Run, "repository", e.Entry.Repository, "resource", e.Entry.Resource,
			"action", e.Entry.Action, "result", e.Entry.Result, "message", e.Entry.Message)
	}
}

func levelOf(r core.Result) slog.Level {
	switch r {
	case core.ResultError, core.ResultFatal:
		return slog.LevelError
	case core.ResultWarning:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// together does both until ctx ends or one of them fails, and waits for both.
func together(ctx context.Context, services ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, serve := range services {
		group.Go(func() error { return serve(ctx) })
	}
	return group.Wait()
}
