package packrow

import (
	"encoding/binary"
	"math"
)

// Put runs the statement of its first argument with each of the Rows of its second. The third
// is a statement for as many rows as the fourth says, whose parameters follow each other row
// by row: it is run as long as there are so many; 0 if there is none. Put fails with the error of the
// first row that cannot be put; those before it may be put then. The connection keeps
// the statements prepared until Release, which has to run before it is closed.
const (
	Put     = "SELECT put_rows(?,?,?,?)"
	Release = "SELECT put_rows()"
)

// Rows are values for the parameters of a statement, row by row. A parameter without a
// value is NULL.
type Rows struct {
	packed []byte
	n      int
}

// value begins a value: the parameter counts from 1.
func (r *Rows) value(parameter int, kind byte) {
	r.packed = append(binary.NativeEndian.AppendUint16(r.packed, uint16(parameter)), kind)
}

// Int gives a parameter an integer.
func (r *Rows) Int(parameter int, n int64) {
	r.value(parameter, Integer)
	r.packed = binary.NativeEndian.AppendUint64(r.packed, uint64(n))
}

// Float gives a parameter a floating-point number.
func (r *Rows) Float(parameter int, x float64) {
	r.value(parameter, Float)
	r.packed = binary.NativeEndian.AppendUint64(r.packed, math.Float64bits(x))
}

// Text gives a parameter a text, which may be empty.
func (r *Rows) Text(parameter int, s string) {
	r.value(parameter, Text)
	r.packed = append(binary.NativeEndian.AppendUint32(r.packed, uint32(len(s))), s...)
}

// TextBytes gives a parameter a text of those bytes.
func (r *Rows) TextBytes(parameter int, text []byte) {
	r.value(parameter, Text)
	r.packed = append(binary.NativeEndian.AppendUint32(r.packed, uint32(len(text))), text...)
}

// Blob gives a parameter a blob, which may be empty.
func (r *Rows) Blob(parameter int, b []byte) {
	r.value(parameter, Blob)
	r.packed = append(binary.NativeEndian.AppendUint32(r.packed, uint32(len(b))), b...)
}

// End ends a row.
func (r *Rows) End() {
	r.packed = append(r.packed, 0, 0)
	r.n++
}

// Len is how many rows there are, and Size how many bytes.
func (r *Rows) Len() int  { return r.n }
func (r *Rows) Size() int { return len(r.packed) }

// Packed returns the rows for put_rows, until another one is begun.
func (r *Rows) Packed() []byte { return r.packed }

// Room is how many bytes they may have before they need more of it.
func (r *Rows) Room() int { return cap(r.packed) }

// Empty has the room used again.
func (r *Rows) Empty() { r.packed, r.n = r.packed[:0], 0 }
