package responder_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
)

// orgs are n elements, from the number on.
func orgs(from, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(org(fmt.Sprintf("urn:uuid:%d", from+i), "N", "2026-01-01T00:00:00"))
	}
	return b.String()
}

// begin sends a push whose body is still to be written. The reply is there once the
// responder has answered.
func (s *site) begin(query string) (body *io.PipeWriter, answered <-chan reply) {
	s.t.Helper()
	r, w := io.Pipe()
	s.t.Cleanup(func() { _ = w.Close() })
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.http.URL+"/eden/sync/sync.xml?"+query, r)
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(user, password.Reveal())
	done := make(chan reply, 1)
	go func() {
		defer close(done)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := client.Do(req)
		if err != nil {
			return
		}
		defer res.Body.Close()
		content, _ := io.ReadAll(res.Body)
		done <- reply{res, string(content)}
	}()
	return w, done
}

func (s *site) write(w io.Writer, text string) {
	s.t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		s.t.Fatal(err)
	}
}

// waitFor asks until it is so.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatal("in vain: " + what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// importCount counts the transactions in which something is written.
type importCount struct {
	responder.Store
	imports atomic.Int64
}

func (c *importCount) Import(ctx context.Context, fn func(intake.Tx) error) error {
	c.imports.Add(1)
	return c.Store.Import(ctx, fn)
}

func TestPagesThatComeQuicklyAreAppliedTogether(t *testing.T) {
	for name, change := range map[string]func(*responder.Options){
		"ahead": func(*responder.Options) {}, "in turn": func(o *responder.Options) { o.InTurn = true },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			opts := responder.Options{Now: s.clock.Now, Page: 10, Import: 40}
			change(&opts)
			store := &importCount{Store: s.store}
			s.http.Config.Handler = responder.New(store, opts)
			m := s.push(toOrganisations, document(orgs(0, 95))).message(t)
			if !m.OK() || m.Records != 95 || len(m.Created) != 95 || m.Created[94] != 95 || len(m.Seals) != 0 {
				t.Errorf("%+v", m)
			}
			if n := len(s.store.Records("org_organisation")); n != 95 {
				t.Errorf("%d records are stored", n)
			}
			if n := store.imports.Load(); n != 3 {
				t.Errorf("%d transactions, want 40 records, 40 and 15", n)
			}
			sealed := s.push(toOrganisations+"&seals=1", document(orgs(95, 30))).message(t)
			if !sealed.OK() || sealed.Records != 30 || len(sealed.Seals) != 30 || len(sealed.Created) != 0 {
				t.Errorf("with seals: %+v", sealed)
			}
		})
	}
}

// A placeStore sees where the fields lie of the records that are put.
type placeStore struct {
	responder.Store
	places map[*core.Field]bool
}

type placeTx struct {
	intake.Tx
	places map[*core.Field]bool
}

func (s *placeStore) Import(ctx context.Context, fn func(intake.Tx) error) error {
	return s.Store.Import(ctx, func(tx intake.Tx) error { return fn(placeTx{tx, s.places}) })
}

func (tx placeTx) Put(ctx context.Context, rec *core.Record, change core.Change) error {
	tx.places[&rec.Fields[0]] = true
	return tx.Tx.Put(ctx, rec, change)
}

// However long a push is, its records lie where those lay that are stored.
func TestTheRecordsOfAPushShareTwoRooms(t *testing.T) {
	for _, inTurn := range []bool{false, true} {
		t.Run(fmt.Sprint("in turn ", inTurn), func(t *testing.T) {
			s := newSite(t, nil)
			s.admit()
			store := &placeStore{s.store, make(map[*core.Field]bool)}
			s.http.Config.Handler = responder.New(store, responder.Options{Now: s.clock.Now, Page: 10, Import: 40, InTurn: inTurn})
			var all strings.Builder
			for i := range 95 {
				all.WriteString(org(fmt.Sprintf("urn:uuid:%d", i), fmt.Sprint("N", i), "2026-01-01T00:00:00"))
			}
			if m := s.push(toOrganisations, document(all.String())).message(t); !m.OK() || m.Records != 95 {
				t.Fatalf("%+v", m)
			}
			if n := len(store.places); n > 2*10 {
				t.Errorf("records of pages of ten lay in %d places", n)
			}
			names := make(map[string]bool)
			for _, rec := range s.store.Records("org_organisation") {
				names[rec.UUID+" is "+rec.Value("name").Str] = true
			}
			for i := range 95 {
				if !names[fmt.Sprintf("urn:uuid:%d is N%d", i, i)] {
					t.Errorf("number %d is another one: %v", i, names)
				}
			}
		})
	}
}

// An awaitedStore always has somebody who waits to write.
type awaitedStore struct{ *importCount }

func (awaitedStore) Awaited() bool { return true }

// Whoever waits to write comes next: no page joins the one being written.
func TestAPushGivesWayToWhoeverWaitsToWrite(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	store := &importCount{Store: s.store}
	s.http.Config.Handler = responder.New(awaitedStore{store}, responder.Options{Now: s.clock.Now, Page: 10})
	if m := s.push(toOrganisations, document(orgs(0, 95))).message(t); !m.OK() || m.Records != 95 {
		t.Errorf("%+v", m)
	}
	if n := store.imports.Load(); n != 10 {
		t.Errorf("%d transactions, want one for each page", n)
	}
}

// Whoever sends slowly keeps nobody from writing: what has come is stored, and the
// rest waits outside of a transaction.
func TestASlowSenderHoldsNoLock(t *testing.T) {
	s := newSite(t, func(o *responder.Options) { o.Page = 10 })
	s.admit()
	body, answered := s.begin(toOrganisations)
	s.write(body, "<s3xml>"+orgs(0, 25))
	waitFor(t, "the whole pages are stored", func() bool { return len(s.store.Records("org_organisation")) == 20 })
	s.edit(organisation("urn:uuid:mine", "mine", "2026-01-01T00:00:00"))
	s.write(body, orgs(25, 5)+"</s3xml>")
	_ = body.Close()
	r, ok := <-answered
	if !ok || !r.message(t).OK() || r.message(t).Records != 30 {
		t.Fatalf("%+v", r)
	}
	if n := len(s.store.Records("org_organisation")); n != 31 {
		t.Errorf("%d records are stored", n)
	}
}

// A store that fails ends a push at once, also while more of it is waited for.
func TestTroubleWithTheStoreDoesNotWaitForTheSender(t *testing.T) {
	s := newSite(t, nil)
	s.admit()
	s.http.Config.Handler = responder.New(refusing{s.store, &core.Problem{Kind: core.DiskFull}}, responder.Options{Now: s.clock.Now, Page: 10})
	body, answered := s.begin(toOrganisations)
	s.write(body, "<s3xml>"+orgs(0, 15))
	select {
	case r, ok := <-answered:
		if !ok || r.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%+v", r)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it waits for the rest of the body")
	}
}

// A faulty reader panics after the beginning of a body.
type faulty struct{ io.Reader }

func (f faulty) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if errors.Is(err, io.EOF) {
		panic("injected")
	}
	return n, err
}

// A panic while a push is read ends that push, and not the program that answers others.
func TestAPanicWhileAPushIsReadEndsThePushAlone(t *testing.T) {
	s := newSite(t, func(o *responder.Options) { o.Page = 10 })
	s.admit()
	req := httptest.NewRequest(http.MethodPost, "/eden/sync/sync.xml?"+toOrganisations, faulty{strings.NewReader("<s3xml>" + orgs(0, 25))})
	req.SetBasicAuth(user, password.Reveal())
	got := httptest.NewRecorder()
	s.http.Config.Handler.ServeHTTP(got, req)
	if got.Code != http.StatusInternalServerError {
		t.Errorf("answered %d: %s", got.Code, got.Body)
	}
	if m := s.push(toOrganisations, document(orgs(0, 25))).message(t); !m.OK() || m.Records != 25 {
		t.Errorf("the next push: %+v", m)
	}
}

// What was read whole before a body broke off stays, and is said to.
func TestWhatCameBeforeABreakStays(t *testing.T) {
	s := newSite(t, func(o *responder.Options) { o.Page = 10 })
	s.admit()
	body, answered := s.begin(toOrganisations)
	s.write(body, "<s3xml>"+orgs(0, 25))
	_ = body.CloseWithError(io.ErrUnexpectedEOF)
	<-answered
	waitFor(t, "the pages before the break", func() bool { return len(s.store.Records("org_organisation")) == 20 })
	waitFor(t, "the row that tells of it", func() bool {
		return slices.ContainsFunc(s.store.Log(), func(e core.LogEntry) bool {
			return e.Result == core.ResultFatal && strings.Contains(e.Message, "the 20 records before it were received")
		})
	})
}
