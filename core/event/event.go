// Package event carries what happened, as typed values, to whoever subscribed:
// a progress line in a terminal, a window, a test. It decides nothing.
package event

import (
	"sync"

	"github.com/fieldsync/fieldsync/core"
)

// An Event is one of the types below.
type Event interface{ isEvent() }

// A Step is a stage of a run as a person sees it.
type Step string

// The steps of a run, in order.
const (
	StepConnect Step = "connect"
	StepFetch   Step = "fetch"
	StepApply   Step = "apply"
	StepSend    Step = "send"
	StepVerify  Step = "verify"
	StepCompare Step = "compare"
	StepFiles   Step = "files"
)

type (
	// RunStarted opens a run.
	RunStarted struct {
		Run        string
		Repository core.Repository
		DryRun     bool
	}
	// Progress is where a run is. Total is 0 while it is not known.
	Progress struct {
		Run        string
		Repository string
		Resource   core.Resource
		Step       Step
		Done       int
		Total      int
		Counts     core.Counts // of the run so far
	}
	// ConflictFound tells of a record that both sides changed.
	ConflictFound struct {
		Run      string
		Conflict core.Conflict
	}
	// Logged is a new row of the synchronisation log.
	Logged struct{ Entry core.LogEntry }
	// RunFinished closes a run; Problem is nil if all went well.
	RunFinished struct {
		Run     core.Run
		Problem *core.Problem
	}
	// Changed tells that records changed here, by hand or by a peer's push.
	Changed struct{ Resource core.Resource }
	// ListShown tells that a person looks at the list of a resource, and what its
	// columns are: fields, modified_on, and "" for what names a record.
	ListShown struct {
		Resource core.Resource
		Columns  []string
	}
)

func (RunStarted) isEvent()    {}
func (Progress) isEvent()      {}
func (ConflictFound) isEvent() {}
func (Logged) isEvent()        {}
func (RunFinished) isEvent()   {}
func (Changed) isEvent()       {}
func (ListShown) isEvent()     {}

// A Bus hands every event to every subscriber, in order, on the goroutine that
// emits it. The zero Bus is ready to use; a nil Bus swallows everything.
type Bus struct {
	mu   sync.Mutex // guards subs and next
	subs map[int]func(Event)
	next int
}

// Subscribe calls fn for every event from now on, until cancel is called. fn
// must be quick and must not call back into the Bus.
func (b *Bus) Subscribe(fn func(Event)) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subs == nil {
		b.subs = make(map[int]func(Event))
	}
	id := b.next
	b.next++
	b.subs[id] = fn
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subs, id)
	}
}

// Emit hands e to all subscribers.
func (b *Bus) Emit(e Event) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, fn := range b.subs {
		fn(e)
	}
}
