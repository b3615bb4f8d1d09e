package simulation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
)

// A hub is a server, as its own people and the wire see it.
type hub interface {
	http.Handler
	name() string
	clock() time.Time
	repository() core.Repository
	// get returns the server's version without components.
	get(core.Link) (core.Record, bool)
	// save stores a version as the server's people would, without components.
	save(core.Record)
	// remove deletes a record with its components; replacedBy, if not "", is the
	// uuid of the one it was merged into.
	remove(l core.Link, replacedBy string)
	// all returns every record, tombstones too.
	all() []core.Record
	conflicts() []core.Conflict
	// pass lets time pass; mistime sets the clock that far off.
	pass(time.Duration)
	mistime(off time.Duration)
	// has reports whether the server's people see a table, and a column of it if
	// field is not ""; table lets one vanish or come back.
	has(r core.Resource, field string) bool
	table(r core.Resource, there bool)
	// weaken lets the server die at one of the next writes, or its disk be full.
	weaken(killAt, fullAt int)
	reopen()
	// backup keeps what is there now, and returns how to restore it; nil if it cannot.
	backup() (restore func())
	post(*letter)
	deliverLate()
}

// A mailbox holds requests that are still on their way.
type mailbox struct{ letters []*letter }

func (m *mailbox) post(l *letter) { m.letters = append(m.letters, l) }

// due takes out what has been overtaken often enough.
func (m *mailbox) due() (out []*letter) {
	m.letters = slices.DeleteFunc(m.letters, func(l *letter) bool {
		if l.left--; l.left > 0 {
			return false
		}
		out = append(out, l)
		return true
	})
	return out
}

func (m *mailbox) deliverTo(h hub, tell func(string, ...any)) {
	for _, l := range m.due() {
		tell("  a late request arrives: %s %s", l.req.Method, l.req.URL.Path)
		_, _ = answer(h, l.req.WithContext(context.WithoutCancel(l.req.Context())), l.body) // nobody hears the answer
	}
}

// An edenHub is a Sahana Eden with the bugs of real ones.
type edenHub struct {
	*edentest.Server
	http.Handler
	mailbox
	s       *simulation
	hides   bool // its controllers hide some records
	unheard bool // a column came back of which a laptop never heard
	schema  schema
}

func newEdenHub(s *simulation) *edenHub {
	e := &edenHub{Server: edentest.New(s.t, edentest.At(s.now)), s: s}
	e.UUID = fmt.Sprintf("urn:uuid:99999999-0000-4000-8000-%012d", len(s.hubs)+1)
	e.Handler = e.Server.HTTP().Config.Handler
	return e
}

func (e *edenHub) name() string                { return "Eden" }
func (e *edenHub) clock() time.Time            { return e.Server.Clock.Now() }
func (e *edenHub) repository() core.Repository { return e.Server.Repository() }
func (e *edenHub) pass(d time.Duration)        { e.Server.Clock.Advance(d) }
func (e *edenHub) mistime(off time.Duration)   { e.Server.Skew(off) }
func (e *edenHub) conflicts() []core.Conflict  { return nil }
func (e *edenHub) weaken(int, int)             {}
func (e *edenHub) reopen()                     {}
func (e *edenHub) backup() func()              { return e.Backup() }

// deliverLate lets late requests arrive. What an Eden overwrites when it carries
// out a push long after it was sent is beyond any client: it goes by the stamp,
// and nobody had asked it to wait. Such values are written off.
func (e *edenHub) deliverLate() {
	if len(e.letters) == 0 {
		return
	}
	records, before := byLink(e.all()), valuesOf(e.all(), nil)
	e.mailbox.deliverTo(e, e.s.tell)
	after := valuesOf(e.all(), nil)
	for _, r := range e.all() {
		e.s.belated = e.s.belated || r.ModifiedOn < records[r.Link()].ModifiedOn
	}
	for text := range before {
		if v := e.s.values[text]; v != nil && !after[text] {
			v.seen = true
		}
	}
}

func (e *edenHub) get(l core.Link) (core.Record, bool) {
	r, ok := e.Get(l)
	r.Components = nil
	return r, ok
}

func (e *edenHub) save(r core.Record) { e.Put(r) }

func (e *edenHub) remove(l core.Link, replacedBy string) {
	e.Delete(l)
	if r, ok := e.Get(l); ok && replacedBy != "" {
		r.ReplacedBy, r.Components = replacedBy, nil
		e.Put(r)
	}
}

// handOver moves the contacts of a person to the one that the person is merged into.
func (e *edenHub) handOver(from, to core.Link) {
	for _, r := range e.all() {
		if r.Master == from && !r.Deleted {
			for i := range r.Fields { // the key to the master, where the table has shown it
				if f := &r.Fields[i]; f.Links(from) {
					f.Value = core.RefTo(to.Resource, to.UUID)
				}
			}
			r.Master, r.ModifiedOn = to, core.MTimeOf(e.clock())
			e.save(r)
		}
	}
}

func (e *edenHub) all() (out []core.Record) {
	for _, resource := range e.s.resources {
		for _, r := range e.Records(resource) {
			r.Components = nil
			out = append(out, r)
		}
	}
	return out
}

// nodeStore is what both stores of a Fieldsync have.
type nodeStore interface {
	responder.Store
	intake.Store
}

// A nodeHub is another Fieldsync, with a real store or one in memory.
type nodeHub struct {
	mailbox
	s      *simulation
	db     *storage.DB // nil: in memory
	memory *memory.Store
	weak   weakness
	answer *responder.Responder
	keys   secrets
	skew   time.Duration
	active *laptop // it synchronises with another server, as this one; nil: it does not

	unshared schema // tables only
}

const login, password = "laptop@example.org", "correct horse"

// cheapHash is of password, with the least that a hash can cost: a simulation
// logs in thousands of times.
const cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"

func newNodeHub(s *simulation, inMemory bool) *nodeHub {
	n := &nodeHub{s: s, keys: secrets{}}
	uuid := fmt.Sprintf("99999999-0000-4000-8000-%012d", len(s.hubs)+1)
	account := core.Account{Name: login, Hash: hashOf(password)}
	if inMemory {
		n.memory = memory.New(core.Node{UUID: "urn:uuid:" + uuid, Name: "hub"}, n.clock)
		n.memory.SaveAccount(account)
		n.memory.Share(s.resources...)
	} else {
		n.weak.newDir = s.newDir
		n.weak.dir = s.storeDir(uuid)
		n.db = s.openStore(n.weak.dir, n.clock, n.keys)
		_, err := n.db.SaveAccount(s.ctx, account)
		s.must(err)
		for _, r := range s.resources {
			s.must(n.db.Share(s.ctx, r, true))
		}
	}
	n.serve()
	return n
}

func (n *nodeHub) serve() {
	var store responder.Store = n.memory
	if n.db != nil {
		store = weakStore{n.db, &n.weak}
	}
	page := 1 + int(n.s.seed%4) //nolint:gosec // less than four
	n.answer = responder.New(store, responder.Options{Now: n.clock, Welcome: true, Rate: 1e9, Burst: 1e9, InTurn: true, Page: page, Import: 2 * page})
}

func (n *nodeHub) store() nodeStore {
	if n.db != nil {
		return n.db
	}
	return n.memory
}

// ServeHTTP answers one request.
func (n *nodeHub) ServeHTTP(w http.ResponseWriter, r *http.Request) { n.answer.ServeHTTP(w, r) }

func (n *nodeHub) name() string              { return "hub" }
func (n *nodeHub) clock() time.Time          { return n.s.now.Add(n.skew) }
func (n *nodeHub) pass(time.Duration)        {}
func (n *nodeHub) mistime(off time.Duration) { n.skew = off }
func (n *nodeHub) deliverLate()              { n.mailbox.deliverTo(n, n.s.tell) }
func (n *nodeHub) weaken(kill, full int) {
	n.weak.writes, n.weak.killAt, n.weak.fullAt = 0, kill, full
}

func (n *nodeHub) repository() core.Repository {
	return core.Repository{Name: "hub", URL: "http://hub.example.org/eden", Username: login, Password: password}
}

// reopen is the next process after a kill.
func (n *nodeHub) reopen() {
	n.s.tell("  the hub is killed at write %d and starts again", n.weak.writes)
	n.s.must(n.db.Close())
	n.weak.dir, n.weak.killAt, n.weak.fullAt = n.weak.image, 0, 0
	n.db = n.s.openStore(n.weak.dir, n.clock, n.keys)
	n.serve()
	if n.active != nil {
		n.active.db, n.active.weak.dir = n.db, n.weak.dir
	}
}

func (n *nodeHub) backup() func() {
	if n.db == nil {
		return nil
	}
	kept := n.s.newDir()
	n.s.must(copyStore(n.weak.dir, kept))
	return func() {
		n.s.must(n.db.Close())
		n.weak.dir = n.s.newDir()
		n.s.must(copyStore(kept, n.weak.dir))
		n.db = n.s.openStore(n.weak.dir, n.clock, n.keys)
		n.serve()
		for _, r := range n.s.resources {
			n.s.must(n.db.Share(n.s.ctx, r, n.unshared.has(r, "")))
		}
	}
}

func (n *nodeHub) get(l core.Link) (core.Record, bool) {
	r, err := n.store().Record(n.s.ctx, l)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		n.s.must(err)
	}
	return r, err == nil
}

func (n *nodeHub) save(r core.Record) {
	now := core.MTimeOf(n.clock())
	n.s.must(n.store().Import(n.s.ctx, func(tx intake.Tx) error {
		if old, err := tx.Record(n.s.ctx, r.Link()); err == nil {
			r.CreatedOn = old.CreatedOn
		} else {
			r.CreatedOn = now
		}
		if r.ModifiedOn == 0 {
			r.ModifiedOn = now
		}
		return tx.Put(n.s.ctx, &r, core.Change{Rule: "edit", By: "somebody", At: now})
	}))
}

func (n *nodeHub) remove(l core.Link, replacedBy string) {
	for _, r := range n.all() {
		if r.Master == l && !r.Deleted {
			n.remove(r.Link(), "")
		}
	}
	r, _ := n.get(l)
	r.Deleted, r.ReplacedBy, r.Fields, r.ModifiedOn = true, replacedBy, nil, 0
	n.save(r)
}

func (n *nodeHub) all() []core.Record { return recordsOf(n.s, n.store()) }

func (n *nodeHub) conflicts() []core.Conflict {
	if n.memory != nil {
		return n.memory.Conflicts()
	}
	list, err := n.db.Conflicts(n.s.ctx, storage.ConflictQuery{})
	n.s.must(err)
	return list
}

// recordsOf reads everything that a store holds.
func recordsOf(s *simulation, store responder.Store) (out []core.Record) {
	for _, resource := range s.resources {
		_, err := store.Export(s.ctx, responder.ExportQuery{Resource: resource, Deleted: true, NoComponents: true}, func(r *core.Record) error {
			c := r.Clone()
			c.Components = nil
			out = append(out, c)
			return nil
		})
		s.must(err)
	}
	return out
}
