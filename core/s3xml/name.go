package s3xml

import (
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A name is a text that comes again and again, such as a field's, kept once and
// judged once.
type name struct {
	text    string
	field   bool // can be a field of a resource
	table   bool // can be a resource
	private bool // a resource that may not travel
	id      int  // its index in names.list
	kept    bool // beyond the present record
	next    *name

	order []familiar // of a resource: its fields as they came, see familiar.go
}

const (
	maxNames      = 4096 // what a hostile document could make us keep
	maxNameLength = 128
)

// names keeps names. They mostly come in the same order, record after record,
// so each remembers which came after it.
type names struct {
	all  map[string]*name
	list []*name // those of all, then those of the present record alone
	last *name
}

func newNames() names { return names{all: make(map[string]*name), last: new(name)} }

// get returns the name with the text b.
func (n *names) get(b []byte) *name {
	if next := n.last.next; next != nil && next.text == string(b) {
		n.last = next
		return next
	}
	found, ok := n.all[string(b)]
	if !ok {
		found = n.add(string(b))
	}
	if found.kept {
		n.last.next = found
	}
	n.last = found
	return found
}

func (n *names) add(text string) *name {
	added := newName(text)
	added.id = len(n.list)
	n.list = append(n.list, added)
	if len(n.all) < maxNames && len(text) <= maxNameLength && len(n.all) == added.id {
		added.kept = true
		n.all[text] = added
	}
	return added
}

// text returns the name with that id; "" for a negative one.
func (n *names) text(id int) string {
	if id < 0 {
		return ""
	}
	return n.list[id].text
}

// release forgets the names that only the last record had.
func (n *names) release() {
	if kept := len(n.all); len(n.list) > kept {
		n.list = append(make([]*name, 0, kept), n.list[:kept]...)
	}
}

func newName(text string) *name {
	table := core.Resource(text)
	return &name{
		text:  text,
		field: core.ValidField(text),
		table: table.Valid(),
		// A database may not tell "Auth_user" from "auth_user".
		private: table.Private() || core.Resource(strings.ToLower(text)).Private(),
	}
}
