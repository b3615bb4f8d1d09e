package home

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Progress is where a run is, for a person.
type Progress struct {
	Step    int // index into StepNames
	Words   string
	Counts  string
	Portion float64 // of the step, 0 to 1; negative while it is not known
}

// StepNames are the steps as a person sees them.
func StepNames() []string {
	return []string{tr.L("Connect"), tr.L("Fetch"), tr.L("Apply"), tr.L("Send"), tr.L("Verify")}
}

// stepIndex maps the engine's steps onto those; uploads and the comparison are
// part of making sure.
var stepIndex = map[event.Step]int{event.StepConnect: 0, event.StepFetch: 1, event.StepApply: 2, event.StepSend: 3, event.StepVerify: 4, event.StepCompare: 4, event.StepFiles: 4}

// A meter turns the engine's progress into words, and knows how fast it goes.
type meter struct {
	resource core.Resource
	step     event.Step
	began    time.Time
	first    int // Done when the step began
}

func (m *meter) read(e event.Progress, now time.Time) Progress {
	if e.Resource != m.resource || e.Step != m.step {
		m.resource, m.step, m.began, m.first = e.Resource, e.Step, now, e.Done
	}
	p := Progress{Step: stepIndex[e.Step], Portion: -1, Counts: words.Outcome(e.Counts)}
	if e.Counts == (core.Counts{}) {
		p.Counts = ""
	}
	what := e.Repository
	if e.Resource != "" {
		what = words.Many(e.Resource, nil)
	}
	switch {
	case e.Total > 0:
		p.Portion = min(1, float64(e.Done)/float64(e.Total))
		p.Words = tr.L("{{.What}}: {{.Done}} of {{.Total}}", tr.D{"What": what, "Done": tr.Number(e.Done), "Total": tr.Number(e.Total)})
	case e.Done > 0:
		p.Words = tr.L("{{.What}}: {{.Done}} so far", tr.D{"What": what, "Done": tr.Number(e.Done)})
	default:
		p.Words = what
	}
	if left := m.left(e, now); left != "" {
		p.Words += " · " + left
	}
	return p
}

// left estimates the rest of the step once it has gone on for a while.
func (m *meter) left(e event.Progress, now time.Time) string {
	spent := now.Sub(m.began)
	done := e.Done - m.first
	if spent < 3*time.Second || done <= 0 || e.Total <= e.Done {
		return ""
	}
	rate := float64(done) / spent.Seconds()
	rest := time.Duration(float64(e.Total-e.Done) / rate * float64(time.Second))
	speed := tr.L("{{.Rate}} a second", tr.D{"Rate": tr.Number(int(max(1, rate) + 0.5))})
	if rest < time.Minute {
		return speed + " · " + tr.L("less than a minute left")
	}
	return speed + " · " + tr.N("about {{.N}} minutes left", int(rest.Minutes()+1))
}
