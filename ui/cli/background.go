package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// A Background is what the commands about syncing by itself need of the replica.
type Background interface {
	schedule.Store
	ScheduleSettings(ctx context.Context) (schedule.Settings, error)
}

func (c *commands) backgroundCommand() *cobra.Command {
	var metered, saver, notify string
	var sendAfter time.Duration
	var days int
	cmd := &cobra.Command{
		Use:   "background",
		Short: "Show or change how it syncs by itself: cost, battery, notifications",
		Example: `  fieldsync background
  fieldsync background --on-metered yes
  fieldsync background --notify attention,conflicts,overdue --overdue-days 3
  fieldsync background --notify none`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&metered, "on-metered", "", "yes or no: sync by itself on networks that cost by volume")
	flags.StringVar(&saver, "on-battery-saver", "", "yes or no: sync by itself while the battery saver is on")
	flags.DurationVar(&sendAfter, "send-after", 0, "how long after the last edit changes are sent, such as 3m")
	flags.StringVar(&notify, "notify", "", "which notifications: none, all, or some of "+joined(core.NoticeClasses(), ","))
	flags.IntVar(&days, "overdue-days", 0, "tell once a day after so many days without a sync; 0 is never")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error {
		s, err := n.Store.ScheduleSettings(ctx)
		if err != nil {
			return err
		}
		changed := false
		for flag, set := range map[string]func() error{
			"on-metered":       func() error { return parseYesNo("on-metered", metered, &s.OnMetered) },
			"on-battery-saver": func() error { return parseYesNo("on-battery-saver", saver, &s.OnSaver) },
			"send-after":       func() error { s.SendAfter = sendAfter; return checkSendAfter(sendAfter) },
			"notify":           func() (err error) { s.Notify, err = parseClasses(notify); return err },
			"overdue-days":     func() error { s.OverdueDays = days; return checkDays(days) },
		} {
			if flags.Changed(flag) {
				changed = true
				if err := set(); err != nil {
					return err
				}
			}
		}
		if changed {
			if err := n.Store.SaveScheduleSettings(ctx, s); err != nil {
				return err
			}
		}
		return c.showBackground(s)
	})
	return c.withJSON(cmd)
}

func (c *commands) showBackground(s schedule.Settings) error {
	var classes []core.NoticeClass
	for _, class := range core.NoticeClasses() {
		if s.Notify[class] {
			classes = append(classes, class)
		}
	}
	if c.json {
		return c.printJSON(map[string]any{"on_metered": s.OnMetered, "on_battery_saver": s.OnSaver, "send_after_seconds": int(s.SendAfter / time.Second),
			"notify": append([]core.NoticeClass{}, classes...), "overdue_days": s.OverdueDays, "paused": s.Pause.On(time.Now()), "paused_until": s.Pause.Until})
	}
	overdue := "never"
	if s.OverdueDays > 0 {
		overdue = "after " + count(s.OverdueDays, "day")
	}
	return c.table([][]string{
		{"Syncing by itself", pauseWords(s.Pause)}, {"On networks that cost by volume", yesNo(s.OnMetered)}, {"While the battery saver is on", yesNo(s.OnSaver)},
		{"Changes are sent", span(s.SendAfter) + " after the last edit"}, {"Notifications", orDash(joined(classes, ","))}, {"Told of days without a sync", overdue},
	})
}

func joined[T ~string](list []T, between string) string {
	words := make([]string, len(list))
	for i, one := range list {
		words[i] = string(one)
	}
	return strings.Join(words, between)
}

func parseYesNo(field, text string, to *bool) error {
	switch strings.ToLower(text) {
	case "yes", "on", "true":
		*to = true
	case "no", "off", "false":
		*to = false
	default:
		return core.Invalid(field, strconv.Quote(text)+" is neither yes nor no.")
	}
	return nil
}

// maxSendAfter bounds how long changes may wait for the last edit.
const maxSendAfter = 24 * time.Hour

func checkSendAfter(d time.Duration) error {
	if d < time.Second || d > maxSendAfter {
		return core.Invalid("send-after", "Write it as 3m; from one second to 24 hours.")
	}
	return nil
}

func checkDays(n int) error {
	if n < 0 {
		return core.Invalid("overdue-days", "The number of days cannot be negative; 0 is never.")
	}
	return nil
}

func parseClasses(text string) (map[core.NoticeClass]bool, error) {
	wanted := make(map[core.NoticeClass]bool)
	all := core.NoticeClasses()
	switch text {
	case "none", "off":
		return wanted, nil
	case "all":
		for _, class := range all {
			wanted[class] = true
		}
		return wanted, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		class := core.NoticeClass(strings.TrimSpace(word))
		if !slices.Contains(all, class) {
			return nil, core.Invalid("notify", strconv.Quote(word)+" is no kind of notification. There are: "+joined(all, ",")+".")
		}
		wanted[class] = true
	}
	return wanted, nil
}
