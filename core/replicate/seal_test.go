package replicate_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// readBacks lets the hub answer as before, with change made to what it is asked,
// and counts how often it is asked for records by uuid.
func (n *node) readBacks(change func(*http.Request)) *int {
	count := new(int)
	n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if strings.Contains(r.URL.RawQuery, "uuid__belongs") {
			n.mu.Lock()
			*count++
			n.mu.Unlock()
		}
		if change != nil {
			change(r)
		}
		return false
	})
	return count
}

func TestWhatAFieldsyncSealsIsNotReadBack(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(3)
	w.sync()
	asked := n.readBacks(nil)
	w.edit(office(1), set("phone", "ours"))
	w.edit(office(9), set("name", "New"))
	w.edit(office(2), func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	run := w.sync()
	if run.Sent != 3 || run.Delivered != 3 || *asked != 0 {
		t.Errorf("%s, read back %d times\n%s", run.Counts, *asked, w.logs())
	}
	w.agree(office(1), "phone", "ours")
	w.agree(office(9), "name", "New")
	if !w.there(office(2)).Deleted {
		t.Error("the deletion did not arrive")
	}
	w.quiet()
}

// A Fieldsync of before does not know what is asked of it.
func TestWhatIsNotSealedIsReadBack(t *testing.T) {
	w, n := newNodes(t, "org_office")
	asked := n.readBacks(func(r *http.Request) { r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "&seals=1", "") })
	w.edit(office(1), set("name", "New"))
	if run := w.sync(); run.Delivered != 1 || *asked == 0 {
		t.Errorf("%s, read back %d times\n%s", run.Counts, *asked, w.logs())
	}
	w.agree(office(1), "name", "New")
	w.quiet()
}

// What the hub has by the same name in another version is not sealed, and what it
// kept of its own is told.
func TestAVersionThatDoesNotStandIsNotSealed(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	n.meddle(func(rw http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		if r.Method == http.MethodPost {
			withBody(r, strings.Replace(bodyOf(r), "ours", "0urs", 1))
		}
		answer.ServeHTTP(rw, r)
		return true
	})
	w.edit(office(1), set("phone", "ours"))
	run := w.sync()
	there := w.there(office(1))
	if got := there.Value("phone").Str; got != "0urs" {
		t.Fatalf("the hub has %q", got)
	}
	n.meddle(nil)
	// It was read back and seen to be another version: like a form of the server's
	// own it is taken over, and what is said to be delivered is what both have.
	if run.Sent != 1 || run.Delivered != 1 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	w.agree(office(1), "phone", "0urs")
}

// An answer that seals something else, or nothing that can be read, proves nothing.
func TestAFalseSealIsNoProof(t *testing.T) {
	for name, seals := range map[string]string{
		"of another version": base64.StdEncoding.EncodeToString(make([]byte, 16)), "half of one": base64.StdEncoding.EncodeToString(make([]byte, 7)), "none": "?",
	} {
		t.Run(name, func(t *testing.T) {
			w, n := newNodes(t, "org_office")
			w.offices(1)
			w.sync()
			n.meddle(func(rw http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				if r.Method != http.MethodPost || strings.Contains(r.URL.Path, "register") {
					return false
				}
				_, _ = io.WriteString(rw, `{"status": "success", "statuscode": "200", "records": 1, "seals": "`+seals+`"}`)
				return true
			})
			w.edit(office(7), set("name", "New"))
			if run, _ := w.run(replicate.Options{}); run.Delivered != 0 || run.Refused != 1 {
				t.Errorf("got %s\n%s", run.Counts, w.logs())
			}
		})
	}
}

// Where a file lies at the hub is seen only by looking.
func TestARecordWithAFileIsReadBack(t *testing.T) {
	w, n := newNodes(t, "org_office")
	asked := n.readBacks(nil)
	w.edit(office(1), func(r *core.Record) {
		r.Set(core.Field{Name: "name", Value: core.Text("New")})
		r.Set(core.Field{Name: "plan", Value: core.Value{Kind: core.File, Str: "http://elsewhere.example.org/plan.pdf", Aux: "plan.pdf"}})
	})
	w.edit(office(2), set("name", "Without"))
	if run := w.sync(); run.Delivered != 2 || *asked == 0 {
		t.Errorf("%s, read back %d times\n%s", run.Counts, *asked, w.logs())
	}
	w.quiet()
}

// What was pushed to a Fieldsync does not come back with the next pull, nor do
// components, as long as the two remember each other; what somebody changed since does.
func TestWhatWasSentDoesNotTravelBack(t *testing.T) {
	w, _ := newNodes(t, "pr_person")
	w.people(2)
	w.sync()
	w.moveOn(link("pr_person", 2))
	w.pass(time.Hour)
	w.sync()
	person, contact := link("pr_person", 8), link("pr_contact", 8)
	w.edit(person, set("first_name", "Ann"))
	w.edit(contact, func(r *core.Record) {
		r.Master, r.Alias = person, "contact"
		r.Set(core.Field{Name: "value", Value: core.Text("a@example.org")})
	})
	if run := w.sync(); run.Delivered != 2 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	if run := w.sync(); run.Received != 1 { // what the marker stands at is read again
		t.Errorf("it travels back: %s", run.Counts)
	}
	if run := w.sync(); run.Received != 0 { // it stands at what was sent now
		t.Errorf("the marker stays behind what is ours: %s", run.Counts)
	}
	w.change(contact, "value", "b@example.org")
	if run := w.sync(); run.Received == 0 {
		t.Errorf("got %s, want what was changed there", run.Counts)
	}
	w.agree(contact, "value", "b@example.org")
	w.agree(person, "first_name", "Ann")
	w.edit(person, set("first_name", "Anne"))
	w.sync()

	// Who has forgotten what it sent is given it.
	full, err := w.run(replicate.Options{Full: true})
	if err != nil || full.Received < 4 {
		t.Errorf("a full pull: %s, %v", full.Counts, err)
	}
	w.quiet()
}
