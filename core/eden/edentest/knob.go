package edentest

import (
	"net/http"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// knobs are the lasting settings of a Server; passing trouble is injected (see
// Inject).
type knobs struct {
	tls               bool
	limited           bool // unauthorizedAfter counts
	unauthorizedAfter int
	routesBug         bool
	routesDelay       time.Duration
	incomplete        bool
	noNative          map[core.Resource]bool
	nativeHides       func(core.Link) bool
	hides             func(core.Link) bool
	gzip              bool
	sites             bool
	oldRegistration   bool
	unreadable        map[core.Resource]bool
	unwritable        map[core.Resource]bool
	forbidden         bool
	unknown           map[core.Resource]bool
	lost              map[core.Resource]map[string]bool // columns
	unique            map[core.Resource]string          // the field
	restrict          map[core.Resource]bool
	setNull           map[string]bool
	defaults          map[core.Resource]core.Field
	outlines          bool
	python2           bool
	ignorePaging      bool
	ignoreFilters     bool
	reject            func(rec core.Record, field string) string
}

func (s *Server) set(fn func(*knobs)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn(&s.knobs)
}

// Skew puts the server's clock d ahead of ours.
func (s *Server) Skew(d time.Duration) {
	s.Clock.mu.Lock()
	defer s.Clock.mu.Unlock()
	s.Clock.skew = d
}

// RoutesBug behaves like web2py's built-in server under Eden's routes.py: every
// 403, 405, 415 and 500 to a request with a body becomes a bare "500 Server
// Error" after delay, 5 s in reality (corpus 60).
func (s *Server) RoutesBug(delay time.Duration) {
	s.set(func(k *knobs) { k.routesBug, k.routesDelay = true, delay })
}

// RoutesBugOf2013 is that bug under a web2py of 2013: in place of the bare 500 there is a 400
// which says that the body is incomplete, and every other page of errors comes as 500 with the
// status that is meant in its message.
func (s *Server) RoutesBugOf2013(delay time.Duration) {
	s.RoutesBug(delay)
	s.set(func(k *knobs) { k.incomplete = true })
}

// UnauthorizedAfter answers 401 to all but the next n requests; negative: never.
func (s *Server) UnauthorizedAfter(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served = 0
	s.knobs.unauthorizedAfter, s.knobs.limited = n, n >= 0
}

// NoNative takes away the resources' own controllers (404).
func (s *Server) NoNative(resources ...core.Resource) {
	s.set(func(k *knobs) {
		if k.noNative == nil {
			k.noNative = map[core.Resource]bool{}
		}
		for _, r := range resources {
			k.noNative[r] = true
		}
	})
}

// NativeHides lets the resource's own controller leave out records, as
// hrm/job_title does (corpus 44).
func (s *Server) NativeHides(fn func(core.Link) bool) { s.set(func(k *knobs) { k.nativeHides = fn }) }

// Hides keeps records from this account, tombstones too, as one has it that sees only what is
// its own, or its organisation's.
func (s *Server) Hides(fn func(core.Link) bool) { s.set(func(k *knobs) { k.hides = fn }) }

// Sites shows the site of an office beside it wherever an organisation's offices come
// within it, as a running Eden does.
func (s *Server) Sites() { s.set(func(k *knobs) { k.sites = true }) }

// Gzip compresses replies to clients that accept it.
func (s *Server) Gzip() { s.set(func(k *knobs) { k.gzip = true }) }

// OldRegistration knows only the GET form of before 2016.
func (s *Server) OldRegistration() { s.set(func(k *knobs) { k.oldRegistration = true }) }

// hidden reports whether the account may not see a record.
func (k *knobs) hidden(l core.Link) bool {
	return k.unreadable[l.Resource] || k.hides != nil && k.hides(l)
}

// ReadRight gives or takes the right to read a table: without it there is
// nothing to see, and no error.
func (s *Server) ReadRight(r core.Resource, may bool) {
	s.set(func(k *knobs) { k.unreadable = withRight(k.unreadable, r, may) })
}

// WriteRight gives or takes the right to write a table: without it a push is
// answered 403.
func (s *Server) WriteRight(r core.Resource, may bool) {
	s.set(func(k *knobs) { k.unwritable = withRight(k.unwritable, r, may) })
}

// Unknown removes a table from the deployment (400): its records neither come along
// with others nor are taken. Known brings it back, with what was in it.
func (s *Server) Unknown(r core.Resource) {
	s.set(func(k *knobs) { k.unknown = withRight(k.unknown, r, false) })
}

// Known brings back a table that Unknown removed.
func (s *Server) Known(r core.Resource) {
	s.set(func(k *knobs) { k.unknown = withRight(k.unknown, r, true) })
}

// Unique lets no two records of a table have the same value of a field, deleted ones
// among them.
func (s *Server) Unique(r core.Resource, field string) {
	s.set(func(k *knobs) {
		if k.unique == nil {
			k.unique = map[core.Resource]string{}
		}
		k.unique[r] = field
	})
}

// Restrict lets no record of these tables be deleted while a living one points to it (ondelete
// RESTRICT).
func (s *Server) Restrict(resources ...core.Resource) {
	s.set(func(k *knobs) {
		k.restrict = map[core.Resource]bool{}
		for _, r := range resources {
			k.restrict[r] = true
		}
	})
}

// SetNull empties fields of that name where what they lead to is deleted, and dates their
// records anew (ondelete SET NULL), as the site of an office's staff.
func (s *Server) SetNull(fields ...string) {
	s.set(func(k *knobs) {
		k.setNull = map[string]bool{}
		for _, f := range fields {
			k.setNull[f] = true
		}
	})
}

// Outlines has places an outline (wkt), as in every Eden: no document shows it, and what comes
// with lat and lon and without an outline, or as a point, becomes a point.
func (s *Server) Outlines() { s.set(func(k *knobs) { k.outlines = true }) }

// Default gives a field of each new record of a table a value, if it has none.
func (s *Server) Default(r core.Resource, f core.Field) {
	s.set(func(k *knobs) {
		if k.defaults == nil {
			k.defaults = map[core.Resource]core.Field{}
		}
		k.defaults[r] = f
	})
}

// LoseColumn takes a column out of a table: it stands in no document, no stamp moves,
// and what a push brings for it is dropped without a word. RegainColumn brings it
// back, with what was in it.
func (s *Server) LoseColumn(r core.Resource, field string) {
	s.set(func(k *knobs) {
		if k.lost == nil {
			k.lost = map[core.Resource]map[string]bool{}
		}
		if k.lost[r] == nil {
			k.lost[r] = map[string]bool{}
		}
		k.lost[r][field] = true
	})
}

// RegainColumn brings back a column that LoseColumn took. The table has it then, also if
// no row has ever had a value in it.
func (s *Server) RegainColumn(r core.Resource, field string) {
	s.set(func(k *knobs) {
		delete(k.lost[r], field)
		s.noteColumns(r, core.Field{Name: field})
	})
}

// Forbid lets the account in but not to the sync controller (403 everywhere).
func (s *Server) Forbid(on bool) { s.set(func(k *knobs) { k.forbidden = on }) }

// IgnorePaging drops start and limit everywhere.
func (s *Server) IgnorePaging() { s.set(func(k *knobs) { k.ignorePaging = true }) }

// IgnoreFilters drops every filter.
func (s *Server) IgnoreFilters() { s.set(func(k *knobs) { k.ignoreFilters = true }) }

// Reject lets fn refuse records of a push: the text it returns for a field is
// that field's validation error, for "" the record's own; "" accepts.
func (s *Server) Reject(fn func(rec core.Record, field string) string) {
	s.set(func(k *knobs) { k.reject = fn })
}

// Require makes fields of a table mandatory.
func (s *Server) Require(r core.Resource, fields ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mandatory[r] = fields
}

// Task sets a sync task of the server's own for a table; its strategy and
// policies decide about every push then, whatever the client transfers.
func (s *Server) Task(t core.Task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks[t.Resource] = t
}

// Registered reports whether a client with that uuid has registered.
func (s *Server) Registered(uuid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.peers[uuid]
	return ok
}

// Register makes a client known, Unregister forgets it.
func (s *Server) Register(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[uuid] = uuid
}

// Unregister forgets a client.
func (s *Server) Unregister(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, uuid)
}

// SetPassword changes the password of every account.
func (s *Server) SetPassword(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.users {
		s.users[name] = password
	}
}

type document struct {
	status      int
	contentType string
	body        []byte
}

// Document answers every request for path ("/org/office/mform.json") with body.
func (s *Server) Document(path, contentType, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents[path] = document{http.StatusOK, contentType, []byte(body)}
}

func withRight(m map[core.Resource]bool, r core.Resource, may bool) map[core.Resource]bool {
	if m == nil {
		m = map[core.Resource]bool{}
	}
	m[r] = !may
	return m
}

// defaultMandatory are the fields without which the recorded Eden refused a
// record.
func defaultMandatory() map[core.Resource][]string {
	return map[core.Resource][]string{
		"org_organisation": {"name"}, "org_office": {"name"}, "org_sector": {"name"}, "cr_shelter": {"name"},
		"pr_person": {"first_name"}, "hrm_human_resource": {"person_id"},
	}
}
