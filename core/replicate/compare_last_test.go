package replicate_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// whole reports whether a request asks for records whatever their stamp, as a
// comparison does.
func whole(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".xml") && !r.URL.Query().Has("msince") && !strings.Contains(r.URL.RawQuery, "sync_config") && !strings.Contains(r.URL.RawQuery, ".uuid") && !strings.Contains(r.URL.RawQuery, "%5Duuid")
}

func TestWhatWasEditedDoesNotWaitForAComparison(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(5)
	w.sync()
	w.quiet()
	w.pass(25 * time.Hour)
	w.edit(office(2), set("phone", "new"))
	compared := w.task("org_office").Compared
	broken := true
	w.eden.InjectOn(func(r *http.Request) bool { return broken && whole(r) }, 100, edentest.Reset())
	if run, err := w.run(replicate.Options{}); err == nil || run.Delivered != 1 {
		t.Errorf("got %v, %s\n%s", err, run.Counts, w.logs())
	}
	w.agree(office(2), "phone", "new")
	if got := w.task("org_office").Compared; got != compared {
		t.Errorf("it was not compared, and is said to be at %s", got)
	}
	broken = false
	w.sync()
	if got := w.task("org_office").Compared; got == compared {
		t.Error("it was not compared when that could be done")
	}
	w.quiet()
}

func TestATableThatTakesTooLongToReadIsComparedByItsStamps(t *testing.T) {
	for name, slow := range map[string]time.Duration{"a slow line": 10 * time.Second, "a quick line": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(1010) // more than come as a whole
			w.sync()
			late := rec(office(2000), "name", "Late")
			late.ModifiedOn = w.task("org_office").LastPull.Add(-time.Hour)
			w.eden.Put(late)
			w.pass(25 * time.Hour)
			pages := 0
			w.eden.InjectOn(func(r *http.Request) bool { // as it is seen from here, the server takes so long
				if whole(r) && !strings.Contains(r.URL.RawQuery, "fields=") {
					w.clock.Advance(slow)
					pages++
				}
				return false
			}, 1, edentest.Reset())
			w.sync()
			w.agree(office(2000), "name", "Late")
			if slow := slow > time.Second; slow != (pages < 10) {
				t.Errorf("%d pages were read, and the record that came late", pages)
			}
		})
	}
}
