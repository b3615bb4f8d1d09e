package storage

import (
	"strconv"
	"unsafe"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

const (
	// arenaBlock is how many fields an arena makes room for at a time: 24 KB.
	arenaBlock = 256
	// arenaBlocks is how many blocks it keeps when it is emptied: for a chunk of wide
	// records.
	arenaBlocks = 64
	// textBlock is how many bytes of texts it makes room for at a time: whoever keeps one of
	// them keeps no more than that.
	textBlock = 1 << 10
	// recentUUIDs is how many uuids it remembers.
	recentUUIDs = 512
)

// An arena is where the records of many rows are made: their fields lie side by side,
// and a uuid that came lately, as that of a master or of a record that many refer to,
// is not made again. A nil arena makes each by itself. It serves one goroutine.
type arena struct {
	blocks [][]core.Field
	next   int          // of blocks
	free   []core.Field // the rest of the block before next
	recent []recentUUID
	texts  []byte // the rest of a block
}

type recentUUID struct {
	packed [16]byte
	text   string
}

// fields returns room for n fields, whatever is in it. What is appended to it goes
// elsewhere.
func (a *arena) fields(n int) []core.Field {
	if a == nil || n > arenaBlock {
		return make([]core.Field, n)
	}
	if len(a.free) < n {
		if a.next == len(a.blocks) {
			a.blocks = append(a.blocks, make([]core.Field, arenaBlock))
		}
		a.free = a.blocks[a.next]
		a.next++
	}
	room := a.free[:n:n]
	a.free = a.free[n:]
	return room
}

// empty has the room used again. Nobody may have a record any more that was made here.
func (a *arena) empty() {
	a.blocks = a.blocks[:min(len(a.blocks), arenaBlocks)]
	a.next, a.free = 0, nil
}

// leave keeps none of the room: it is of those whose records were made in it.
func (a *arena) leave() { a.blocks, a.next = nil, 0 }

// text keeps a text that was put together.
func (a *arena) text(from []byte) string {
	if a == nil || len(from) > textBlock/4 {
		return string(from)
	}
	if len(a.texts) < len(from) {
		a.texts = make([]byte, textBlock)
	}
	n := copy(a.texts, from)
	text := unsafe.String(unsafe.SliceData(a.texts), n)
	a.texts = a.texts[n:]
	return text
}

// integer is a number as a text.
func (a *arena) integer(n int64) string {
	if a == nil || 0 <= n && n < 100 { // for those there are texts already
		return strconv.FormatInt(n, 10)
	}
	var digits [20]byte
	return a.text(strconv.AppendInt(digits[:0], n, 10))
}

// uuid is uuidText of a column.
func (a *arena) uuid(v *packrow.Value) string {
	packed := v.Str()
	if v.Type != packrow.Blob || len(packed) != 16 {
		return packed
	}
	if a == nil {
		return core.UnpackUUID(packed)
	}
	if a.recent == nil {
		a.recent = make([]recentUUID, recentUUIDs)
	}
	r := &a.recent[(int(packed[14])<<8|int(packed[15]))%recentUUIDs]
	if string(r.packed[:]) != packed || r.text == "" {
		copy(r.packed[:], packed)
		text := core.UUIDText(packed)
		r.text = a.text(text[:])
	}
	return r.text
}
