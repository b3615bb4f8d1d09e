// Package packrow lets SQLite hand over a row as one value, and take many rows as one.
//
// The driver makes a Go value of each column: two allocations for a text, and a row
// has fifty. The SQL function pack_row makes one blob of its arguments, in C, and
// Unpack finds them in it again without a copy: the types and bytes that the columns
// have, whatever they are. The other way, Rows puts the values of many rows behind each
// other, and put_rows runs a statement with each of the rows, in C. And letters is what a
// text is sorted by.
package packrow

// #include <stdint.h>
// int packrow_register(void);
// void packrow_give_back(void);
// void packrow_letters(const uint16_t *);
import "C"

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // the SQLite that the function is added to

	"github.com/fieldsync/fieldsync/core/letters"
)

// registered is how that ended. It comes before the first connection: whoever has
// one has imported this package before.
var registered = register()

func register() C.int {
	C.packrow_letters((*C.uint16_t)(&letters.Table()[0].First))
	return C.packrow_register()
}

// maxArguments is how many columns one call of pack_row takes: SQLite allowed a
// function 127 for a long time.
const maxArguments = 120

// Register reports whether the connections of this process have the functions.
func Register() error {
	if registered != 0 {
		return fmt.Errorf("SQLite does not take the functions pack_row and put_rows: error %d", int(registered))
	}
	return nil
}

// GiveBack returns what the C library has free to the system, where the C library can.
func GiveBack() { C.packrow_give_back() }

// Columns returns the SQL expressions that give the columns packed.
func Columns(columns []string) (packed []string) {
	for len(columns) > 0 {
		n := min(len(columns), maxArguments)
		packed = append(packed, "pack_row("+strings.Join(columns[:n], ",")+")")
		columns = columns[n:]
	}
	return packed
}

// The types of values, as SQLite numbers them.
const (
	Integer = 1
	Float   = 2
	Text    = 3
	Blob    = 4
	Null    = 5
)

// A Value is what one column has.
type Value struct {
	Type byte
	bits uint64 // of a number
	str  string // of a text or a blob
}

// IsNull reports whether there is no value.
func (v *Value) IsNull() bool { return v.Type == Null }

// Int returns an integer; 0 for what is none.
func (v *Value) Int() int64 {
	if v.Type != Integer {
		return 0
	}
	return int64(v.bits)
}

// Float returns a floating-point number; 0 for what is none.
func (v *Value) Float() float64 {
	if v.Type != Float {
		return 0
	}
	return math.Float64frombits(v.bits)
}

// Str returns the bytes of a text or a blob, "" for a number or NULL. It is a part of
// the packed row.
func (v *Value) Str() string { return v.str }

// Bytes returns the value of a text or a blob as the driver has it; NULL of anything else.
func Bytes(v driver.Value) Value {
	switch v := v.(type) {
	case string:
		return Value{Type: Text, str: v}
	case []byte:
		return Value{Type: Blob, str: string(v)}
	}
	return Value{Type: Null}
}

// Driver returns the value as the driver would have.
func (v *Value) Driver() driver.Value {
	switch v.Type {
	case Integer:
		return int64(v.bits)
	case Float:
		return v.Float()
	case Text:
		return v.str
	case Blob:
		return []byte(v.str)
	}
	return nil
}

var errBroken = errors.New("this is no packed row")

// Unpack appends the values of a packed row to values. Their texts lie in the row, which
// must not be changed any more.
func Unpack(values []Value, row []byte) ([]Value, error) {
	return UnpackFirst(values, row, math.MaxInt)
}

// UnpackFirst is Unpack for no more than the first n values of the row.
func UnpackFirst(values []Value, row []byte, n int) ([]Value, error) {
	for at := 0; at < len(row) && n > 0; n-- {
		v := Value{Type: row[at]}
		at++
		switch v.Type {
		case Null:
		case Integer, Float:
			if len(row)-at < 8 {
				return values, errBroken
			}
			v.bits = binary.NativeEndian.Uint64(row[at:])
			at += 8
		case Text, Blob:
			if len(row)-at < 4 {
				return values, errBroken
			}
			n := int(binary.NativeEndian.Uint32(row[at:]))
			at += 4
			if len(row)-at < n {
				return values, errBroken
			}
			if n > 0 {
				v.str = unsafe.String(&row[at], n)
			}
			at += n
		default:
			return values, errBroken
		}
		values = append(values, v)
	}
	return values, nil
}
