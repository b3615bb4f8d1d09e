package repositories

import (
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Forecast is what a sync would do with a resource, tried without writing.
type Forecast struct {
	Counts core.Counts
	Held   int // deletions that would wait for a person's word
	// Ours, Theirs and Open count the records that both sides changed, by who
	// would win; of the open ones a person would decide.
	Ours, Theirs, Open int
}

// Add notes how a conflict would end.
func (f *Forecast) Add(winner string) {
	switch winner {
	case "":
		f.Open++
	case "theirs":
		f.Theirs++
	default: // ours, or both joined
		f.Ours++
	}
}

// words says the forecast for a person.
func (f Forecast) words() string {
	var parts []string
	add := func(n int, text string) {
		if n > 0 {
			parts = append(parts, tr.N(text, n))
		}
	}
	add(f.Counts.Kept+f.Ours, "You would keep {{.N}} of yours.")
	add(f.Counts.Updated+f.Theirs, "{{.N}} would be replaced by the server's version.")
	add(f.Counts.Deleted, "{{.N}} would be deleted here.")
	add(f.Held, "{{.N}} deletions would wait for your word, because they are unusually many.")
	add(f.Counts.Merged, "{{.N}} would be joined from both versions.")
	add(f.Open, "{{.N}} would wait for a person's decision.")
	add(f.Counts.Created, "{{.N}} new ones would arrive.")
	add(f.Counts.Quarantined-f.Held, "{{.N}} could not be read and would be set aside.")
	if len(parts) == 0 {
		parts = append(parts, tr.L("Nothing waits to be exchanged at the moment, so this would change nothing."))
	}
	return strings.Join(parts, " ")
}

// forecast tries a task as it is typed, without changing anything.
func (p *presenter) forecast(r core.Repository, t core.Task, tell func(words string)) {
	if err := t.Validate(); err != nil {
		tell(words.Message(err))
		return
	}
	p.lanes.RunOr(func() func() {
		f, err := p.engine.Forecast(p.ctx, r, t)
		return func() {
			if err != nil {
				tell(words.Message(err))
				return
			}
			tell(f.words())
		}
	}, func() { tell("") })
}
