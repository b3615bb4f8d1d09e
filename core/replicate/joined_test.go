package replicate_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A laptop empties a field. Right before that arrives at a Fieldsync another laptop's edit of the same
// record does, whose clock is ahead: the two are joined there, and that other laptop hears of it.
func TestWhatIsJoinedAtAHubWithAnEditOfTheFutureReachesTheOthers(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"by an hour": time.Hour, "by nothing": 0} {
		t.Run(name, func(t *testing.T) {
			w, n := newNodes(t, "org_office")
			w.offices(1)
			w.sync()
			other := w.another(n)
			w.sync2(other)
			w.pass(time.Hour)
			w.edit(office(1), func(r *core.Record) { r.Unset("phone") })
			w.hooked(n, func() {
				w.editIn(other.db, office(1), func(r *core.Record) {
					r.Set(core.Field{Name: "name", Value: core.Text("theirs")})
					r.ModifiedOn = core.MTimeOf(w.clock.Now().Add(ahead))
				})
				w.syncNow(other)
			})
			w.sync()
			for range 2 {
				w.sync2(other)
				w.sync()
			}
			got, err := other.db.Record(t.Context(), office(1))
			if there := w.there(office(1)); err != nil || !core.SameContent(&got, &there) || got.Value("phone").Str != "" || got.Value("name").Str != "theirs" {
				t.Errorf("%v: the other laptop has %q and %q, the hub %q and %q", err, got.Value("name").Str, got.Value("phone").Str, there.Value("name").Str, there.Value("phone").Str)
			}
			w.quiet()
		})
	}
}

// hooked does something when the next push arrives, before it is answered.
func (w *world) hooked(n *node, do func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method != http.MethodPut && r.Method != http.MethodPost {
			return false
		}
		n.mu.Lock()
		n.fault = nil
		n.mu.Unlock()
		do()
		return false
	}
}

// syncNow is sync2 in the same second.
func (w *world) syncNow(s *second) {
	w.t.Helper()
	repo, err := s.db.Repository(w.t.Context(), s.repo.ID)
	if err == nil {
		_, err = s.engine.Sync(w.t.Context(), repo, replicate.Options{})
	}
	if err != nil {
		w.t.Error(err)
	}
}

// another is a laptop that synchronises with the same Fieldsync.
func (w *world) another(n *node) *second {
	w.t.Helper()
	s := &second{db: w.open(w.t)}
	var err error
	if s.repo, err = s.db.AddRepository(w.t.Context(), core.Repository{Name: "hub", URL: n.url, Username: laptopLogin, Password: laptopPassword}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := s.db.AddTask(w.t.Context(), core.NewTask(s.repo.ID, "org_office")); err != nil {
		w.t.Fatal(err)
	}
	s.engine = w.engineFor(s.db)
	return s
}
