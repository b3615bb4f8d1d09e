package core

import (
	"iter"
	"slices"
)

// Parts are the unsent records in an Outgoing, each once, masters first. The zero
// Parts are none. Whoever has a copy may not Set.
type Parts struct {
	list []linked
	at   map[Link]int // where each stands in list; nil while they are few
}

type linked struct {
	Link
	Part
}

// fewParts is how many are sought one by one. Most masters have one to three, for
// which a map would cost more than all the rest; a few have thousands.
const fewParts = 16

// Len returns how many there are.
func (p Parts) Len() int { return len(p.list) }

// Get returns what is known of a record; ok is false if it is none of them.
func (p Parts) Get(l Link) (part Part, ok bool) {
	if i := p.index(l); i >= 0 {
		return p.list[i].Part, true
	}
	return Part{}, false
}

// All goes through them in their order.
func (p Parts) All() iter.Seq2[Link, Part] {
	return func(yield func(Link, Part) bool) {
		for i := range p.list {
			if !yield(p.list[i].Link, p.list[i].Part) {
				return
			}
		}
	}
}

// Grow makes room for n more.
func (p *Parts) Grow(n int) { p.list = slices.Grow(p.list, n) }

// A PartsRoom is where the lists of many Parts lie that are gone at the same time.
type PartsRoom struct{ slab Slab[linked] }

// partsBlock is how many parts there is room for at a time: 12 KB.
const partsBlock = 128

// Parts returns Parts with room for n.
func (r *PartsRoom) Parts(n int) Parts { return Parts{list: r.slab.Take(n, partsBlock)[:0]} }

// Empty has the room used again, Leave keeps none of it; see Slab.
func (r *PartsRoom) Empty() { r.slab.Empty() }
func (r *PartsRoom) Leave() { r.slab.Leave() }

// Set adds a part, or puts it in place of that of the same record.
func (p *Parts) Set(l Link, part Part) {
	if i := p.index(l); i >= 0 {
		p.list[i].Part = part
		return
	}
	p.list = append(p.list, linked{l, part})
	if p.at != nil {
		p.at[l] = len(p.list) - 1
	} else if len(p.list) > fewParts {
		p.number()
	}
}

// DeleteFunc leaves out the parts of the records for which gone returns true.
func (p *Parts) DeleteFunc(gone func(Link) bool) {
	rest := slices.DeleteFunc(slices.Clone(p.list), func(x linked) bool { return gone(x.Link) })
	if len(rest) == len(p.list) {
		return
	}
	*p = Parts{list: rest}
	if len(rest) > fewParts {
		p.number()
	}
}

func (p *Parts) number() {
	p.at = make(map[Link]int, 2*len(p.list))
	for i := range p.list {
		p.at[p.list[i].Link] = i
	}
}

func (p Parts) index(l Link) int {
	if p.at != nil {
		if i, ok := p.at[l]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(p.list, func(x linked) bool { return x.Link == l })
}
