package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/fieldsync/fieldsync/core/event"
)

// redraw bounds how often the progress line changes.
const redraw = 100 * time.Millisecond

var stepWords = map[event.Step]string{
	event.StepConnect: "connecting", event.StepFetch: "receiving", event.StepApply: "storing", event.StepSend: "sending",
	event.StepVerify: "checking the delivery", event.StepCompare: "comparing", event.StepFiles: "fetching files",
}

// progress shows where a run is in one line that is written over; on anything
// but a terminal it shows nothing. The returned function ends it.
func (c *commands) progress(bus *event.Bus) (done func()) {
	f, ok := c.io.Err.(*os.File)
	if bus == nil || !ok || !term.IsTerminal(int(f.Fd())) || c.json {
		return func() {}
	}
	line := &progressLine{w: f}
	cancel := bus.Subscribe(line.show)
	return func() {
		cancel()
		line.clear()
	}
}

type progressLine struct {
	w    io.Writer
	mu   sync.Mutex // guards the rest
	last time.Time
	step event.Step
}

func (l *progressLine) show(e event.Event) {
	p, ok := e.(event.Progress)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if p.Step == l.step && now.Sub(l.last) < redraw {
		return
	}
	l.last, l.step = now, p.Step
	fmt.Fprintf(l.w, "\r\x1b[K%s", progressText(p))
}

func (l *progressLine) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprint(l.w, "\r\x1b[K")
}

// progressText is "Headquarters: receiving org_office, 120 of 300".
func progressText(p event.Progress) string {
	text := oneLine(p.Repository) + ": " + stepWords[p.Step]
	if p.Resource != "" {
		text += " " + string(p.Resource)
	}
	switch {
	case p.Total > 0:
		text += fmt.Sprintf(", %d of %d", p.Done, p.Total)
	case p.Done > 0:
		text += fmt.Sprintf(", %d", p.Done)
	}
	return text
}
