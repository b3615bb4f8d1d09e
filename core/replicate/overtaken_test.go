package replicate_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A slowRoute keeps the first push for itself, whose sender hears nothing, until it is let go.
type slowRoute struct {
	to   http.RoundTripper
	kept *http.Request
	body []byte
}

func (r *slowRoute) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.kept != nil || !edentest.Pushes(req) {
		return r.to.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.kept, r.body = req, body
	return nil, tookTooLong{}
}

type tookTooLong struct{}

func (tookTooLong) Error() string   { return "injected: no answer in time" }
func (tookTooLong) Timeout() bool   { return true }
func (tookTooLong) Temporary() bool { return true }

// arrive lets what was kept arrive.
func (r *slowRoute) arrive(t *testing.T) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.kept.Method, r.kept.URL.String(), bytes.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.kept.Header
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// slow has the next push of the laptop under way for as long as the test likes.
func (w *world) slow() *slowRoute {
	route := new(slowRoute)
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		return eden.New(r, n, eden.Options{Retries: -1, Now: w.clock.Now, Transport: func(to http.RoundTripper) http.RoundTripper {
			route.to = to
			return route
		}})
	}
	return route
}

// overtake edits a record, whose sending takes its time, deletes it meanwhile, and lets the
// edit arrive behind the deletion. It returns the run after all that.
func (w *world) overtake(l core.Link, edit func(*core.Record)) core.Run {
	w.t.Helper()
	route := w.slow()
	w.edit(l, edit)
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Timeout) {
		w.t.Fatalf("got %v\n%s", err, w.logs())
	}
	w.pass(time.Hour)
	w.edit(l, bury)
	w.sync()
	w.sync()
	route.arrive(w.t)
	w.pass(25 * time.Hour) // a Fieldsync shows us our own only when all is compared
	return w.sync()
}

// What was made here and deleted before it was ever sent stands on another laptop, which had it
// from us in another way, and brings it to the server. That one did not go back in time: the
// deletion is sent again (seeds 3001386, 3000457, 9407338 and 9701690).
func TestWhatWasDeletedHereAndIsBroughtThereByAnotherIsDeletedAgain(t *testing.T) {
	for server, servers := range map[string]func(*testing.T) (w *world, bring func(core.Record)){
		"a Fieldsync": func(t *testing.T) (*world, func(core.Record)) {
			w, n := newNodes(t, "org_office")
			return w, func(made core.Record) {
				err := n.db.Import(t.Context(), func(tx intake.Tx) error { // with the stamp that it had
					return tx.Put(t.Context(), &made, core.Change{Rule: "create", By: "another laptop", At: core.MTimeOf(w.clock.Now())})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		},
		"an Eden": func(t *testing.T) (*world, func(core.Record)) {
			w := newWorld(t, "org_office")
			return w, func(made core.Record) { w.eden.Put(made) }
		},
	} {
		for what, changed := range map[string]string{"as it was": "", "and changed there": "+44 20"} {
			t.Run(server+" "+what, func(t *testing.T) {
				w, bring := servers(t)
				w.hub.Put(rec(office(2), "name", "Office 2"))
				w.sync()
				w.edit(office(1), set("name", "new"))
				made := w.here(office(1))
				w.pass(time.Hour)
				w.edit(office(1), bury)
				w.sync()
				w.pass(24 * time.Hour)
				bring(made)
				if changed != "" {
					w.change(office(1), "phone", changed)
				}
				w.sync()
				w.pass(24 * time.Hour) // an Eden shows what lies below the marker to a comparison
				w.sync()
				if here, there := w.here(office(1)), w.there(office(1)); here.Deleted != (changed == "") || there.Deleted != here.Deleted {
					t.Errorf("deleted here: %t, there: %t\n%s", here.Deleted, there.Deleted, w.logs())
				}
				w.quiet()
			})
		}
	}
}

// A new record is still on its way when its deletion reaches the server, which had nothing
// to delete. What arrives then is deleted there after all.
func TestADeletionThatOvertookItsRecordIsSentAgain(t *testing.T) {
	for _, server := range []string{"a Fieldsync", "an Eden"} {
		t.Run(server, func(t *testing.T) {
			w := newOvertaken(t, server)
			run := w.overtake(office(2), set("name", "New"))
			if there, is := w.hub.Get(office(2)); is && !there.Deleted || !w.here(office(2)).Deleted {
				t.Errorf("it is to be deleted on both sides: %s\n%s", run.Counts, w.logs())
			}
			w.quiet()
		})
	}
}

// A record that both sides had deleted is restored here; that is still on its way when it is
// deleted once more. What arrives then is deleted there again.
func TestADeletionThatOvertookARestorationIsSentAgain(t *testing.T) {
	for _, server := range []string{"a Fieldsync", "an Eden"} {
		t.Run(server, func(t *testing.T) {
			w := newOvertaken(t, server)
			w.edit(office(1), bury)
			w.sync()
			w.pass(time.Hour)
			run := w.overtake(office(1), func(r *core.Record) { *r = rec(office(1), "name", "Office 1", "phone", "1") })
			if here, there := w.here(office(1)), w.there(office(1)); !here.Deleted || !there.Deleted {
				t.Errorf("it is to be deleted on both sides, here %t, there %t: %s\n%s", here.Deleted, there.Deleted, run.Counts, w.logs())
			}
			w.quiet()
		})
	}
}

// Who restores it at the server after that, as it was, is not told that it was overtaken.
func TestARestorationThereIsNotTakenForAnOvertakenOne(t *testing.T) {
	w := newOvertaken(t, "an Eden")
	alive := w.there(office(1))
	w.edit(office(1), bury)
	w.sync()
	w.pass(time.Hour)
	w.slow()
	w.edit(office(1), func(r *core.Record) { *r = rec(office(1), "name", "Office 1", "phone", "1") })
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.Timeout) {
		t.Fatalf("got %v\n%s", err, w.logs())
	}
	w.pass(time.Hour)
	w.edit(office(1), bury)
	w.sync()
	w.pass(time.Hour)
	alive.ModifiedOn = core.MTimeOf(w.clock.Now())
	w.hub.Put(alive)
	w.sync()
	w.agree(office(1), "name", "Office 1")
	if w.here(office(1)).Deleted {
		t.Errorf("it is deleted here\n%s", w.logs())
	}
	w.quiet()
}

// A server that was known to have the record alive, and has it again, went back in time: a
// person decides what becomes of the deletion, also where its first sending was not heard of.
func TestADeletionThatARestoredServerLostIsNotSentUnasked(t *testing.T) {
	for _, opts := range []replicate.Options{{}, {Full: true}} {
		w := newWorld(t, "org_office")
		w.offices(1)
		w.sync()
		w.edit(office(2), set("name", "New"))
		w.eden.InjectOn(edentest.Pushes, 1, edentest.LoseReply())
		if _, err := w.run(replicate.Options{}); err == nil {
			t.Fatal("the answer was to be lost")
		}
		w.sync()
		w.agree(office(2), "name", "New")
		restore := w.eden.Backup()
		w.pass(time.Hour)
		w.edit(office(2), bury)
		w.sync()
		w.pass(time.Hour)
		restore()
		if _, err := w.run(opts); !core.IsKind(err, core.WentBack) || w.there(office(2)).Deleted {
			t.Fatalf("%+v: got %v\n%s", opts, err, w.logs())
		}
		if err := w.db.TakeOlder(t.Context(), w.repo.ID); err != nil {
			t.Fatal(err)
		}
		w.sync()
		w.agree(office(2), "name", "New")
		w.quiet()
	}
}

func newOvertaken(t *testing.T, server string) *world {
	t.Helper()
	if server == "an Eden" {
		w := newWorld(t, "org_office")
		w.offices(1)
		w.sync()
		return w
	}
	w, _ := newNodes(t, "org_office")
	w.offices(1)
	w.sync()
	return w
}
