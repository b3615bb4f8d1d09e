package synclog

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// The values of the periods to choose from that are no number of days.
const (
	anyTime   = ""
	ownPeriod = "own"
)

// A period is the filter by date: a usual one, or two days that a person types.
type period struct {
	host   *frame.Host
	choice *widgets.Choice
	chosen string // what the list goes back to if no days are given
	from   string
	to     string
	set    func(since, until core.MTime)
}

func newPeriod(host *frame.Host, set func(since, until core.MTime)) *period {
	p := &period{host: host, set: set}
	p.choice = widgets.NewChoice(p.labels(tr.L("From a day to a day…")), []string{anyTime, "today", "yesterday", "week", "month", ownPeriod}, p.pick)
	p.choice.SetValue(anyTime)
	return p
}

func (p *period) labels(own string) []string {
	return []string{tr.L("At any time"), tr.L("Today"), tr.L("Since yesterday"), tr.L("In the last 7 days"), tr.L("In the last 30 days"), own}
}

func (p *period) pick(value string) {
	if value == ownPeriod {
		p.ask()
		return
	}
	p.chosen = value
	p.choice.SetChoices(p.labels(tr.L("From a day to a day…")), p.choice.Values)
	p.choice.SetValue(value)
	days := map[string]int{"today": 0, "yesterday": 1, "week": 7, "month": 30}
	since := core.MTime(0)
	if n, ok := days[value]; ok {
		y, m, d := p.host.Now().Date()
		since = core.MTimeOf(time.Date(y, m, d-n, 0, 0, 0, 0, p.host.Now().Location()))
	}
	p.set(since, 0)
}

// ask lets a person type the first and the last day.
func (p *period) ask() {
	first, last := widgets.NewEntry(), widgets.NewEntry()
	first.SetPlaceHolder("2026-03-01")
	last.SetPlaceHolder("2026-03-31")
	first.SetText(p.from)
	last.SetText(p.to)
	from := widgets.NewField(tr.L("First day"), false, first, tr.L("Empty: from the beginning."))
	to := widgets.NewField(tr.L("Last day"), false, last, tr.L("Empty: until now."))
	d := widgets.NewDialog(p.host.Window, tr.L("Period"), 440, widgets.Columns(12, from, to))
	show := func() {
		since, okFrom := p.day(first.Text, 0)
		until, okTo := p.day(last.Text, 1)
		tell(from, okFrom)
		tell(to, okTo)
		if okFrom && okTo {
			p.from, p.to = strings.TrimSpace(first.Text), strings.TrimSpace(last.Text)
			d.Hide()
			p.show(since, until)
		}
	}
	first.OnSubmitted, last.OnSubmitted = func(string) { show() }, func(string) { show() }
	back := widgets.NewButton(tr.L("Cancel"), d.Hide)
	d.SetOnClosed(func() { p.choice.SetValue(p.chosen) })
	d.SetButtons([]fyne.CanvasObject{back, widgets.Primary(widgets.NewButton(tr.L("Show"), show))})
	d.Show()
	p.host.Window.Canvas().Focus(first)
}

func tell(field *widgets.Field, ok bool) {
	field.SetTrouble("")
	if !ok {
		field.SetTrouble(tr.L("Enter a date as year-month-day, for example 2026-03-31."))
	}
}

// day reads a day and returns its beginning, or that of so many days later; zero
// for "".
func (p *period) day(text string, later int) (core.MTime, bool) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, true
	}
	t, err := time.ParseInLocation(time.DateOnly, text, p.host.Now().Location())
	if err != nil {
		return 0, false
	}
	return core.MTimeOf(t.AddDate(0, 0, later)), true
}

// show filters by the days typed, and says which they are.
func (p *period) show(since, until core.MTime) {
	p.chosen = ownPeriod
	if since == 0 && until == 0 {
		p.choice.SetValue(anyTime)
		p.pick(anyTime)
		return
	}
	p.choice.SetChoices(p.labels(p.from+" – "+p.to), p.choice.Values)
	p.choice.SetValue(ownPeriod)
	p.set(since, until)
}
