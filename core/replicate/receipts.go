package replicate

import (
	"iter"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// A sentPart is of a record that was sent what is needed to note that it was delivered.
type sentPart struct {
	link    core.Link
	title   string
	deleted bool
	stamp   core.MTime // as sent
	read    core.Part
}

// toNote is what is needed of a part to note that it was delivered.
func (p part) toNote() sentPart {
	return sentPart{p.rec.Link(), p.rec.Title(), p.rec.Deleted, p.wire.ModifiedOn, p.read}
}

func (p *sentPart) seal() core.Seal { return core.SealOf(p.link, p.read.Hash, p.stamp) }

// Receipts are the sentParts of a stretch in the order they were sent, without the names of
// cleared fields. They are many, and there until the peer has answered: so they are packed,
// with nothing in them that the garbage collector has to follow.
type receipts struct {
	blocks [][]receipt // all but the last one full
	room   *[][]receipt
	count  int
	tables []core.Resource
	texts  []string // uuids and titles, of each batch in one
	text   []byte   // room for that
}

// A receipt is one of receipts.
type receipt struct {
	seq, row       int64
	stamp          core.MTime
	hash           core.Hash
	text           int32 // of texts
	at             int32 // in that, first the uuid
	uuid, title    int32 // their lengths
	table          int16 // of tables
	deleted, based bool
	out            bool // see keep
}

// receiptBlock is how many lie side by side: 32 KB.
const receiptBlock = 512

// drop gives the room of receipts that are of no more use to others; nil if there are none.
func (r *receipts) drop() {
	if r != nil {
		*r.room = append(*r.room, r.blocks...)
		*r = receipts{room: r.room}
	}
}

// add appends the receipts of a batch. Nothing else of its records stays in memory with
// them.
func (r *receipts) add(batch []*part) {
	r.text = r.text[:0]
	for _, p := range batch {
		uuid, title := p.rec.UUID, p.rec.Title()
		r.append(receipt{
			seq: p.read.Seq, row: p.read.Row, stamp: p.wire.ModifiedOn, hash: p.read.Hash,
			text: int32(len(r.texts)), at: int32(len(r.text)), uuid: int32(len(uuid)), title: int32(len(title)), //nolint:gosec // of a document, which is no larger
			table: r.table(p.rec.Resource), deleted: p.rec.Deleted, based: p.read.Based,
		})
		r.text = append(append(r.text, uuid...), title...)
	}
	r.texts = append(r.texts, string(r.text))
}

func (r *receipts) append(one receipt) {
	last := len(r.blocks) - 1
	if last < 0 || len(r.blocks[last]) == receiptBlock {
		last++
		if free := len(*r.room) - 1; free >= 0 {
			r.blocks = append(r.blocks, (*r.room)[free][:0])
			*r.room = (*r.room)[:free]
		} else {
			r.blocks = append(r.blocks, make([]receipt, 0, receiptBlock))
		}
	}
	r.blocks[last] = append(r.blocks[last], one)
	r.count++
}

// table returns the place of a table among tables, which are few.
func (r *receipts) table(resource core.Resource) int16 {
	i := slices.Index(r.tables, resource)
	if i < 0 {
		i = len(r.tables)
		r.tables = append(r.tables, resource)
	}
	return int16(i) //nolint:gosec // few
}

// all yields the parts.
func (r *receipts) all() iter.Seq[sentPart] {
	return func(yield func(sentPart) bool) {
		for _, block := range r.blocks {
			for i := range block {
				if !block[i].out && !yield(r.part(&block[i])) {
					return
				}
			}
		}
	}
}

// keep takes out those that keep does not want.
func (r *receipts) keep(keep func(sentPart) bool) {
	for _, block := range r.blocks {
		for i := range block {
			if one := &block[i]; !one.out && !keep(r.part(one)) {
				one.out = true
				r.count--
			}
		}
	}
}

func (r *receipts) part(one *receipt) sentPart {
	text := r.texts[one.text][one.at:]
	return sentPart{
		link:  core.Link{Resource: r.tables[one.table], UUID: text[:one.uuid]},
		title: text[one.uuid : one.uuid+one.title], deleted: one.deleted, stamp: one.stamp,
		read: core.Part{Seq: one.seq, Hash: one.hash, Based: one.based, Row: one.row},
	}
}
