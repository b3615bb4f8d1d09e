// Package memory is a store without a data folder: everything lies in the
// program and is gone with it. It stands behind the practice repository, and
// behind the responder in tests. It keeps the same promises as the real store:
// a sequence number for every version, bases per repository, history, and an
// import that happens whole or not at all.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
)

// maxLog bounds the log: the oldest rows go first.
const maxLog = 5000

// A Store holds one node's records. Make one with New; it may be used by any
// number of goroutines.
type Store struct {
	now func() time.Time

	mu sync.RWMutex // guards everything below

	node     core.Node
	accounts map[string]core.Account
	peers    []core.Repository // the id is the index plus one
	shared   []core.Resource
	tasks    []core.Task // the id is the index plus one
	schemas  map[core.Resource]core.Schema

	seq        int64
	entries    map[core.Link]*entry
	parts      map[core.Link]map[core.Link]bool // master -> its components
	bases      map[baseKey]base
	served     map[servedKey]responder.Serving
	asked      map[servedKey]responder.Asking
	remembers  map[int64]string
	deliveries []core.Delivery
	conflicts  []core.Conflict // the id is the index plus one
	quarantine map[quarantineKey]core.Quarantine
	aside      int64 // id of the last quarantine
	braked     map[servedKey]int64
	files      map[fileKey]file
	log        []core.LogEntry
	logged     int64 // id of the last row
}

// entry is a record's present version with its past. Entries are replaced,
// never changed, so that an import can be taken back.
type entry struct {
	rec     core.Record // without components
	hash    core.Hash
	seq     int64
	origin  int64
	arrived core.MTime // when this version came to be here
	past    []core.Version
}

type baseKey struct {
	repo int64
	link core.Link
}

type base struct {
	rec  core.Record
	hash core.Hash
	seq  int64
}

type servedKey struct {
	repo     int64
	resource core.Resource
}

type quarantineKey struct {
	repo     int64
	link     core.Link
	outgoing bool
}

type fileKey struct {
	link  core.Link
	field string
}

type file struct {
	attachment core.Attachment
	content    []byte
}

var _ responder.Store = (*Store)(nil)

// New returns an empty store of the given node. now is the clock.
func New(node core.Node, now func() time.Time) *Store {
	return &Store{
		now:        now,
		node:       node,
		accounts:   make(map[string]core.Account),
		schemas:    make(map[core.Resource]core.Schema),
		entries:    make(map[core.Link]*entry),
		parts:      make(map[core.Link]map[core.Link]bool),
		bases:      make(map[baseKey]base),
		served:     make(map[servedKey]responder.Serving),
		asked:      make(map[servedKey]responder.Asking),
		remembers:  make(map[int64]string),
		quarantine: make(map[quarantineKey]core.Quarantine),
		braked:     make(map[servedKey]int64),
		files:      make(map[fileKey]file),
	}
}

// Node returns this node's identity.
func (s *Store) Node(context.Context) (core.Node, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.node, nil
}

// Account returns the login of that name; core.ErrNotFound.
func (s *Store) Account(_ context.Context, name string) (core.Account, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	account, ok := s.accounts[name]
	if !ok {
		return core.Account{}, fmt.Errorf("account %q: %w", name, core.ErrNotFound)
	}
	return account, nil
}

// SaveAccount adds or replaces the login of that name.
func (s *Store) SaveAccount(a core.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.ID == 0 {
		a.ID = int64(len(s.accounts) + 1)
	}
	s.accounts[a.Name] = a
}

// Share makes resources available to every accepted peer.
func (s *Store) Share(resources ...core.Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range resources {
		if !slices.Contains(s.shared, r) {
			s.shared = append(s.shared, r)
		}
	}
}

// Unshare takes them back.
func (s *Store) Unshare(resources ...core.Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shared = slices.DeleteFunc(s.shared, func(r core.Resource) bool { return slices.Contains(resources, r) })
}

// Shared returns the resources shared with everybody who may call.
func (s *Store) Shared(context.Context) ([]core.Resource, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.shared), nil
}

// SaveTask adds a task (id 0) or replaces the one with its id, and returns it.
func (s *Store) SaveTask(t core.Task) core.Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.ID == 0 {
		t.ID = int64(len(s.tasks) + 1)
		s.tasks = append(s.tasks, t)
		return t
	}
	s.tasks[t.ID-1] = t
	return t
}

// Tasks returns the repository's tasks in the order they were added.
func (s *Store) Tasks(_ context.Context, repo int64) ([]core.Task, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var tasks []core.Task
	for _, t := range s.tasks {
		if t.RepositoryID == repo {
			tasks = append(tasks, t)
		}
	}
	return tasks, nil
}

// SaveSchema stores what is known of a resource's fields.
func (s *Store) SaveSchema(schema core.Schema) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schemas[schema.Resource] = schema
}

// Schema returns the stored schema, or one made from the records that are here;
// core.ErrNotFound if there are neither.
func (s *Store) Schema(_ context.Context, resource core.Resource) (core.Schema, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if schema, ok := s.schemas[resource]; ok {
		return schema, nil
	}
	schema := core.Schema{Resource: resource}
	for link, e := range s.entries {
		if link.Resource != resource {
			continue
		}
		for _, f := range e.rec.Fields {
			if _, known := schema.Field(f.Name); !known {
				schema.Fields = append(schema.Fields, core.FieldSchema{Name: f.Name, Type: seenType(f.Value), Target: seenTarget(f.Value)})
			}
		}
	}
	if len(schema.Fields) == 0 {
		return core.Schema{}, fmt.Errorf("schema of %s: %w", resource, core.ErrNotFound)
	}
	slices.SortFunc(schema.Fields, func(a, b core.FieldSchema) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return schema, nil
}

// seenType is web2py's word for a value that was seen.
func seenType(v core.Value) string {
	switch v.Kind {
	case core.Integer:
		return "integer"
	case core.Number:
		return "double"
	case core.Boolean:
		return "boolean"
	case core.JSON:
		return "json"
	case core.Reference:
		return "reference"
	case core.References:
		return "list:reference"
	case core.File:
		return "upload"
	}
	return "string"
}

func seenTarget(v core.Value) core.Resource {
	if v.Kind == core.Reference || v.Kind == core.References {
		return core.Resource(v.Aux)
	}
	return ""
}

// Seq returns the last sequence number given out.
func (s *Store) Seq(context.Context) (int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seq, nil
}

// Served notes the last pull by which the peer was given everything of the resource.
func (s *Store) Served(_ context.Context, repo int64, resource core.Resource, last responder.Serving) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served[servedKey{repo, resource}] = last
	return nil
}

// LastServed returns it, the zero Serving if there is none.
func (s *Store) LastServed(_ context.Context, repo int64, resource core.Resource) (responder.Serving, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.served[servedKey{repo, resource}], nil
}

// Asked notes an Eden's last pull of the resource.
func (s *Store) Asked(_ context.Context, repo int64, resource core.Resource, a responder.Asking) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[servedKey{repo, resource}] = a
	return nil
}

// LastAsked returns an Eden's last pull of the resource, nil if there is none.
func (s *Store) LastAsked(_ context.Context, repo int64, resource core.Resource) (*responder.Asking, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if a, known := s.asked[servedKey{repo, resource}]; known {
		return &a, nil
	}
	return nil, nil
}

// Record returns our version without components, deleted ones included;
// core.ErrNotFound.
func (s *Store) Record(_ context.Context, l core.Link) (core.Record, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.record(l)
}

func (s *Store) record(l core.Link) (core.Record, error) {
	e, ok := s.entries[l]
	if !ok {
		return core.Record{}, fmt.Errorf("%s %s: %w", l.Resource, l.UUID, core.ErrNotFound)
	}
	return e.rec.Clone(), nil
}

// Fill stores records with their components as if they had always been here:
// what they arrived with is their own stamp. It is how a store gets its first
// content.
func (s *Store) Fill(ctx context.Context, records []core.Record) error {
	err := s.Import(ctx, func(tx intake.Tx) error {
		for i := range records {
			err := records[i].Walk(func(rec *core.Record) error {
				return tx.Put(ctx, rec, core.Change{Rule: "create", At: rec.ModifiedOn})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range records {
		_ = records[i].Walk(func(rec *core.Record) error { // never fails: fn does not
			s.entries[rec.Link()].arrived = rec.ModifiedOn
			return nil
		})
	}
	return nil
}

// Records returns the living records of a resource, oldest change first,
// without components.
func (s *Store) Records(resource core.Resource) []core.Record {
	return s.selected(responder.ExportQuery{Resource: resource, NoComponents: true})
}

// Attachment returns the content of an upload field; core.ErrNotFound.
func (s *Store) Attachment(_ context.Context, l core.Link, field string) (core.Attachment, []byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, ok := s.files[fileKey{l, field}]
	if !ok {
		return core.Attachment{}, nil, fmt.Errorf("file of %s %s, %s: %w", l.Resource, l.UUID, field, core.ErrNotFound)
	}
	return f.attachment, slices.Clone(f.content), nil
}

// SaveAttachment stores the content of an upload field.
func (s *Store) SaveAttachment(_ context.Context, a core.Attachment, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.Size = int64(len(content))
	s.files[fileKey{a.Record, a.Field}] = file{a, slices.Clone(content)}
	return nil
}

// AddLog stores a row of the synchronisation log and returns it with its id.
func (s *Store) AddLog(_ context.Context, e core.LogEntry) (core.LogEntry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logged++
	e.ID = s.logged
	if len(s.log) >= maxLog {
		s.log = slices.Delete(s.log, 0, len(s.log)-maxLog+1)
	}
	s.log = append(s.log, e)
	return e, nil
}

// Log returns the log, oldest first.
func (s *Store) Log() []core.LogEntry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.log)
}

// Conflicts returns all conflicts, decided or not, oldest first.
func (s *Store) Conflicts() []core.Conflict {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.conflicts)
}

// Quarantined returns what was set aside, in no particular order.
func (s *Store) Quarantined() []core.Quarantine {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []core.Quarantine
	for _, q := range s.quarantine {
		all = append(all, q)
	}
	return all
}

// Held returns the deletions of a resource, of all for "", that a brake put off.
func (s *Store) Held(_ context.Context, repo int64, resource core.Resource) ([]core.Quarantine, error) {
	held := slices.DeleteFunc(s.Quarantined(), func(q core.Quarantine) bool {
		return q.RepositoryID != repo || resource != "" && q.Record.Resource != resource || q.Outgoing || q.Reason != core.HeldDeletion
	})
	slices.SortFunc(held, func(a, b core.Quarantine) int { return cmp.Compare(a.ID, b.ID) })
	return held, nil
}

// Braked returns up to which id of a quarantine deletions were put before a person.
func (s *Store) Braked(_ context.Context, repo int64, resource core.Resource) (upTo int64, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.braked[servedKey{repo, resource}], nil
}

// SetBraked notes up to which id deletions were put before a person.
func (s *Store) SetBraked(_ context.Context, repo int64, resource core.Resource, upTo int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := servedKey{repo, resource}
	s.braked[key] = max(s.braked[key], upTo)
	return nil
}

// BrakeOff is false: nobody can switch a brake off here.
func (s *Store) BrakeOff(context.Context, int64, core.Resource) (bool, error) { return false, nil }

// DeletedBy counts what a peer's pushes deleted of a resource since then.
func (s *Store) DeletedBy(_ context.Context, repo int64, resource core.Resource, since core.MTime) (n int, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for l, e := range s.entries {
		if l.Resource == resource && e.rec.Deleted && e.origin == repo && len(e.past) > 0 && e.past[len(e.past)-1].Change.At >= since {
			n++
		}
	}
	return n, nil
}

// Alive counts the records of a resource that are not deleted.
func (s *Store) Alive(_ context.Context, resource core.Resource) (int, error) {
	return len(s.Records(resource)), nil
}
