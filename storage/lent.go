package storage

import (
	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// A lent is where a look for what is unsent puts what it finds. If it is a lending's the
// next look uses it again.
type lent struct {
	again  bool // it is used again
	bodies bool // rows may be left as they are
	bodied map[*table]*bodied
	blocks [][]byte // of the room that rows with bodies lie in

	arena   arena
	rows    core.Slab[based]
	records core.Slab[core.Record] // components
	lists   core.PartsRoom
	out     []core.Outgoing
	parts   []part
	columns []packrow.Value // of the row read last
	ahead   ahead
}

// lentOf returns the room of a lending, with nothing in it; for none, one that is used once.
func lentOf(l *core.Lending) *lent {
	if l == nil {
		return new(lent)
	}
	room, is := l.Room.(*lent)
	if !is {
		room = &lent{again: true}
		l.Room = room
	}
	room.arena.empty()
	room.rows.Empty()
	room.records.Empty()
	room.lists.Empty()
	room.bodies = l.Bodies
	return room
}

// keptBlocks is how many blocks of a room are kept: for a batch of usual records.
const keptBlocks = 16

// enter has the rows of a look come where those of the one before lay, if nobody has their
// texts.
func (l *lent) enter(room *packrow.Room) {
	room.Use(l.blocks)
	l.blocks = nil
}

// leave is told where they came to lie.
func (l *lent) leave(blocks [][]byte) {
	if l.bodies {
		l.blocks = blocks[:min(len(blocks), keptBlocks)]
	}
}

// begin begins a chunk. Of what is used once nothing is kept that was only looked at, and
// of a lending no more than it is to have.
func (l *lent) begin() {
	l.parts = l.parts[:0]
	if l.again && len(l.arena.blocks) < arenaBlocks && !l.rows.Large() && !l.records.Large() {
		return
	}
	l.arena.leave()
	l.rows.Leave()
	l.records.Leave()
	l.lists.Leave()
}

// outgoing returns room for what is returned.
func (l *lent) outgoing(n int) []core.Outgoing {
	if !l.again || cap(l.out) < n {
		l.out = make([]core.Outgoing, 0, n)
	}
	return l.out[:0]
}

// row returns a new row.
func (l *lent) row() *based {
	r := &l.rows.Take(1, basedBlock)[0]
	*r = based{below: r.below[:0]}
	return r
}
