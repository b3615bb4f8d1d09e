package storage

import (
	"hash/maphash"
	"slices"
)

// newcomersBits is how large a table's newcomers are: 128 KiB. Of 100,000 uuids that are
// not there three in a hundred are looked for, of 400,000 three in ten.
const newcomersBits = 1 << 20

// newcomersTables is how many tables have newcomers at a time: 2 MB. The tables of a first
// load come one after the other, with their components; the one met first goes first.
const newcomersTables = 16

// A newcomers is the records of a table that was empty when this connection first met it,
// as a Bloom filter: what is not among them is certainly not in the table and need not
// be looked for, which is true of nearly every record of a first load.
type newcomers struct {
	seed maphash.Seed
	bits [newcomersBits / 64]uint64
}

// places are the two bits of a uuid.
func (n *newcomers) places(uuid string) (a, b uint64) {
	sum := maphash.String(n.seed, uuid)
	return sum % newcomersBits, sum >> 32 % newcomersBits
}

func (n *newcomers) add(uuid string) {
	a, b := n.places(uuid)
	n.bits[a/64] |= 1 << (a % 64)
	n.bits[b/64] |= 1 << (b % 64)
}

func (n *newcomers) may(uuid string) bool {
	a, b := n.places(uuid)
	return n.bits[a/64]&(1<<(a%64)) != 0 && n.bits[b/64]&(1<<(b%64)) != 0
}

// certainlyAbsent reports whether the table has no row of the uuid, as far as that is
// known without a look.
func (t *tx) certainlyAbsent(tb *table, uuid string) (bool, error) {
	n, met := t.w.newcomers[tb.id]
	if !met {
		_, some, err := t.first("SELECT 1 FROM " + tb.sql + " LIMIT 1")
		if err != nil {
			return false, err
		}
		if !some {
			n = t.w.firstMet(tb)
		}
		t.w.newcomers[tb.id] = n
	}
	return n != nil && !n.may(uuid), nil
}

// firstMet returns newcomers for an empty table. If there are as many as there may be
// the table met longest ago has none any more.
func (w *writer) firstMet(tb *table) *newcomers {
	if len(w.empty) == newcomersTables {
		w.newcomers[w.empty[0]] = nil
		w.empty = slices.Delete(w.empty, 0, 1)
	}
	w.empty = append(w.empty, tb.id)
	return &newcomers{seed: maphash.MakeSeed()}
}

// joins notes that the table gets a row of the uuid.
func (t *tx) joins(tb *table, uuid string) {
	if n := t.w.newcomers[tb.id]; n != nil {
		n.add(uuid)
	}
}

// meet forgets all newcomers if another connection has written since the transaction
// before this one: maybe rows that they do not know.
func (t *tx) meet() error {
	row, _, err := t.first(`PRAGMA data_version`)
	if err != nil {
		return err
	}
	if version := asInt(row[0]); version != t.w.version {
		t.w.version = version
		clear(t.w.newcomers)
		t.w.empty = t.w.empty[:0]
	}
	return nil
}
