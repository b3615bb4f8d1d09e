package storage

import (
	"math"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// A column is where a field's values lie. kind is that of the first value seen;
// a value that would not come back to the letter from here goes to _extra.
type column struct {
	field  string
	n      int    // its number among the table's
	sql    string // quoted
	text   string // quoted; "" while no representation differed from its value
	aux    string // quoted; "" while no reference pointed elsewhere than target
	kind   core.Kind
	target string // of references
}

// width is how many SQL columns the field takes.
func (c *column) width() int {
	n := 1
	if c.text != "" {
		n++
	}
	if c.aux != "" {
		n++
	}
	return n
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// put gives the column's parameters, of which first is the first, what it keeps of a
// field; false if the field does not fit exactly.
func (c *column) put(r *packrow.Rows, first int, f *core.Field) bool {
	if f.Text != "" && c.text == "" || f.Value.Aux != c.target && (c.aux == "" || c.kind != f.Value.Kind) {
		return false
	}
	if !c.store(r, first, &f.Value) {
		return false
	}
	next := first + 1
	if c.text != "" {
		textParameter(r, next, f.Text)
		next++
	}
	if c.aux != "" && f.Value.Aux != c.target {
		r.Text(next, f.Value.Aux)
	}
	return true
}

// store gives a parameter the SQL value for v; false if the column cannot hold it so that
// load returns exactly v. Value.Aux is the caller's.
func (c *column) store(r *packrow.Rows, parameter int, v *core.Value) bool {
	switch v.Kind {
	case core.Null:
		return false
	case core.Integer, core.Number:
		if c.kind != core.Integer && c.kind != core.Number {
			return false
		}
		if storeNumber(r, parameter, v) {
			return true
		}
	}
	if v.Kind != c.kind {
		return false
	}
	switch v.Kind {
	case core.Boolean:
		if v.Str == "true" || v.Str == "false" {
			r.Int(parameter, number(v.Str == "true"))
			return true
		}
	case core.Reference:
		if b, ok := core.PackUUID(v.Str); ok {
			r.Blob(parameter, b[:])
			return true
		}
	}
	r.Text(parameter, v.Str)
	return true
}

// storeNumber gives a parameter the number; false if it would not come back to the letter.
func storeNumber(r *packrow.Rows, parameter int, v *core.Value) bool {
	if v.Kind == core.Integer {
		n, err := strconv.ParseInt(v.Str, 10, 64)
		if err != nil || !plainInteger(v.Str) {
			return false
		}
		r.Int(parameter, n)
		return true
	}
	// SQLite has no NaN, and no negative zero.
	x, err := strconv.ParseFloat(v.Str, 64)
	if err != nil || math.IsNaN(x) || v.Str == "-0" {
		return false
	}
	var room [32]byte
	if string(strconv.AppendFloat(room[:0], x, 'f', -1, 64)) != v.Str {
		return false
	}
	r.Float(parameter, x)
	return true
}

// plainInteger reports whether s is as FormatInt writes it.
func plainInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "0" {
		return s == "0"
	}
	return digits != "" && digits[0] >= '1' && digits[0] <= '9'
}

// load is the opposite of store, for a value that is not NULL.
func (c *column) load(v *packrow.Value, a *arena) core.Value {
	switch v.Type {
	case packrow.Integer:
		if c.kind == core.Boolean {
			if v.Int() != 0 {
				return core.Value{Kind: core.Boolean, Str: "true"}
			}
			return core.Value{Kind: core.Boolean, Str: "false"}
		}
		return core.Value{Kind: core.Integer, Str: a.integer(v.Int())}
	case packrow.Float:
		return core.Value{Kind: core.Number, Str: strconv.FormatFloat(v.Float(), 'f', -1, 64)}
	case packrow.Text:
		return core.Value{Kind: c.kind, Str: v.Str()}
	case packrow.Blob:
		return core.Value{Kind: c.kind, Str: a.uuid(v)}
	}
	return core.Value{}
}
