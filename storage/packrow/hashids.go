package packrow

import (
	"slices"
	"unsafe"
)

// HashIDs is the SQL expression for the ids of all rows that a query selects, with a hash of
// the key of each: what HashedIDs reads. A key is a text or a blob.
func HashIDs(key, id string) string { return "hash_ids(" + key + "," + id + ")" }

// Hash is that of a key.
func Hash(key string) uint32 {
	h := uint32(2166136261) // FNV-1a, as in hashids.c
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return h
}

// A HashedID is an id, which is less than 1<<32, with the hash of its key before it.
type HashedID uint64

// Hash and ID are what it consists of.
func (h HashedID) Hash() uint32 { return uint32(h >> 32) }
func (h HashedID) ID() int64    { return int64(uint32(h)) }

// HashedIDs returns those of a result of HashIDs, in whose memory they are, by hash; those
// with the same hash by id.
func HashedIDs(result []byte) []HashedID {
	if len(result) < 8 {
		return nil
	}
	all := unsafe.Slice((*HashedID)(unsafe.Pointer(&result[0])), len(result)/8)
	slices.Sort(all)
	return all
}
