package core

import (
	"slices"
	"strings"
)

// MCIUnknown stands for an absent mci attribute. Eden counts it as 2, "a copy
// of a copy" (spec eden-sync-protocol §11.9).
const MCIUnknown = -1

// A Link names one record: its table and its uuid. The zero Link is none.
type Link struct {
	Resource Resource
	UUID     string
}

// IsZero reports whether the link names nothing.
func (l Link) IsZero() bool { return l.UUID == "" }

// A Record is one version of one row of a resource, identified for ever by its
// uuid. The same type is used for what lies in the store and for what travels.
type Record struct {
	Resource Resource
	UUID     string

	// Master is the record this one is a component of, with Alias if the peer
	// names the component by one. A component is a record of its own: it can
	// be stored, changed and synchronised without its master.
	Master Link
	Alias  string

	// MCI is the master copy index. In the store: 0 made here, n copied n
	// times, as the peer sent it. On the wire the sender writes its own + 1.
	MCI        int
	CreatedOn  MTime
	ModifiedOn MTime
	CreatedBy  string // e-mail addresses, as Eden sends them
	ModifiedBy string
	OwnedBy    string // owned_by_user
	OwnedGroup string // owned_by_group: the name of a role

	// Deleted makes the record a tombstone: kept so that the deletion can
	// travel. ReplacedBy is the uuid of the record it was merged into.
	Deleted    bool
	ReplacedBy string

	Fields []Field
	// Components are the nested component records of a document. In the store
	// every component stands alone and this is empty.
	Components []Record

	// URL is where the peer shows the record: a hint, never identity.
	URL string
	// Attrs and Unknown are attributes and child elements (as XML) outside the
	// format: nothing that arrives is thrown away.
	Attrs   []Attr
	Unknown string

	// Digest is of the bytes that the record was received as; zero if none was
	// taken. It is no part of the version, and stored with a base alone.
	Digest Digest

	// Body has all the fields where a store has lent the record without making them: then
	// Fields are those alone that are looked at on the way, references and what it is called
	// by. nil nearly everywhere; see Lending.
	Body Body
}

// Link returns the name of the record.
func (r *Record) Link() Link { return Link{r.Resource, r.UUID} }

// Field returns the named field; ok is false if the record does not have it.
func (r *Record) Field(name string) (f Field, ok bool) {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return r.Fields[i], true
		}
	}
	return Field{}, false
}

// Value returns the machine value of the named field, Null if there is none.
func (r *Record) Value(name string) Value {
	f, _ := r.Field(name)
	return f.Value
}

// Set puts f in place of the field of the same name, or adds it at the end.
func (r *Record) Set(f Field) {
	for i := range r.Fields {
		if r.Fields[i].Name == f.Name {
			r.Fields[i] = f
			return
		}
	}
	r.Fields = append(r.Fields, f)
}

// Unset removes the named field.
func (r *Record) Unset(name string) {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			r.Fields = append(r.Fields[:i:i], r.Fields[i+1:]...)
			return
		}
	}
}

// Clone returns a copy that shares no slice with r.
func (r *Record) Clone() Record {
	c := *r
	c.Fields = append([]Field(nil), r.Fields...)
	c.Attrs = append([]Attr(nil), r.Attrs...)
	c.Components = nil
	for i := range r.Components {
		c.Components = append(c.Components, r.Components[i].Clone())
	}
	return c
}

// TitleFields are tried in this order for a name that a person recognises.
var TitleFields = []string{"name", "title", "first_name", "value", "code", "L0", "addr_street", "role", "type"}

// InTitle reports whether Title may look at a field of that name.
func InTitle(field string) bool {
	return field == "middle_name" || field == "last_name" || slices.Contains(TitleFields, field)
}

// Title returns the best name of the record for a person; "" if it has none.
func (r *Record) Title() string {
	for _, name := range TitleFields {
		f, ok := r.Field(name)
		if !ok || f.Display() == "" {
			continue
		}
		if name == "first_name" {
			return strings.Join(strings.Fields(f.Display()+" "+r.display("middle_name")+" "+r.display("last_name")), " ")
		}
		return f.Display()
	}
	return ""
}

func (r *Record) display(name string) string {
	f, _ := r.Field(name)
	return f.Display()
}

// PointsTo lists the records to which the fields lead.
func (r *Record) PointsTo() (out []Link) {
	for i := range r.Fields {
		v := &r.Fields[i].Value
		for _, uuid := range v.UUIDs() {
			out = append(out, Link{Resource: Resource(v.Aux), UUID: uuid})
		}
	}
	return out
}

// Walk calls fn for r and every component below it, masters first. It stops at
// the first error and returns it.
func (r *Record) Walk(fn func(*Record) error) error {
	if err := fn(r); err != nil {
		return err
	}
	for i := range r.Components {
		if err := r.Components[i].Walk(fn); err != nil {
			return err
		}
	}
	return nil
}
