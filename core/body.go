package core

// A Body has the fields of a record as they lie in a store, for whoever only hands the
// record on: most records are written into a document and not looked at otherwise. What is
// there is the store's, and is gone with the record.
type Body interface {
	// AppendFields appends their elements, as s3xml.AppendFields does, to the byte.
	AppendFields(b []byte) []byte
	// Fields makes them.
	Fields() []Field
	// Size is about how many bytes they take.
	Size() int
}

// Embody gives the record and its components the fields that lie in their Body.
func (r *Record) Embody() {
	_ = r.Walk(func(r *Record) error { // never fails: fn does not
		if r.Body != nil {
			r.Fields, r.Body = r.Body.Fields(), nil
		}
		return nil
	})
}
