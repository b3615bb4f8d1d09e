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
	h := uint64(len(key)) // as in hashids.c
	for len(key) > 8 {
		h = mixed(h ^ word(key))
		key = key[8:]
	}
	return uint32(mixed(h^word(key)) >> 32)
}

// word is the first eight bytes of a key as a number, or all that there are.
func word(key string) (w uint64) {
	if len(key) >= 8 {
		return uint64(key[0]) | uint64(key[1])<<8 | uint64(key[2])<<16 | uint64(key[3])<<24 | uint64(key[4])<<32 | uint64(key[5])<<40 | uint64(key[6])<<48 | uint64(key[7])<<56
	}
	for i := range len(key) {
		w |= uint64(key[i]) << (8 * i)
	}
	return w
}

// mixed has every bit of h change the upper ones.
func mixed(h uint64) uint64 {
	h ^= h >> 32
	return h * 0x9e3779b97f4a7c15
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
