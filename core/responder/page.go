package responder

import (
	"errors"
	"io"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

const (
	pageRecords = 500     // top-level records of a document that are applied all or not at all
	pageBytes   = 4 << 20 // or fewer, if they are large
)

// A page is a part of a push that was read to its end, and what came of it. It counts
// only once the transaction has been committed in which it was applied.
type page struct {
	items []item
	last  bool       // the document ends behind it
	err   error      // why it could not be read
	room  *core.Room // where the records lie

	results
	winners map[core.Link]string // of conflicts: "ours", "theirs", …
	uploads []upload
}

// Results are what became of records.
type results struct {
	counts   core.Counts
	masters  int // top-level records of the push's resource, without those that could not be read
	created  []int
	updated  []int
	deleted  []int
	changed  map[core.Resource]bool
	refusals []s3xml.Refusal
	seals    []core.Seal
}

func newPage() *page {
	return &page{winners: make(map[core.Link]string), results: results{changed: make(map[core.Resource]bool)}}
}

// An item is a record or one that cannot be read.
type item struct {
	position int // in the push, counted from 1
	rec      *core.Record
	bad      *s3xml.RecordError
}

// fill reads up to so many records.
func (p *page) fill(d *s3xml.Decoder, position *int, records int) {
	d.Lend(p.room)
	for start := d.Offset(); len(p.items) < records && d.Offset()-start < pageBytes; {
		it := item{position: *position + 1, rec: &p.room.Records(1)[0]}
		err := d.Next(it.rec)
		if errors.Is(err, io.EOF) {
			p.last = true
			return
		}
		if err != nil && !errors.As(err, &it.bad) {
			p.items, p.err = nil, err
			return
		}
		*position++
		p.items = append(p.items, it)
	}
}

// tell notes what became of a record, and keeps nothing of it. The numbers of the
// lists are positions in the push: Eden lists its local ids, of which only the
// number of entries means something to the sender.
func (imp *importer) tell(p *page, it *item, l core.Link, v core.Verdict) {
	if reason := refusal(v, p.winners[l]); reason != "" {
		p.refusals = append(p.refusals, s3xml.Refusal{Link: core.Link{Resource: l.Resource, UUID: strings.Clone(l.UUID)}, Error: reason})
	}
	var list *[]int
	switch v.State {
	case core.StateCreated:
		list = &p.created
	case core.StateUpdated:
		list = &p.updated
	case core.StateDeleted:
		list = &p.deleted
	case core.StateMerged, core.StateConflict:
		list = &p.updated
		if it.rec.Deleted {
			list = &p.deleted
		}
	default:
		return
	}
	p.changed[l.Resource] = true
	if l == it.rec.Link() && l.Resource == imp.resource && !imp.sealing { // who asks for seals has no use for the numbers
		*list = append(*list, it.position)
	}
}
