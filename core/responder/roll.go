package responder

import (
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A roll is which records a document has, and which it is to have. A document may have
// all of a table, and nearly all uuids are of the canonical form: those take sixteen bytes.
type roll map[core.Resource]*tableRoll

// A tableRoll is a roll of one table: true for what is written, false for what is wanted.
type tableRoll struct {
	packed map[[16]byte]bool
	others map[string]bool // by uuids of any other form
}

// table returns the part of a table, which is made if it is absent.
func (r roll) table(resource core.Resource) *tableRoll {
	t := r[resource]
	if t == nil {
		t = &tableRoll{packed: make(map[[16]byte]bool), others: make(map[string]bool)}
		r[resource] = t
	}
	return t
}

// write notes that a record is in the document.
func (r roll) write(resource core.Resource, uuid string) { r.table(resource).set(uuid, true) }

// want notes that a record is to come, and reports whether that is news.
func (r roll) want(resource core.Resource, uuid string) bool {
	t := r.table(resource)
	if _, known := t.get(uuid); known {
		return false
	}
	t.set(uuid, false)
	return true
}

// written reports whether a record is in the document.
func (r roll) written(resource core.Resource, uuid string) bool {
	written, _ := r.table(resource).get(uuid)
	return written
}

func (t *tableRoll) get(uuid string) (written, known bool) {
	if b, ok := core.PackUUID(uuid); ok {
		written, known = t.packed[b]
	} else {
		written, known = t.others[uuid]
	}
	return written, known
}

// set keeps no text that lies in somebody else's room.
func (t *tableRoll) set(uuid string, written bool) {
	if b, ok := core.PackUUID(uuid); ok {
		t.packed[b] = written
	} else {
		t.others[strings.Clone(uuid)] = written
	}
}
