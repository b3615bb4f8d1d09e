package responder

import (
	"context"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// maxPulls bounds how many pulls by pages are watched at a time.
const maxPulls = 4096

// A journal keeps what the responder learns about its peers: the rows of the
// synchronisation log (spec eden-sync-protocol §13), when they last called, how
// far they have been given each resource, and which peer uses which account.
type journal struct {
	store  Store
	events *event.Bus

	mu     sync.Mutex // guards the rest
	pulls  map[pullKey]pull
	caller map[string]string // account -> uuid of the peer that last used it
}

type pullKey struct {
	repo     int64
	resource core.Resource
}

// A pull is a pull by pages that is under way.
type pull struct {
	next  int   // where the next page starts
	seq   int64 // of the store when the first page was asked for
	began core.MTime
	sent  int // masters, each counted once
	since core.MTime
	whole bool // neither filters nor components left out
}

func newJournal(store Store, opts Options) *journal {
	return &journal{store: store, events: opts.Events,
		pulls: make(map[pullKey]pull), caller: make(map[string]string)}
}

// note stores a log row of the exchange with the peer and when it was.
func (j *journal) note(ctx context.Context, peer core.Repository, e core.LogEntry) error {
	e.RepositoryID, e.Repository, e.Direction = peer.ID, peer.Name, "incoming"
	if e.Resource == "" {
		e.Resource = "none"
	}
	e, err := j.store.AddLog(ctx, e)
	if err != nil {
		return err
	}
	j.events.Emit(event.Logged{Entry: e})
	return nil
}

// connectedEvery is how exactly, in seconds, it is noted when a peer last called.
const connectedEvery = 10

// connected notes that the peer's call came through.
func (j *journal) connected(ctx context.Context, uuid string, now core.MTime) error {
	peer, err := j.store.PeerByUUID(ctx, uuid)
	if err != nil {
		return err
	}
	if since := now - peer.LastConnected; since >= 0 && since < connectedEvery {
		return nil
	}
	return j.store.Connected(ctx, peer.ID, now)
}

// called remembers which peer uses the account, for requests that do not say
// who they are.
func (j *journal) called(account, uuid string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.caller) >= maxPulls {
		clear(j.caller)
	}
	j.caller[account] = uuid
}

func (j *journal) callerOf(account string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.caller[account]
}

// page notes that a page of a pull was sent. done is true when it was the last
// one; the pull it returns then speaks for all of them.
func (j *journal) page(key pullKey, p pull, start, limit, masters int) (all pull, done bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p.sent = masters
	if start > 0 {
		// A page may begin within the one before: the peer looks whether
		// anything has moved meanwhile.
		earlier, ok := j.pulls[key]
		if ok && start <= earlier.next && earlier.since == p.since && earlier.whole == p.whole {
			p = earlier
			p.sent += start + masters - earlier.next
		} else {
			p.seq = -1 // the first pages were not seen: complete it is not
		}
	}
	p.next = start + masters
	if limit > 0 && masters >= limit {
		if len(j.pulls) >= maxPulls {
			clear(j.pulls)
		}
		j.pulls[key] = p
		return p, false
	}
	delete(j.pulls, key)
	return p, true
}

// served notes that a pull reached the peer, if it was complete. One with msince is
// complete only if nothing can have been missed since the last complete one.
func (j *journal) served(ctx context.Context, key pullKey, p pull) error {
	if !p.whole || p.seq < 0 {
		return nil
	}
	if p.since != 0 {
		last, err := j.store.LastServed(ctx, key.repo, key.resource)
		if err != nil || p.since > last.Began {
			return err
		}
	}
	return j.store.Served(ctx, key.repo, key.resource, Serving{Seq: p.seq, Began: p.began})
}

// goesOn reports whether a pull since then follows the Eden's last one. A server that was
// restored from a backup asks for what is older than it asked for before. One that got
// nothing yet has no marker (spec eden-sync-protocol §8): it asks from the beginning once more.
func (j *journal) goesOn(ctx context.Context, key pullKey, since core.MTime) (bool, error) {
	last, err := j.store.LastAsked(ctx, key.repo, key.resource)
	if err != nil || last == nil {
		return false, err
	}
	if since == 0 {
		return *last == Asking{}, nil
	}
	return since >= last.Since, nil
}

// unhurried is a context for notes that must be written though the peer has
// gone.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}
