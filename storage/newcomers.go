package storage

import (
	"hash/maphash"
	"slices"
)

// newcomersBlocks is how large a table's newcomers are, in blocks of 64 bytes: 256 KiB. Of
// 100,000 uuids that are not there one in a thousand is looked for, of 400,000 one in ten.
const newcomersBlocks = 1 << 12

// newcomersTables is how many tables have newcomers at a time: 4 MB. The tables of a first
// load come one after the other, with their components; the one met first goes first.
const newcomersTables = 16

// A newcomers is the records of a table that was empty when this connection first met it,
// as a Bloom filter: what is not among them is certainly not in the table and need not
// be looked for, which is true of nearly every record of a first load.
type newcomers struct {
	seed   maphash.Seed
	blocks [newcomersBlocks]newcomersBlock
}

// A newcomersBlock has the four bits of each of its uuids: to look at them is to look at one
// place in memory.
type newcomersBlock [8]uint64

// places are the block of a uuid and its bits, nine of sum for each.
func (n *newcomers) places(uuid string) (block *newcomersBlock, sum uint64) {
	sum = maphash.String(n.seed, uuid)
	return &n.blocks[sum%newcomersBlocks], sum / newcomersBlocks
}

func (n *newcomers) add(uuid string) {
	block, sum := n.places(uuid)
	for range 4 {
		block[sum>>6%8] |= 1 << (sum % 64)
		sum >>= 9
	}
}

func (n *newcomers) may(uuid string) bool {
	block, sum := n.places(uuid)
	for range 4 {
		if block[sum>>6%8]&(1<<(sum%64)) == 0 {
			return false
		}
		sum >>= 9
	}
	return true
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
