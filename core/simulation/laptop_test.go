package simulation

import (
	"fmt"
	"net/http"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A laptop is one replica with the person in front of it.
type laptop struct {
	s     *simulation
	name  string
	skew  time.Duration // its clock against the true one
	keys  secrets
	weak  weakness
	db    *storage.DB
	links []*link
	kept  map[string]bool    // values in its records and in its list of conflicts
	gone  map[core.Link]bool // what its person deleted since the last run began

	serves  *nodeHub // it is a Fieldsync with laptops of its own; nil: it is not
	outside string   // where a witness lies outside its data folder; "" for nowhere
	copied  string   // a former copy of its data folder; "" if there is none
	double  bool     // its data folder is used on another laptop, too
	putBack bool     // to that copy, and nobody has said so yet of all that can be read
	waits   bool     // then one of its tables does, until all else is here
}

// A link is one repository of a laptop.
type link struct {
	hub  hub
	wire *wire
	repo int64
	push bool // nothing is pulled

	older     bool // the server was restored from a backup, and nobody has said what is right
	tookOlder bool // somebody said that its older state is
	anew      bool // the server was removed and added again
}

func newLaptop(s *simulation, n int) *laptop {
	l := &laptop{s: s, name: fmt.Sprintf("laptop %d", n), keys: secrets{}, gone: map[core.Link]bool{}}
	l.weak = weakness{dir: s.storeDir(fmt.Sprintf("00000000-1111-4000-8000-%012d", n)), newDir: s.newDir}
	if s.restores() {
		l.outside = s.newDir()
	}
	l.openFolder()
	l.look()
	return l
}

// join makes the laptop know a server. Where it is only to push, nobody there tells it
// anything but in answer.
func (l *laptop) join(h hub, push bool) {
	s := l.s
	repo := h.repository()
	repo.ID = 0
	repo.Name = fmt.Sprintf("%s %d", h.name(), len(l.links)+1)
	repo, err := l.db.AddRepository(s.ctx, repo)
	s.must(err)
	k := &link{hub: h, repo: repo.ID, push: push}
	l.know(k)
	for _, r := range s.tasks {
		_, err := l.db.AddTask(s.ctx, s.usual(k, r))
		s.must(err)
	}
}

// know gives a link its wire.
func (l *laptop) know(k *link) {
	k.wire = &wire{s: l.s, hub: k.hub, agreed: func(c core.Link) bool { return l.agreed(k.repo, c) }}
	l.links = append(l.links, k)
}

// agreed reports whether the laptop knows that a server has a record, and not only
// its tombstone, which an Eden may have without the record.
func (l *laptop) agreed(repo int64, c core.Link) bool {
	base, err := l.db.Base(l.s.ctx, repo, c)
	return err == nil && !base.Deleted
}

func (l *laptop) now() time.Time { return l.s.now.Add(l.skew) }

// engine makes runs against one repository.
func (l *laptop) engine(k *link) *replicate.Engine {
	return &replicate.Engine{
		Store: weakStore{l.db, &l.weak}, Now: l.now,
		Connect: func(r core.Repository, n core.Node) (replicate.Peer, error) {
			return eden.New(r, n, eden.Options{Retries: -1, Now: l.now, Transport: func(http.RoundTripper) http.RoundTripper { return k.wire }})
		},
		Tuning: l.tuning(k),
	}
}

// tuning makes a run small. To a Fieldsync the second record often begins a long
// document already, and two to eight records are often too many to come again. Of some
// laptops each run asks an Eden for components that were changed alone.
func (l *laptop) tuning(k *link) replicate.Tuning {
	t := replicate.Tuning{Page: l.s.page, Batch: l.s.batch, Stream: 1 + int(l.s.seed%6), Brake: l.s.brake, Many: 2 + int(l.s.seed%7), InTurn: true} //nolint:gosec // small
	t.AskEvery = time.Duration(1+20*(l.s.seed%4)) * time.Minute                                                                                     //nolint:gosec // small
	if _, is := k.hub.(*nodeHub); is && t.Stream > 2 {
		t.Batch = 1
	}
	return t
}

// sync makes one run. Being killed is no error: the next process starts.
func (l *laptop) sync(k *link, opts replicate.Options) (run core.Run, err error, killed bool) {
	repo, err := l.db.Repository(l.s.ctx, k.repo)
	l.s.must(err)
	k.wire.n, killed = 0, true
	ended := make(chan struct{})
	go func() { // which is all that is killed
		defer close(ended)
		run, err = l.engine(k).Sync(l.s.ctx, repo, opts)
		killed = false
	}()
	<-ended
	if l.s.t.Failed() && killed {
		l.s.t.FailNow()
	}
	if killed {
		l.restart()
	}
	k.wire.plan, k.wire.from, k.wire.meanwhile, k.wire.atPush, k.wire.atLong, k.wire.whileLong = nil, 0, nil, nil, "", nil
	l.weak.killAt, l.weak.fullAt = 0, 0
	l.look()
	return run, err, killed
}

// restart is the next process after a kill: it finds what lay on the disk.
func (l *laptop) restart() {
	l.s.must(l.db.Close())
	l.weak.dir, l.weak.killAt = l.weak.image, 0
	l.openFolder()
}

// openFolder opens what lies in its data folder.
func (l *laptop) openFolder() {
	var err error
	l.db, err = storage.Open(l.s.ctx, storage.Options{Dir: l.weak.dir, Now: l.now, Secrets: l.keys, Outside: l.outside})
	l.s.must(err)
	if l.serves != nil {
		l.serves.db, l.serves.weak.dir = l.db, l.weak.dir
		l.serves.serve()
	}
}

// record returns our version; ok is false if there is none or it is deleted.
func (l *laptop) record(c core.Link) (core.Record, bool) {
	r, err := l.db.Record(l.s.ctx, c)
	return r, err == nil && !r.Deleted
}

// save stores a person's edit. The person saw the record as it stands.
func (l *laptop) save(r core.Record) {
	_, _, err := l.db.Edit(l.s.ctx, storage.EditRequest{Record: r, By: l.name})
	l.s.must(err)
	l.look()
}

func (l *laptop) act(action storage.EditAction, c core.Link) {
	_, _, err := l.db.Edit(l.s.ctx, storage.EditRequest{Action: action, Record: core.Record{Resource: c.Resource, UUID: c.UUID}, By: l.name})
	l.s.must(err)
	l.look()
}

func (l *laptop) open() []core.Conflict {
	list, err := l.db.Conflicts(l.s.ctx, storage.ConflictQuery{OpenOnly: true})
	l.s.must(err)
	return list
}

// look notes what a person can find on the laptop: in records and conflicts.
func (l *laptop) look() {
	list, err := l.db.Conflicts(l.s.ctx, storage.ConflictQuery{})
	l.s.must(err)
	l.kept = valuesOf(recordsOf(l.s, l.db), list)
	for i := range list {
		if c := &list[i]; c.Ours.Deleted && c.Theirs.Deleted {
			l.s.t.Errorf("%s: %s is in conflict, although it is deleted on both sides", l.name, short(c.Record))
		}
	}
}

// valuesOf collects all values of living records and of both sides of conflicts.
func valuesOf(records []core.Record, conflicts []core.Conflict) map[string]bool {
	kept := map[string]bool{}
	note := func(r *core.Record) {
		for i := range r.Fields {
			kept[r.Fields[i].Value.Str] = true
		}
	}
	for i := range records {
		if !records[i].Deleted {
			note(&records[i])
		}
	}
	for i := range conflicts {
		note(&conflicts[i].Ours)
		note(&conflicts[i].Theirs)
	}
	return kept
}
