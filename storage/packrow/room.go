package packrow

// #include "room.h"
import "C"

import (
	"database/sql/driver"
	"runtime"
	"strings"
	"unsafe"
)

const (
	// blockSize is how many bytes of rows lie in one block: fewer than 1<<C.PACKROW_OFFSET.
	blockSize = 64 << 10
	// blockRest is how many must be left in a block for it to take another row.
	blockRest = 2 << 10
)

// A Room is where the rows of a query are packed side by side: as results they would be two
// allocations each, and a copy more. What was read from it stays as it is for as long as
// anybody has it. A nil Room has no place: each row comes by itself. It serves one
// goroutine.
type Room struct {
	number int // among C.packrow_rooms
	c      *C.struct_packrow_room
	blocks [][]byte // whose rows may still be read; the last one is the present one
	first  int64    // the number of blocks[0]
	free   [][]byte // pinned, and to be used again
	pinner runtime.Pinner
}

// rooms are the numbers that nobody has.
var rooms = func() chan int {
	free := make(chan int, C.PACKROW_ROOMS)
	for i := range cap(free) {
		free <- i
	}
	return free
}()

// NewRoom returns a room, nil if there are too many. Whoever has it closes it, behind its
// last query.
func NewRoom() *Room {
	select {
	case n := <-rooms:
		return &Room{number: n, c: &C.packrow_rooms[n]}
	default:
		return nil
	}
}

// Into returns the SQL expressions that give the columns packed into the room whose
// Argument is bound as ?1.
func Into(columns []string) (packed []string) {
	for len(columns) > 0 {
		n := min(len(columns), maxArguments)
		packed = append(packed, "pack_into(?1,"+strings.Join(columns[:n], ",")+")")
		columns = columns[n:]
	}
	return packed
}

// Argument says in a query which room it is.
func (r *Room) Argument() driver.Value {
	if r == nil {
		return int64(-1)
	}
	if len(r.blocks) == 0 {
		r.next()
	}
	return int64(r.number)
}

// next has the rows that follow packed into another block.
func (r *Room) next() {
	var block []byte
	if last := len(r.free) - 1; last >= 0 {
		block, r.free = r.free[last], r.free[:last]
	} else {
		block = make([]byte, blockSize)
		r.pinner.Pin(&block[0])
	}
	*r.c = C.struct_packrow_room{block: (*C.char)(unsafe.Pointer(&block[0])), size: blockSize, number: C.uint64_t(r.first + int64(len(r.blocks)))}
	r.blocks = append(r.blocks, block)
}

// Row returns the packed row of which v is the result.
func (r *Room) Row(v driver.Value) ([]byte, error) {
	at, is := v.(int64)
	if !is {
		if r != nil && r.c.used > 0 {
			r.next() // it had no place in this one
		}
		row, _ := v.([]byte)
		return row, nil
	}
	const mask = 1<<C.PACKROW_OFFSET - 1
	if r == nil {
		return nil, errBroken
	}
	number, offset, n := at>>C.PACKROW_NUMBER-r.first, at>>C.PACKROW_OFFSET&mask, at&mask
	if number < 0 || number >= int64(len(r.blocks)) || offset+n > blockSize {
		return nil, errBroken
	}
	row := r.blocks[number][offset : offset+n : offset+n]
	if r.c.size-r.c.used < blockRest {
		r.next()
	}
	return row, nil
}

// Leave forgets the rows that were read: of their blocks the room keeps the last one alone.
func (r *Room) Leave() {
	if r == nil || len(r.blocks) < 2 {
		return
	}
	last := len(r.blocks) - 1
	r.first += int64(last)
	present := r.blocks[last]
	clear(r.blocks)
	r.blocks, r.free = append(r.blocks[:0], present), nil
	r.pinner.Unpin()
	r.pinner.Pin(&present[0])
}

// Again has the blocks of the rows that were read used again: nobody may have a text of
// them any more.
func (r *Room) Again() {
	if r == nil || len(r.blocks) == 0 {
		return
	}
	r.free = append(r.free, r.blocks...)
	r.first += int64(len(r.blocks))
	r.blocks = r.blocks[:0]
	r.next()
}

// Use gives a new room the blocks of one that was closed: nobody may have a text of their
// rows any more.
func (r *Room) Use(blocks [][]byte) {
	if r == nil {
		return
	}
	for _, block := range blocks {
		r.pinner.Pin(&block[0])
	}
	r.free = append(r.free, blocks...)
}

// Close lets others have the room. It returns the blocks in which the rows lie; see Use.
func (r *Room) Close() (blocks [][]byte) {
	if r == nil {
		return nil
	}
	*r.c = C.struct_packrow_room{}
	r.pinner.Unpin()
	rooms <- r.number
	blocks = append(r.blocks, r.free...)
	*r = Room{}
	return blocks
}
