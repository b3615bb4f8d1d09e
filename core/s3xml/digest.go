package s3xml

import (
	"crypto/sha256"

	"github.com/fieldsync/fieldsync/core"
)

// digestForm is part of every digest. It is to be raised when records are read from
// the same bytes in another way, or core.Hash takes another content from them: then
// no digest that was stored before is met again.
const digestForm = 2

// A mark is where a record of an element lies in the buffer.
type mark struct {
	begin, end int // from '<' of its start tag to behind its end tag
	parent     int // index of the mark of its master, -1 for the element itself
	table      string
	uuid       []byte
	modified   []byte // only where elements are looked over
}

// digest computes the digest of the nth record of an element: SHA-256, as of a
// content, because who could make two records alike could hide a change. Marks are
// in the order of the document.
func (d *Decoder) digest(marks []mark, n int) core.Digest {
	if d.hash == nil {
		d.hash = sha256.New()
	}
	m := &marks[n]
	b := append(d.sum[:0], digestForm)
	if m.parent >= 0 {
		b = append(append(append(b, marks[m.parent].table...), 0), marks[m.parent].uuid...)
	}
	b = append(b, 0)
	d.hash.Reset()
	d.hash.Write(b)
	from := m.begin
	for i := n + 1; i < len(marks) && marks[i].begin < m.end; i++ {
		if marks[i].parent == n {
			d.hash.Write(d.s.buf[from:marks[i].begin])
			d.hash.Write(between)
			from = marks[i].end
		}
	}
	d.hash.Write(d.s.buf[from:m.end])
	d.sum = d.hash.Sum(b[:0])
	return core.Digest(d.sum[:16])
}

// between stands where a component was; no XML has it, so that the parts cannot be
// mistaken.
var between = []byte{0}

// takeDigests gives the records of the element that was read their digests, unless
// some of its bytes are of none of them: an account, or a record inside of a
// reference.
func (d *Decoder) takeDigests() {
	if len(d.draft.private) > 0 {
		return
	}
	d.marks = d.marks[:0]
	for i := range d.draft.records {
		r := &d.draft.records[i]
		if r.parent < 0 && i > 0 || r.end == 0 {
			return
		}
		d.marks = append(d.marks, mark{begin: r.begin, end: r.end, parent: r.parent, table: string(r.resource), uuid: d.draft.arena[r.uuid.from:r.uuid.to]})
	}
	for i := range d.marks {
		d.draft.records[i].digest = d.digest(d.marks, i)
	}
}
