package storage

import (
	"database/sql/driver"
	"slices"
	"sync"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// Whoever sends all records of a table asks for each whether it has components. The index by
// master tells, but the masters' uuids come in any order: each is another page of the index,
// and most have none. So the components of a table are kept in memory by their masters while
// thousands are asked for.
const (
	// mostKin is up to which number of a row they are kept: ten to twelve bytes each.
	mostKin = 1 << 18
	// fewKin is how many masters are asked for without a thought of keeping anything.
	fewKin = 500
	// kinShare is for which part of the components masters must have been asked for: to look
	// through the index once takes no longer than asking it for so many.
	kinShare = 8
	// maxKin is of how many tables they are kept.
	maxKin = 8
	// sureOfKin is for how many masters of one export they are looked at without asking again
	// whether they are still true. What is written to the table meanwhile is for the next pull,
	// as what is written behind the reading of its master.
	sureOfKin = 2000
)

// A kin is which rows of a table may belong to a master: all that do, and now and then one
// that does not, whose master has the same hash.
type kin struct {
	version tableVersion
	all     []packrow.HashedID // by hash; those of one master by id
	ends    []uint32           // in all, by the first bits of the hash
	shift   int                // leaves those bits
}

// A kinKeeper keeps the kin of tables while they are true. It serves several goroutines.
type kinKeeper struct {
	mu   sync.Mutex     // guards what follows
	asks map[int64]int  // for how many masters the index was asked, by table
	of   map[int64]*kin // by table
}

// known returns the kin of a table, which may be out of date; nil if there is none. Then
// worth tells whether to look at how many components there are.
func (k *kinKeeper) known(table int64, masters int) (is *kin, asked int, worth bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if is = k.of[table]; is != nil {
		return is, 0, false
	}
	if k.asks == nil {
		k.asks, k.of = make(map[int64]int), make(map[int64]*kin)
	}
	k.asks[table] += masters
	return nil, k.asks[table], k.asks[table] > fewKin
}

// keep keeps the kin of a table, nil to forget it.
func (k *kinKeeper) keep(table int64, is *kin) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.asks, table)
	delete(k.of, table)
	if is == nil {
		return
	}
	if len(k.of) == maxKin {
		clear(k.of)
	}
	k.of[table] = is
}

// A kinUse is that of one export, or of one look for what is unsent. With no keeper the
// index is asked.
type kinUse struct {
	keeper *kinKeeper
	used   []usedKin
}

type usedKin struct {
	table int64
	kin   *kin
	sure  int // for how many masters more
}

// of returns the kin of a table for so many masters; nil if the index had better be asked
// for them.
func (u *kinUse) of(v *view, tb *table, masters int) (*kin, error) {
	if u.keeper == nil {
		return nil, nil
	}
	at := slices.IndexFunc(u.used, func(used usedKin) bool { return used.table == tb.id })
	if at >= 0 && u.used[at].sure >= masters {
		u.used[at].sure -= masters
		return u.used[at].kin, nil
	}
	is, err := v.kin(u.keeper, tb, masters)
	if is == nil {
		return nil, err
	}
	if at < 0 {
		at = len(u.used)
		u.used = append(u.used, usedKin{table: tb.id})
	}
	u.used[at].kin, u.used[at].sure = is, sureOfKin-masters
	return is, err
}

// end forgets what was used: no master is left to be asked for.
func (u *kinUse) end() {
	for _, used := range u.used {
		u.keeper.keep(used.table, nil)
	}
}

func (v *view) kin(keeper *kinKeeper, tb *table, masters int) (*kin, error) {
	known, asked, worth := keeper.known(tb.id, masters)
	switch {
	case known != nil:
		if now, err := v.version(tb); err != nil || now == known.version {
			return known, err
		}
		keeper.keep(tb.id, nil)
		return nil, nil
	case !worth:
		return nil, nil
	}
	last, err := v.lastID(tb)
	if err != nil || last > mostKin || int64(asked)*kinShare < last {
		return nil, err
	}
	made, err := v.makeKin(tb)
	if err == nil {
		keeper.keep(tb.id, made)
	}
	return made, err
}

// makeKin looks through the index by master.
func (v *view) makeKin(tb *table) (*kin, error) {
	version, err := v.version(tb)
	if err != nil {
		return nil, err
	}
	var k *kin
	err = v.each(`SELECT `+packrow.HashIDs("_master", "_id")+` FROM `+tb.sql+` WHERE _master IS NOT NULL`, nil, func(values []driver.Value) error {
		k = newKin(packrow.HashedIDs(asBlob(values[0])))
		k.version = version
		return nil
	})
	return k, err
}

// newKin divides the rows by hash, so that there are one or two between two ends on average.
func newKin(all []packrow.HashedID) *kin {
	k := &kin{shift: 32, all: all}
	for len(all)>>(33-k.shift) > 0 {
		k.shift--
	}
	k.ends = make([]uint32, 1<<(32-k.shift))
	for i, h := range all {
		k.ends[h.Hash()>>k.shift] = uint32(i + 1)
	}
	for i := 1; i < len(k.ends); i++ {
		k.ends[i] = max(k.ends[i], k.ends[i-1])
	}
	return k
}

// masterKey is what a master's uuid, as it is stored, is known by to below.
func masterKey(uuid any) string {
	switch uuid := uuid.(type) {
	case string:
		return uuid
	case []byte:
		return string(uuid)
	}
	return ""
}

// below appends the numbers of the rows that may belong to the master to ids.
func (k *kin) below(ids []int64, master string) []int64 {
	hash := packrow.Hash(master)
	at, first := hash>>k.shift, uint32(0)
	if at > 0 {
		first = k.ends[at-1]
	}
	for _, h := range k.all[first:k.ends[at]] {
		if h.Hash() == hash {
			ids = append(ids, h.ID())
		}
	}
	return ids
}
