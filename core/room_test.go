package core

import "testing"

// A room that was emptied gives out the same place once more, and nothing is left in it;
// what lies in no room is nobody else's.
func TestARoomIsEmptyWhenItIsUsedAgain(t *testing.T) {
	var r Room
	for _, n := range []int{3, roomFields - 1, 2 * roomFields, 5} {
		fields, records, attrs := r.Fields(n), r.Records(n), r.Attrs(n)
		for range 2 {
			for i := range n {
				if fields[i].Name != "" || fields[i].Value != (Value{}) || records[i].UUID != "" || attrs[i] != (Attr{}) {
					t.Fatalf("of %d, number %d has something in it: %+v, %v, %v", n, i, fields[i], records[i].UUID, attrs[i])
				}
				fields[i] = Field{Name: "f", Value: Text("text")}
				records[i].UUID, attrs[i] = "uuid", Attr{Name: "a"}
			}
			r.Empty()
			again := r.Fields(n)
			if n == 3 && &again[0] != &fields[0] {
				t.Error("the room is not used again")
			}
			fields, records, attrs = again, r.Records(n), r.Attrs(n)
		}
		r.Empty()
	}
	var none *Room
	if a, b := none.Fields(1), none.Fields(1); &a[0] == &b[0] {
		t.Error("two records without a room share one")
	}
}
