package edentest

import (
	"fmt"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A row is one record as the server's database has it.
type row struct {
	rec core.Record // without components
	id  int         // the server's own key, shown in replies
}

// Put stores records as the server's users would, replacing what was there under
// the same uuid. Components are stored as rows of their own. A record without
// stamps gets the present time; MCI is stored as it is, 0 for "made here".
func (s *Server) Put(recs ...core.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range recs {
		s.put(&recs[i], recs[i].Master)
	}
}

func (s *Server) put(rec *core.Record, master core.Link) *row {
	now := core.MTimeOf(s.Clock.Now())
	c := rec.Clone()
	c.Components, c.Master = nil, master
	if c.CreatedOn.IsZero() {
		c.CreatedOn = now
	}
	if c.ModifiedOn.IsZero() {
		c.ModifiedOn = now
	}
	r := s.insert(c)
	for i := range rec.Components {
		s.put(&rec.Components[i], rec.Link())
	}
	return r
}

// insert stores rec under its link, keeping the place of a row that exists.
func (s *Server) insert(rec core.Record) *row {
	r, ok := s.rows[rec.Link()]
	if !ok {
		r = &row{id: len(s.order) + 1}
		s.rows[rec.Link()] = r
		s.order = append(s.order, r)
	}
	s.noteColumns(rec.Resource, rec.Fields...)
	r.rec = rec
	return r
}

// Get returns the server's version of a record with its living components.
func (s *Server) Get(l core.Link) (core.Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rows[l]
	if !ok {
		return core.Record{}, false
	}
	rec := r.rec.Clone()
	rec.Components = s.componentsOf(l, 0)
	return rec, true
}

// Records returns all rows of a table in the order they came, deleted ones too.
func (s *Server) Records(resource core.Resource) []core.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []core.Record
	for _, r := range s.order {
		if r.rec.Resource == resource {
			rec := r.rec.Clone()
			rec.Components = s.componentsOf(rec.Link(), 0)
			out = append(out, rec)
		}
	}
	return out
}

// Delete marks a record and its components deleted now, as a user would.
func (s *Server) Delete(l core.Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.rows[l]; ok {
		s.bury(r, "")
	}
}

// bury makes a row a tombstone stamped with the server's time; a deleted
// component loses its master, so that the master's document does not show it.
func (s *Server) bury(r *row, replacedBy string) {
	link := r.rec.Link()
	r.rec.Deleted, r.rec.ReplacedBy = true, replacedBy
	r.rec.ModifiedOn = core.MTimeOf(s.Clock.Now())
	r.rec.Master = core.Link{}
	s.rewire(link, core.Link{Resource: link.Resource, UUID: replacedBy})
	s.emptied(link)
	for _, c := range s.order {
		if c.rec.Master == link && !c.rec.Deleted {
			s.bury(c, "")
		}
	}
}

// componentsOf returns the living components of a record modified at or after
// since, with their own components.
func (s *Server) componentsOf(l core.Link, since core.MTime) []core.Record {
	var out []core.Record
	for _, r := range s.order {
		if r.rec.Master == l && !r.rec.Deleted && r.rec.ModifiedOn >= since {
			c := r.rec.Clone()
			c.Components = s.componentsOf(c.Link(), since)
			out = append(out, c)
		}
	}
	return out
}

// AddAccount gives a person a login, so that the person's document brings an
// auth_user with a password hash along, as real ones do.
func (s *Server) AddAccount(person, email string) {
	account := core.Record{Resource: "auth_user", UUID: "urn:uuid:account-" + email}
	account.Set(core.Field{Name: "email", Value: core.Text(email)})
	account.Set(core.Field{Name: "password", Value: core.Text("pbkdf2(1000,20,sha512)$0000000000000000$INJECTED-HASH")})
	link := core.Record{Resource: "pr_person_user", UUID: "urn:uuid:login-" + email, Master: core.Link{Resource: "pr_person", UUID: person}}
	link.Set(core.Field{Name: "user_id", Value: core.RefTo("auth_user", account.UUID)})
	s.Put(account, link)
}

// AddFile stores the content of an upload and returns the address at which
// documents show it.
func (s *Server) AddFile(name string, content []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := fmt.Sprintf("doc_document.file.%016x.%s", len(s.files)+1, name)
	s.files[stored] = content
	return s.URL + "/default/download/" + stored
}

// File returns the content of an upload by its address, nil if there is none.
func (s *Server) File(address string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[strings.TrimPrefix(address, s.URL+"/default/download/")]
}

// download serves an upload, without asking for a login.
func (s *Server) download(a *answer, name string) {
	s.mu.Lock()
	content, ok := s.files[name]
	s.mu.Unlock()
	if !ok {
		a.fail(404, "")
		return
	}
	a.send(200, "application/octet-stream", content)
}

// Backup returns a function that takes all tables back to what they are now, as
// an administrator does who restores a backup.
func (s *Server) Backup() (restore func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, order := s.snapshot()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.rows, s.order = rows, order
	}
}
