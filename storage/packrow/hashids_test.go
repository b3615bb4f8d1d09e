package packrow_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// SQLite's hash of a key is Go's, and the ids come by it.
func TestIDsComeWithTheHashesOfTheirKeys(t *testing.T) {
	db := open(t)
	if _, err := db.Exec(`CREATE TABLE r (id INTEGER PRIMARY KEY, key ANY)`); err != nil {
		t.Fatal(err)
	}
	var none any
	if err := db.QueryRow("SELECT " + packrow.HashIDs("key", "id") + " FROM r").Scan(&none); err != nil || none != nil {
		t.Errorf("of no row: %v %v", none, err)
	}
	type pair struct {
		hash uint32
		id   int64
	}
	var want []pair
	for i := range 3000 { // more than there is room for at the beginning
		id := int64(1 + i)
		key := any(fmt.Sprint("key ", i%1000, "\x00", i%1000))
		if i%2 == 0 {
			key = []byte{0, byte(i), 0xff, byte(i >> 8)}
		}
		if i == 0 {
			key, id = "", 1<<32-1
		}
		text := fmt.Sprintf("%s", key)
		if _, err := db.Exec(`INSERT INTO r VALUES (?, ?)`, id, key); err != nil {
			t.Fatal(err)
		}
		want = append(want, pair{packrow.Hash(text), id})
	}
	slices.SortFunc(want, func(a, b pair) int {
		if a.hash != b.hash {
			return int(int64(a.hash) - int64(b.hash))
		}
		return int(a.id - b.id)
	})
	var packed []byte
	if err := db.QueryRow("SELECT " + packrow.HashIDs("key", "id") + " FROM r").Scan(&packed); err != nil {
		t.Fatal(err)
	}
	var got []pair
	for _, h := range packrow.HashedIDs(packed) {
		got = append(got, pair{h.Hash(), h.ID()})
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d ids %v instead of %d %v", len(got), got[:min(5, len(got))], len(want), want[:5])
	}
}
