package records

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

func TestADayIsChosenFromTheCalendar(t *testing.T) {
	for _, tt := range []struct {
		language, locale string
		first, month     string // the first column, and what stands above
		day              string
	}{
		{"en", "en-GB", "Mon", "Jan 2026", "31"},
		{"en", "en-US", "Sun", "Jan 2026", "31"},
		{"ar", "ar-SD", "س", "يناير ٢٠٢٦", "٣١"},
		{"ne", "ne-NP", "आ", "जनवरी २०२६", "३१"},
	} {
		t.Run(tt.locale, func(t *testing.T) {
			tr.Use(tt.language, tt.locale)
			t.Cleanup(func() { tr.Use("en", "en") })
			test.NewTempApp(t)
			var got time.Time
			c := newCalendar(time.Date(2026, 1, 31, 13, 0, 0, 0, time.Local), func(t time.Time) { got = t })
			w := test.NewTempWindow(t, c.whole)
			texts := uitest.Texts(w.Canvas())
			if !slices.Contains(texts, tt.month) {
				t.Errorf("no %q in %q", tt.month, texts)
			}
			if i := slices.Index(texts, tt.first); i < 0 || slices.Index(texts, tr.ShortWeekday(time.Wednesday)) < i {
				t.Errorf("the week does not begin with %q: %q", tt.first, texts)
			}
			if c.current == nil || c.current.Text != tt.day {
				t.Errorf("the day it opened at is not marked")
			}
			test.Tap(uitest.Button(w.Canvas(), tt.day))
			if got.Format(time.DateOnly) != "2026-01-31" {
				t.Errorf("chosen: %s", got)
			}
		})
	}
}

// From the last day of a long month the next one is February, not March.
func TestTheNextMonthIsTheNext(t *testing.T) {
	test.NewTempApp(t)
	c := newCalendar(time.Date(2026, 1, 31, 0, 0, 0, 0, time.Local), func(time.Time) {})
	height := c.whole.MinSize().Height
	for i, want := range []string{"Feb 2026", "Mar 2026"} {
		if c.show(firstOfMonth(c.first, 1)); c.name.Text != want || c.whole.MinSize().Height != height {
			t.Errorf("%d: %s, %v high", i, c.name.Text, c.whole.MinSize().Height)
		}
	}
	if c.show(firstOfMonth(c.first, -3)); c.name.Text != "Dec 2025" || c.current != nil {
		t.Errorf("back: %s, a day is marked: %v", c.name.Text, c.current != nil)
	}
}
