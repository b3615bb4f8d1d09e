package core

// A Room is where records lie that are done with at the same time: they themselves, their
// fields, their attributes and their components. What it gives out is zero. Of nil, each
// gets room of its own.
type Room struct {
	fields  Slab[Field]
	attrs   Slab[Attr]
	records Slab[Record]
}

// How many lie side by side in a block.
const (
	roomFields  = 512
	roomAttrs   = 64
	roomRecords = 64
)

// Fields is room for n of them, as Attrs and Records are.
func (r *Room) Fields(n int) []Field {
	if r == nil {
		return make([]Field, n)
	}
	return r.fields.Take(n, roomFields)
}

func (r *Room) Attrs(n int) []Attr {
	if r == nil {
		return make([]Attr, n)
	}
	return r.attrs.Take(n, roomAttrs)
}

func (r *Room) Records(n int) []Record {
	if r == nil {
		return make([]Record, n)
	}
	return r.records.Take(n, roomRecords)
}

// Empty has the room used again. Nobody may have a record any more that lies there; texts
// stay as they are.
func (r *Room) Empty() {
	r.fields.Wipe()
	r.attrs.Wipe()
	r.records.Wipe()
}
