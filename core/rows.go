package core

import "math/bits"

// Rows is a set of records by the store's own numbers: a bit each, so that it may
// hold all of a large table.
type Rows map[Resource][]uint64

// Add adds a record.
func (rows Rows) Add(r Resource, row int64) {
	set := rows[r]
	for int64(len(set)) <= row/64 {
		set = append(set, 0)
	}
	set[row/64] |= 1 << (row % 64)
	rows[r] = set
}

// Has reports whether a record is in the set.
func (rows Rows) Has(r Resource, row int64) bool {
	set := rows[r]
	return row/64 < int64(len(set)) && set[row/64]&(1<<(row%64)) != 0
}

// Len returns how many records of a resource are in the set.
func (rows Rows) Len(r Resource) (n int) {
	for _, word := range rows[r] {
		n += bits.OnesCount64(word)
	}
	return n
}
