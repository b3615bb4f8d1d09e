package replicate_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// isStream reports whether a request brings a document of unknown length.
func isStream(r *http.Request) bool { return isPush(r) && r.ContentLength < 0 }

// pushes counts the documents that the hub got: batches, and those of unknown length.
type pushes struct{ batches, streams int }

// atStream lets fn do something with each long document; it counts all.
func (n *node) atStream(fn func(http.ResponseWriter, *http.Request, http.Handler) bool) *pushes {
	p := new(pushes)
	n.meddle(func(rw http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		if !isStream(r) {
			if isPush(r) {
				p.batches++
			}
			return false
		}
		p.streams++
		return fn != nil && fn(rw, r, answer)
	})
	return p
}

// newOffices are n offices that only the laptop has; five go in a batch.
func newOffices(t *testing.T, count int) (*world, *node) {
	t.Helper()
	w, n := newNodes(t, "org_office")
	w.sync()
	for i := 1; i <= count; i++ {
		w.edit(office(i), set("name", fmt.Sprintf("New %d", i)))
	}
	return w, n
}

// allThere checks that the hub has all offices as they are here, and nothing more.
func (w *world) allThere(n *node, count int) {
	w.t.Helper()
	for i := 1; i <= count; i++ {
		here := w.here(office(i))
		w.agree(office(i), "name", here.Value("name").Str)
	}
	if alive, err := n.db.Alive(w.t.Context(), "org_office"); err != nil || alive != count {
		w.t.Errorf("%d are at the hub, %v, want %d", alive, err, count)
	}
}

// receipts counts the deliveries noted of each record.
func (w *world) receipts() map[core.Link]int {
	w.t.Helper()
	count := make(map[core.Link]int)
	err := w.db.Deliveries(w.t.Context(), storage.DeliveryQuery{}, func(d core.Delivery) error {
		count[d.Record]++
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return count
}

func TestWhatFollowsAProvedBatchGoesInOneDocument(t *testing.T) {
	w, n := newOffices(t, 43)
	asked := n.readBacks(nil)
	if run := w.sync(); run.Sent != 43 || run.Delivered != 43 || *asked != 0 {
		t.Fatalf("%s, read back %d times\n%s", run.Counts, *asked, w.logs())
	}
	w.allThere(n, 43)
	for l, times := range w.receipts() {
		if times != 1 {
			t.Errorf("%d receipts of %v", times, l)
		}
	}
	w.quiet()

	for i := 1; i <= 43; i++ {
		w.edit(office(i), set("name", fmt.Sprintf("Newer %d", i)))
	}
	got := n.atStream(nil)
	w.engine.Tuning.Stream = 15
	if run := w.sync(); run.Sent != 43 || run.Delivered != 43 || *got != (pushes{1, 3}) {
		t.Errorf("%s in %+v\n%s", run.Counts, *got, w.logs())
	}
	w.allThere(n, 43)
	w.quiet()

	w.edit(office(1), set("name", "once"))
	w.edit(office(2), set("name", "more"))
	if w.sync(); *got != (pushes{2, 3}) {
		t.Errorf("a few records went as %+v", *got)
	}
}

// overALine makes the hub one of another computer, as far as the engine knows.
func (w *world) overALine() {
	w.engine.Connect = func(r core.Repository, n core.Node) (replicate.Peer, error) {
		here, err := url.Parse(r.URL)
		if err != nil {
			return nil, err
		}
		r.URL = strings.Replace(r.URL, here.Host, "hub.example", 1)
		return eden.New(r, n, eden.Options{Retries: -1, Now: w.clock.Now, Transport: edentest.CalledAs(here.Host)})
	}
}

// Over a line everything goes packed to a Fieldsync; a hub that cannot unpack it after all
// gets it as it is.
func TestToAnotherComputerEverythingGoesPacked(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		t.Run(fmt.Sprint(refuses), func(t *testing.T) {
			w, n := newOffices(t, 43)
			w.overALine()
			plain, packed := 0, 0
			n.meddle(func(rw http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				switch is := r.Header.Get("Content-Encoding") == "zstd"; {
				case !isPush(r):
				case is && refuses:
					packed++
					rw.WriteHeader(http.StatusUnsupportedMediaType)
					return true
				case is:
					packed++
				default:
					plain++
				}
				return false
			})
			w.engine.Tuning.Stream = 15
			if run := w.sync(); run.Sent != 43 || run.Delivered != 43 {
				t.Errorf("%s\n%s", run.Counts, w.logs())
			}
			if refuses && (packed != 1 || plain == 0) || !refuses && (plain != 0 || packed < 3) {
				t.Errorf("%d documents went packed, %d did not", packed, plain)
			}
			w.allThere(n, 43)
			w.quiet()
		})
	}
}

// Whoever takes no document of unknown length gets batches: a proxy that wants to
// know its length, or a Fieldsync that finds it too large.
func TestWhereNoLongDocumentIsTakenBatchesGo(t *testing.T) {
	for _, status := range []int{http.StatusLengthRequired, http.StatusRequestEntityTooLarge, http.StatusInternalServerError, http.StatusBadRequest} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w, n := newOffices(t, 23)
			got := n.atStream(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
				http.Error(rw, "no", status)
				return true
			})
			if run := w.sync(); run.Sent != 23 || run.Delivered != 23 || run.Refused != 0 {
				t.Errorf("%s\n%s", run.Counts, w.logs())
			}
			if got.streams != 1 || got.batches != 5 {
				t.Errorf("it went as %+v", *got)
			}
			w.allThere(n, 23)
			w.quiet()
		})
	}
}

// What one table shows of the line counts for the next one.
func TestALongDocumentThatIsNotTakenIsTriedOnceInARun(t *testing.T) {
	w, n := newNodes(t, "org_office", "org_organisation")
	w.sync()
	for i := 1; i <= 13; i++ {
		w.edit(office(i), set("name", fmt.Sprintf("New %d", i)))
		w.edit(link("org_organisation", 100+i), set("name", fmt.Sprintf("New %d", i)))
	}
	got := n.atStream(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
		http.Error(rw, "no", http.StatusRequestEntityTooLarge)
		return true
	})
	if run := w.sync(); run.Sent != 26 || run.Delivered != 26 || *got != (pushes{6, 1}) {
		t.Errorf("%s in %+v\n%s", run.Counts, *got, w.logs())
	}
	w.allThere(n, 13)
	w.quiet()
}

// A password that is refused is not tried a second time (PROMISES 19).
func TestAPasswordRefusedForALongDocumentIsNotTriedAgain(t *testing.T) {
	w, n := newOffices(t, 23)
	got := n.atStream(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
		http.Error(rw, "no", http.StatusUnauthorized)
		return true
	})
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.Unauthorized) || run.Delivered != 5 || *got != (pushes{1, 1}) {
		t.Errorf("%s, %v: it went as %+v\n%s", run.Counts, err, *got, w.logs())
	}
	n.meddle(nil)
	w.sync()
	w.allThere(n, 23)
	w.quiet()
}

// A Fieldsync that seals nothing is asked what it has, and not sent it again.
func TestALongDocumentWithoutSealsIsReadBack(t *testing.T) {
	w, n := newOffices(t, 23)
	got := n.atStream(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "&seals=1", "")
		return false
	})
	if run := w.sync(); run.Sent != 23 || run.Delivered != 23 || *got != (pushes{1, 1}) {
		t.Errorf("%s in %+v\n%s", run.Counts, *got, w.logs())
	}
	w.allThere(n, 23)
	w.quiet()
}

// What arrived before a document broke is found there, counts as delivered and is not
// sent again; the rest goes with the next run.
func TestALongDocumentThatBreaksIsAskedForFirst(t *testing.T) {
	for name, after := range map[string]int{"at its beginning": 500, "in the middle": 3000, "before the answer": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			w, n := newOffices(t, 43)
			resent := 0
			got := n.atStream(func(_ http.ResponseWriter, r *http.Request, answer http.Handler) bool {
				content := bodyOf(r)
				part := strings.NewReader(content[:min(after, len(content))])
				r.Body = io.NopCloser(io.MultiReader(part, brokenOff{len(content) <= after}))
				answer.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			})
			run, err := w.run(replicate.Options{})
			if err == nil || run.Sent != 43 || run.Refused != 0 {
				t.Fatalf("%s, %v\n%s", run.Counts, err, w.logs())
			}
			there, err := n.db.Alive(t.Context(), "org_office")
			if err != nil || run.Delivered != there || *got != (pushes{1, 1}) {
				t.Errorf("%d are there, %v: %s in %+v", there, err, run.Counts, *got)
			}
			n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				if isPush(r) {
					resent += strings.Count(bodyOf(r), "<resource ")
				}
				return false
			})
			if run := w.sync(); run.Delivered != 43-there || resent != 43-there {
				t.Errorf("%d were there, then %s, %d sent", there, run.Counts, resent)
			}
			w.allThere(n, 43)
			w.quiet()
		})
	}
}

// A proxy gives up waiting, although the hub has stored all of it, some, or nothing.
func TestALongDocumentForWhichAProxyLostPatienceIsAskedForFirst(t *testing.T) {
	for name, after := range map[string]int{"nothing was stored": 0, "some of it": 3000, "all of it": 1 << 20} {
		for _, status := range []int{http.StatusGatewayTimeout, http.StatusBadGateway} {
			t.Run(fmt.Sprint(name, status), func(t *testing.T) {
				w, n := newOffices(t, 43)
				there, resent := 0, 0
				n.meddle(func(rw http.ResponseWriter, r *http.Request, answer http.Handler) bool {
					if !isPush(r) {
						return false
					}
					content := bodyOf(r)
					if !isStream(r) {
						if there > 0 {
							resent += strings.Count(content, "<resource ")
						}
						return false
					}
					part := strings.NewReader(content[:min(after, len(content))])
					r.Body = io.NopCloser(io.MultiReader(part, brokenOff{len(content) <= after}))
					if after > 0 {
						answer.ServeHTTP(httptest.NewRecorder(), r)
					}
					there, _ = n.db.Alive(r.Context(), "org_office")
					http.Error(rw, "injected", status)
					return true
				})
				run := w.sync()
				if run.Sent != 43 || run.Delivered != 43 || run.Refused != 0 {
					t.Errorf("%s\n%s", run.Counts, w.logs())
				}
				if there == 0 || resent != 43-there {
					t.Errorf("%d were there, %d were sent again", there, resent)
				}
				for l, times := range w.receipts() {
					if times != 1 {
						t.Errorf("%d receipts of %v", times, l)
					}
				}
				w.allThere(n, 43)
				w.quiet()
			})
		}
	}
}

// brokenOff is the end of a connection, or of a document.
type brokenOff struct{ whole bool }

func (b brokenOff) Read([]byte) (int, error) {
	if b.whole {
		return 0, io.EOF
	}
	return 0, io.ErrUnexpectedEOF
}

// Where nobody can be asked any more nothing is known of what was sent.
func TestALongDocumentOfWhichNothingIsKnownStaysUnsent(t *testing.T) {
	w, n := newOffices(t, 43)
	if run := w.runUnheard(n, isStream); run.Sent != 43 || run.Delivered != 5 || run.Refused != 0 {
		t.Fatalf("%s\n%s", run.Counts, w.logs())
	}
	if run := w.sync(); run.Conflicts != 0 || run.Refused != 0 {
		t.Errorf("%s\n%s", run.Counts, w.logs())
	}
	w.allThere(n, 43)
	w.quiet()
}

// One that somebody changed there meanwhile, and one that does not arrive under its
// name, among many that are sealed.
func TestWhatIsNotSealedOfALongDocumentIsJudgedByItself(t *testing.T) {
	t.Run("of the only one", func(t *testing.T) { judgedByItself(t, 0, pushes{1, 1}) })
	t.Run("of one that others follow", func(t *testing.T) { judgedByItself(t, 15, pushes{2, 3}) })
}

func judgedByItself(t *testing.T, stream int, want pushes) {
	t.Helper()
	w, n := newNodes(t, "org_office")
	w.engine.Tuning.Stream = stream
	w.offices(43)
	w.sync()
	w.pass(time.Hour)
	for i := 1; i <= 43; i++ {
		w.edit(office(i), set("name", fmt.Sprintf("Newer %d", i)))
	}
	w.edit(office(50), set("name", "Lost"))
	w.pass(time.Minute)
	var got *pushes
	got = n.atStream(func(rw http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		if got.streams == 1 {
			w.change(office(20), "name", "theirs")
		}
		withBody(r, strings.Replace(bodyOf(r), office(50).UUID, "urn:uuid:another", 1))
		answer.ServeHTTP(rw, r)
		return true
	})
	asked := n.readBacksBesides()
	run := w.sync()
	if run.Sent != 44 || run.Delivered != 42 || run.Refused != 2 || *got != want || *asked == 0 {
		t.Errorf("%s in %+v, asked %d times\n%s", run.Counts, *got, *asked, w.logs())
	}
	if q := w.asideFor(); len(q) != 1 || q[office(50)] == "" {
		t.Errorf("set aside: %v", q)
	}
	n.meddle(nil)
	w.sync()
	w.agree(office(20), "name", "theirs") // the newer one
	w.agree(office(19), "name", "Newer 19")
	w.agree(office(43), "name", "Newer 43")
	if times := w.receipts()[office(20)]; times != 0 {
		t.Errorf("%d receipts of what the hub did not take", times)
	}
}

// readBacksBesides counts what is asked by uuid, and lets what was meddled with before
// go on.
func (n *node) readBacksBesides() *int {
	count := new(int)
	n.mu.Lock()
	before := n.fault
	n.mu.Unlock()
	n.meddle(func(rw http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		if strings.Contains(r.URL.RawQuery, "uuid__belongs") {
			*count++
		}
		return before(rw, r, answer)
	})
	return count
}

// A hookedStore does something once, when a batch is read from a place on.
type hookedStore struct {
	*storage.DB
	once  sync.Once
	calls int
	at    int
	do    func()
}

func (s *hookedStore) Outgoing(ctx context.Context, task core.Task, now core.MTime, after int64, limit int, lending *core.Lending) ([]core.Outgoing, int64, error) {
	if s.calls++; s.calls == s.at {
		s.once.Do(s.do)
	}
	return s.DB.Outgoing(ctx, task, now, after, limit, lending)
}

// What is edited after it was written into a document, and before that was answered, is
// sent again as what it is then: in the same run, at its new place.
func TestAnEditWhileALongDocumentIsWrittenIsNotLost(t *testing.T) {
	w, n := newOffices(t, 43)
	w.engine.Tuning.InTurn = true
	store := &hookedStore{DB: w.db, at: 6, do: func() {
		w.edit(office(8), set("name", "edited"))                                     // written
		w.edit(office(40), set("name", "edited, too"))                               // not yet
		w.edit(office(9), func(r *core.Record) { r.Deleted, r.Fields = true, nil })  // written
		w.edit(office(41), func(r *core.Record) { r.Deleted, r.Fields = true, nil }) // not yet
		w.edit(office(60), set("name", "made meanwhile"))                            // new
	}}
	w.engine.Store = store
	run := w.sync()
	if run.Sent != 44 || run.Delivered != 44 || run.Refused != 0 {
		t.Errorf("%s\n%s", run.Counts, w.logs())
	}
	w.agree(office(8), "name", "edited")
	w.agree(office(40), "name", "edited, too")
	w.agree(office(60), "name", "made meanwhile")
	if there, is := n.Get(office(9)); !is || !there.Deleted {
		t.Errorf("the deletion did not arrive: %+v", there)
	}
	w.engine.Store = w.db
	w.quiet()
}

// A record with a file ends the document before it, and goes in a batch; what follows
// that is read back, too.
func TestARecordWithAFileIsInNoLongDocument(t *testing.T) {
	w, n := newOffices(t, 23)
	w.edit(office(30), func(r *core.Record) {
		r.Set(core.Field{Name: "name", Value: core.Text("New")})
		r.Set(core.Field{Name: "plan", Value: core.Value{Kind: core.File, Str: "http://elsewhere.example.org/plan.pdf", Aux: "plan.pdf"}})
	})
	for i := 31; i <= 43; i++ {
		w.edit(office(i), set("name", "New"))
	}
	files := 0
	got := n.atStream(func(rw http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		files += strings.Count(bodyOf(r), "plan.pdf")
		answer.ServeHTTP(rw, r)
		return true
	})
	if run := w.sync(); run.Sent != 37 || run.Delivered != 37 || files != 0 || got.streams == 0 {
		t.Errorf("%s in %+v, %d files\n%s", run.Counts, *got, files, w.logs())
	}
	w.agree(office(30), "name", "New")
	w.agree(office(43), "name", "New")
	w.quiet()
}

// What was read for a long document and goes in a batch after all is all there, and is
// proved and kept with all that it has.
func TestWhatIsTakenOutOfALongDocumentIsWhole(t *testing.T) {
	w, n := newOffices(t, 23)
	for i := 24; i <= 43; i++ {
		w.edit(office(i), func(r *core.Record) {
			r.Set(core.Field{Name: "name", Value: core.Text("New")})
			r.Set(core.Field{Name: "phone", Value: core.Text(fmt.Sprint("+977 ", i))})
			if i == 30 {
				r.Set(core.Field{Name: "plan", Value: core.Value{Kind: core.File, Str: "http://elsewhere.example.org/plan.pdf", Aux: "plan.pdf"}})
			}
		})
	}
	streams := 0
	n.meddle(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if isStream(r) {
			streams++
		} else if streams > 0 {
			r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "&seals=1", "")
		}
		return false
	})
	if run := w.sync(); run.Sent != 43 || run.Delivered != 43 || streams == 0 {
		t.Errorf("%s, %d long documents\n%s", run.Counts, streams, w.logs())
	}
	for i := 24; i <= 43; i++ {
		w.agree(office(i), "phone", fmt.Sprint("+977 ", i))
		here := w.here(office(i))
		base, err := w.db.Base(t.Context(), w.repo.ID, office(i))
		if err != nil || !core.SameContent(&base, &here) {
			t.Errorf("both sides agreed on %+v (%v), and here is %+v", base, err, here)
		}
	}
	w.quiet()
}

// What is edited once more after it was written into a document grew from what was written:
// the other side has that, and nobody changed anything there.
func TestASecondEditWhileALongDocumentIsWrittenClashesWithNothing(t *testing.T) {
	for _, at := range []int{5, 6, 8} { // at the place where it is written, while the answer is waited for, and later
		for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyAsk, core.PolicyOther} {
			t.Run(fmt.Sprintf("%d %s", at, policy), func(t *testing.T) {
				w, n := newOffices(t, 43)
				w.sync()
				task := w.task("org_office")
				task.Conflict = policy
				if err := w.db.UpdateTask(t.Context(), task); err != nil {
					t.Fatal(err)
				}
				w.pass(time.Hour)
				for i := 1; i <= 43; i++ {
					w.edit(office(i), set("phone", "first"))
				}
				w.engine.Tuning.InTurn, w.engine.Tuning.Stream = true, 15
				w.engine.Store = &hookedStore{DB: w.db, at: at, do: func() {
					w.edit(office(8), set("phone", "second"))
				}}
				if run := w.sync(); run.Refused != 0 || run.Conflicts != 0 {
					t.Errorf("%s\n%s", run.Counts, w.logs())
				}
				w.engine.Store = w.db
				if run := w.sync(); run.Refused != 0 || run.Conflicts != 0 {
					t.Errorf("%s\n%s", run.Counts, w.logs())
				}
				w.agree(office(8), "phone", "second")
				if list, err := n.db.Conflicts(t.Context(), storage.ConflictQuery{}); err != nil || len(list) != 0 {
					t.Errorf("the hub has %d conflicts, %v", len(list), err)
				}
				w.quiet()
			})
		}
	}
}

// So it is where nobody heard that the first edit arrived: the answer was lost, and nothing
// could be asked before the run ended.
func TestASecondEditAfterALostAnswerClashesWithNothing(t *testing.T) {
	for _, count := range []int{3, 43} { // a batch, and long documents behind one
		for _, policy := range []core.Policy{core.PolicyNewer, core.PolicyAsk, core.PolicyOther} {
			t.Run(fmt.Sprintf("%d %s", count, policy), func(t *testing.T) {
				w, n := newOffices(t, count)
				w.sync()
				task := w.task("org_office")
				task.Conflict = policy
				if err := w.db.UpdateTask(t.Context(), task); err != nil {
					t.Fatal(err)
				}
				w.pass(time.Hour)
				for i := 1; i <= count; i++ {
					w.edit(office(i), set("phone", "first"))
				}
				w.runUnheard(n, func(r *http.Request) bool { return isPush(r) && (count < 5 || isStream(r)) })
				w.edit(office(count), set("phone", "second"))
				w.edit(office(2), func(r *core.Record) { r.Unset("phone") }) // as before the first edit
				if run := w.sync(); run.Refused != 0 || run.Conflicts != 0 {
					t.Errorf("%s\n%s", run.Counts, w.logs())
				}
				w.agree(office(count), "phone", "second")
				w.agree(office(1), "phone", "first")
				w.agree(office(2), "phone", "")
				if list, err := n.db.Conflicts(t.Context(), storage.ConflictQuery{}); err != nil || len(list) != 0 {
					t.Errorf("the hub has %d conflicts, %v", len(list), err)
				}
				w.quiet()
			})
		}
	}
}

// runUnheard is a run that hears no answer any more from a request on: the hub stores what is
// pushed to it all the same.
func (w *world) runUnheard(n *node, from func(*http.Request) bool) core.Run {
	w.t.Helper()
	gone := false
	n.meddle(func(_ http.ResponseWriter, r *http.Request, answer http.Handler) bool {
		if gone = gone || from(r); gone {
			if isPush(r) {
				answer.ServeHTTP(httptest.NewRecorder(), r)
			}
			panic(http.ErrAbortHandler)
		}
		return false
	})
	defer n.meddle(nil)
	run, err := w.run(replicate.Options{})
	if err == nil {
		w.t.Fatal("the answer was to be lost")
	}
	return run
}

// Nor does what was taken out of a new record again come back, of which nobody heard that it
// arrived as it was first.
func TestWhatWasTakenOutAgainAfterALostAnswerStaysOut(t *testing.T) {
	w, n := newOffices(t, 3)
	w.edit(office(2), set("phone", "first"))
	w.runUnheard(n, isPush)
	w.pass(time.Minute)
	w.edit(office(2), func(r *core.Record) { r.Unset("phone") })
	w.sync()
	w.agree(office(2), "phone", "")
	w.agree(office(2), "name", "New 2")
	w.quiet()
}
