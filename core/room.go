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

// Rooms go around: who reads takes one, and who is done with what was read leaves it.
type Rooms chan *Room

// NewRooms has place for two: of what is worked on, and of what is read meanwhile.
func NewRooms() Rooms { return make(Rooms, 2) }

// Take returns an empty room.
func (r Rooms) Take() *Room {
	select {
	case room := <-r:
		return room
	default:
		return new(Room)
	}
}

// Leave has a room used again if nobody keeps a record of it: each became ours as it
// came, or was it before, as the counts say.
func (r Rooms) Leave(room *Room, counts Counts) {
	if room == nil || counts.Received != counts.Created+counts.Unchanged {
		return
	}
	room.Empty()
	select {
	case r <- room:
	default:
	}
}

// Empty has the room used again. Nobody may have a record any more that lies there; texts
// stay as they are.
func (r *Room) Empty() {
	r.fields.Wipe()
	r.attrs.Wipe()
	r.records.Wipe()
}
