package responder

import (
	"iter"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// links are names of records, with their uuids side by side: thousands are noted, and
// mostly nobody asks for them.
type links struct {
	uuids []byte
	ends  []linkEnd
}

const (
	// fewLinks is from how many on there is room made for a page of them at once.
	fewLinks  = 100
	pageLinks = 2000
)

// A linkEnd is where the uuid of a record of the table ends.
type linkEnd struct {
	resource core.Resource
	at       int
}

func (l *links) add(resource core.Resource, uuid string) {
	if len(l.ends) == fewLinks {
		l.uuids, l.ends = slices.Grow(l.uuids, pageLinks*len(uuid)), slices.Grow(l.ends, pageLinks)
	}
	l.uuids = append(l.uuids, uuid...)
	l.ends = append(l.ends, linkEnd{resource, len(l.uuids)})
}

// take returns the links and forgets them.
func (l *links) take() iter.Seq[core.Link] {
	uuids, ends := string(l.uuids), l.ends
	l.uuids, l.ends = l.uuids[:0], nil
	return func(yield func(core.Link) bool) {
		begin := 0
		for _, end := range ends {
			if !yield(core.Link{Resource: end.resource, UUID: uuids[begin:end.at]}) {
				return
			}
			begin = end.at
		}
	}
}
