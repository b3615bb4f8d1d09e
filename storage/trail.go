package storage

import (
	"fmt"
	"sync"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
)

// maxTrails bounds how many exports in pages are remembered.
const maxTrails = 64

// maxTrail bounds the masters remembered of one page; a page that is larger is
// counted to its end when the next one is asked for.
const maxTrail = 5000

// trails remember where the pages of recent exports ended. A peer asks for a
// page by a number of masters to leave out; counting them from the beginning again
// for every page would take longer and longer. A trail also makes the pages fit
// together when records change in between: what changed comes again at the end, and
// nothing is jumped over.
type trails struct {
	mu   sync.Mutex // guards last
	last map[string]trail
}

// A trail is the last page of an export, with the master before it: the places in
// the export's order, and the number of the first one.
type trail struct {
	first  int
	places []exportPlace
}

// An exportPlace is where a master stands in the order of an export.
type exportPlace struct {
	modifiedOn core.MTime
	id         int64
}

// trailName is equal for all pages of an export.
func trailName(q responder.ExportQuery) string {
	q.Start, q.Limit = 0, 0
	return fmt.Sprintf("%#v", q)
}

// before returns the place of the master that comes right before number start.
func (t *trails) before(q responder.ExportQuery) (exportPlace, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.last[trailName(q)]
	if i := q.Start - 1 - known.first; i >= 0 && i < len(known.places) {
		return known.places[i], true
	}
	return exportPlace{}, false
}

// leave remembers the page that the query returned.
func (t *trails) leave(q responder.ExportQuery, page trail) {
	if q.Limit == 0 || len(page.places) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil || len(t.last) >= maxTrails {
		t.last = make(map[string]trail)
	}
	t.last[trailName(q)] = page
}
