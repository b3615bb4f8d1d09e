package words

import (
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Result is how a step went, for a person.
func Result(r core.Result) string {
	switch r {
	case core.ResultSuccess:
		return tr.L("Done")
	case core.ResultWarning:
		return tr.L("Done, with remarks")
	case core.ResultError:
		return tr.L("Will be tried again")
	}
	return tr.L("Needs a change")
}

// Outcome sums up a run: "12 new, 3 changed here; 5 of yours delivered; 1 needs
// you".
func Outcome(c core.Counts) string {
	return outcome(c, func(n int) string { return tr.N("{{.N}} sent, not yet confirmed", n) })
}

// Forecast is Outcome of a run that only tried: nothing was sent yet.
func Forecast(c core.Counts) string {
	return outcome(c, func(n int) string { return tr.N("{{.N}} of yours sent", n) })
}

// outcome sums up a run. unproved words what was sent, or would be, and is neither known
// to be there nor refused.
func outcome(c core.Counts, unproved func(n int) string) string {
	var here, parts []string
	add := func(list *[]string, n int, text string) {
		if n > 0 {
			*list = append(*list, tr.N(text, n))
		}
	}
	add(&here, c.Created, "{{.N}} new")
	add(&here, c.Updated+c.Merged, "{{.N}} changed")
	add(&here, c.Deleted, "{{.N}} deleted")
	if len(here) > 0 {
		parts = append(parts, tr.L("{{.Changes}} here", tr.D{"Changes": strings.Join(here, tr.L(", "))}))
	}
	add(&parts, c.Delivered, "{{.N}} of yours delivered")
	if waiting := c.Sent - c.Delivered - c.Refused; waiting > 0 {
		parts = append(parts, unproved(waiting))
	}
	add(&parts, c.Refused, "{{.N}} refused by the server")
	add(&parts, c.Conflicts, "{{.N}} changed on both sides")
	add(&parts, c.Quarantined, "{{.N}} set aside")
	if len(parts) == 0 {
		return tr.L("Nothing was new on either side")
	}
	return strings.Join(parts, tr.L("; "))
}

// Tally says every number of a run or a task: "15 received, 12 new, 3 unchanged";
// "" if nothing was counted.
func Tally(c core.Counts) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text func(int) string
	}{
		{c.Received, func(n int) string { return tr.N("{{.N}} received", n) }},
		{c.Created, func(n int) string { return tr.N("{{.N}} new", n) }},
		{c.Updated, func(n int) string { return tr.N("{{.N}} changed", n) }},
		{c.Deleted, func(n int) string { return tr.N("{{.N}} deleted", n) }},
		{c.Merged, func(n int) string { return tr.N("{{.N}} merged", n) }},
		{c.Unchanged, func(n int) string { return tr.N("{{.N}} unchanged", n) }},
		{c.Kept, func(n int) string { return tr.N("{{.N}} kept as they are here", n) }},
		{c.Conflicts, func(n int) string { return tr.N("{{.N}} changed on both sides", n) }},
		{c.Filtered, func(n int) string { return tr.N("{{.N}} left out", n) }},
		{c.Quarantined, func(n int) string { return tr.N("{{.N}} set aside", n) }},
		{c.Sent, func(n int) string { return tr.N("{{.N}} sent", n) }},
		{c.Delivered, func(n int) string { return tr.N("{{.N}} delivered", n) }},
		{c.Refused, func(n int) string { return tr.N("{{.N}} refused", n) }},
	} {
		if p.n > 0 {
			parts = append(parts, p.text(p.n))
		}
	}
	return strings.Join(parts, tr.L(", "))
}
