package core

// slabBlocks is how many blocks a Slab keeps when it is emptied.
const slabBlocks = 64

// A Slab is room for many values of a kind that are gone at the same time: they lie side
// by side in blocks.
type Slab[T any] struct {
	blocks [][]T
	next   int // of blocks
	free   []T // the rest of the block before next
}

// Take returns room for n values, whatever is in it, in a block of that many or of size.
// What is appended to it goes elsewhere.
func (s *Slab[T]) Take(n, size int) []T {
	for len(s.free) < n && s.next < len(s.blocks) {
		s.free = s.blocks[s.next]
		s.next++
	}
	if len(s.free) < n {
		s.free = make([]T, max(n, size))
		s.blocks = append(s.blocks, s.free)
		s.next++
	}
	room := s.free[:n:n]
	s.free = s.free[n:]
	return room
}

// Empty has the room used again. Nobody may have a value any more that lies there.
func (s *Slab[T]) Empty() {
	kept := min(len(s.blocks), slabBlocks)
	clear(s.blocks[kept:])
	s.blocks = s.blocks[:kept]
	s.next, s.free = 0, nil
}

// Wipe is Empty of values that refer to something: that may go, and what is taken from then
// on is zero.
func (s *Slab[T]) Wipe() {
	for i, block := range s.blocks[:s.next] {
		if i == s.next-1 {
			block = block[:len(block)-len(s.free)]
		}
		clear(block)
	}
	s.Empty()
}

// Large reports whether there is as much room as is kept.
func (s *Slab[T]) Large() bool { return len(s.blocks) >= slabBlocks }

// Leave keeps none of the room: it is of those who have something there.
func (s *Slab[T]) Leave() { *s = Slab[T]{} }
