package s3xml

import "github.com/fieldsync/fieldsync/core"

// A room is where the parts of records lie that are lent: those of the next ones are
// put in the same place.
type room struct {
	lent       bool // if not, every record has room of its own
	fields     []core.Field
	components []core.Record
	attrs      []core.Attr
}

// roomFor is a slice of n zero elements; place is that of the room for their kind.
func roomFor[T any](r *room, place *[]T, n int) []T {
	if !r.lent {
		return make([]T, n)
	}
	clear(*place) // what it refers to may go
	if n > cap(*place) {
		*place = make([]T, n)
	}
	*place = (*place)[:n]
	return *place
}
