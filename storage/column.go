package storage

import (
	"database/sql/driver"
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

// store returns the SQL value for v; ok is false if the column cannot hold it so
// that load returns exactly v. Value.Aux is the caller's.
func (c *column) store(v core.Value) (value driver.Value, ok bool) {
	switch v.Kind {
	case core.Null:
		return nil, false
	case core.Integer:
		if c.kind != core.Integer && c.kind != core.Number {
			return nil, false
		}
		if n, err := strconv.ParseInt(v.Str, 10, 64); err == nil && plainInteger(v.Str) {
			return n, true
		}
		return v.Str, c.kind == core.Integer
	case core.Number:
		if c.kind != core.Integer && c.kind != core.Number {
			return nil, false
		}
		// SQLite has no NaN, and no negative zero.
		if x, err := strconv.ParseFloat(v.Str, 64); err == nil && !math.IsNaN(x) && v.Str != "-0" && strconv.FormatFloat(x, 'f', -1, 64) == v.Str {
			return x, true
		}
		return v.Str, c.kind == core.Number
	}
	if v.Kind != c.kind {
		return nil, false
	}
	switch v.Kind {
	case core.Boolean:
		switch v.Str {
		case "true":
			return int64(1), true
		case "false":
			return int64(0), true
		}
	case core.Reference:
		if b, ok := packUUID(v.Str); ok {
			return b, true
		}
	}
	return v.Str, true
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
