package synclog

import (
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A line is one labelled field of an entry.
type line struct{ Name, Value string }

// details are all fields of an entry: what it says, which has no room in the list, then
// the others in Eden's order.
func details(e core.LogEntry, now time.Time) []line {
	table := e.Resource
	if table != "" && table != "none" {
		table = words.Many(core.Resource(e.Resource), nil) + " (" + e.Resource + ")"
	}
	remote := tr.L("No")
	if e.Remote {
		remote = tr.L("Yes")
	}
	return []line{
		{tr.L("Message"), message(e)},
		{tr.L("Date and time"), words.Exact(e.Time, now)},
		{tr.L("Repository"), e.Repository},
		{tr.L("Resource"), table},
		{tr.L("Record"), e.Title},
		{tr.L("Mode"), e.Mode},
		{tr.L("Direction"), e.Direction},
		{tr.L("Action"), e.Action},
		{tr.L("Result"), words.Result(e.Result) + " (" + string(e.Result) + ")"},
		{tr.L("Remote error"), remote},
		{tr.L("Technical cause"), e.Details},
		{tr.L("Run"), e.Run},
		{tr.L("Record's UUID"), e.UUID},
	}
}

// message is what an entry says, in the person's language: the numbers, where it
// counted something.
func message(e core.LogEntry) string {
	if e.Counts != nil {
		if tally := words.Tally(*e.Counts); tally != "" {
			return words.Sentence(words.Capital(tally))
		}
	}
	return words.Told(e.Message)
}

// text is an entry as it is copied.
func text(e core.LogEntry, now time.Time) string {
	var b strings.Builder
	for _, l := range details(e, now) {
		if l.Value != "" {
			b.WriteString(l.Name + ": " + l.Value + "\n")
		}
	}
	return b.String()
}

// headline is an entry in one line: what it was about, in plain words. That it was with
// the repository obvious goes without saying.
func headline(e core.LogEntry, now time.Time, obvious string) (first, below string) {
	first = message(e)
	if e.Title != "" {
		first = e.Title + ": " + first
	}
	below = words.When(e.Time, now)
	if e.Repository != "" && e.Repository != obvious {
		below += "  ·  " + tr.Datum(e.Repository)
	}
	if e.Resource != "" && e.Resource != "none" {
		kind := words.Many(core.Resource(e.Resource), nil)
		if e.UUID != "" {
			kind = words.One(core.Resource(e.Resource), nil)
		}
		below += "  ·  " + kind
	}
	if doing := during(e); doing != "" {
		below += "  ·  " + doing
	}
	return first, below
}

// during says what was going on when something went wrong. What went well says itself what it
// was: 3 received, 2 sent, nothing to send.
func during(e core.LogEntry) string {
	pull := e.Mode == "pull"
	switch {
	case e.Result == core.ResultSuccess, !pull && e.Mode != "push":
		return ""
	case pull != (e.Direction == "incoming"): // who pulls from this laptop receives, and it sends
		return tr.L("while receiving")
	}
	return tr.L("while sending")
}
