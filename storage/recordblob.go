package storage

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// blobVersion opens every encoded record.
const blobVersion = 1

var errBlob = errors.New("a stored version is damaged")

// appendRecord appends rec, without its components, in the form in which bases,
// history and conflicts keep versions: a version byte, then texts with their
// length before them. It comes back exactly, whatever bytes the texts hold.
func appendRecord(b []byte, rec *core.Record) []byte {
	b = append(b, blobVersion)
	for _, s := range []string{string(rec.Resource), rec.UUID, string(rec.Master.Resource), rec.Master.UUID, rec.Alias,
		rec.CreatedBy, rec.ModifiedBy, rec.OwnedBy, rec.OwnedGroup, rec.ReplacedBy, rec.URL, rec.Unknown} {
		b = appendString(b, s)
	}
	b = binary.AppendVarint(b, int64(rec.MCI))
	b = binary.AppendVarint(b, int64(rec.CreatedOn))
	b = binary.AppendVarint(b, int64(rec.ModifiedOn))
	deleted := byte(0)
	if rec.Deleted {
		deleted = 1
	}
	b = append(b, deleted)
	b = appendAttrs(b, rec.Attrs)
	b = binary.AppendUvarint(b, uint64(len(rec.Fields)))
	for i := range rec.Fields {
		b = appendBlobField(b, &rec.Fields[i])
	}
	return b
}

func appendBlobField(b []byte, f *core.Field) []byte {
	b = appendString(b, f.Name)
	b = append(b, byte(f.Value.Kind))
	b = appendString(b, f.Value.Str)
	b = appendString(b, f.Value.Aux)
	b = appendString(b, f.Text)
	return appendAttrs(b, f.Attrs)
}

func appendAttrs(b []byte, attrs []core.Attr) []byte {
	b = binary.AppendUvarint(b, uint64(len(attrs)))
	for _, a := range attrs {
		b = appendString(appendString(b, a.Name), a.Value)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeRecord is the opposite of appendRecord.
func decodeRecord(blob []byte) (core.Record, error) {
	if len(blob) == 0 || blob[0] != blobVersion {
		return core.Record{}, fmt.Errorf("%w: unknown form", errBlob)
	}
	r := blobReader{b: blob[1:]}
	var rec core.Record
	rec.Resource = core.Resource(r.text())
	rec.UUID = r.text()
	rec.Master.Resource = core.Resource(r.text())
	for _, s := range []*string{&rec.Master.UUID, &rec.Alias, &rec.CreatedBy, &rec.ModifiedBy, &rec.OwnedBy, &rec.OwnedGroup,
		&rec.ReplacedBy, &rec.URL, &rec.Unknown} {
		*s = r.text()
	}
	rec.MCI = int(r.varint())
	rec.CreatedOn = core.MTime(r.varint())
	rec.ModifiedOn = core.MTime(r.varint())
	rec.Deleted = r.single() == 1
	rec.Attrs = r.attrs()
	if n := r.count(); n > 0 {
		rec.Fields = make([]core.Field, n)
		for i := range rec.Fields {
			rec.Fields[i] = r.field()
		}
	}
	if r.bad || len(r.b) > 0 {
		return core.Record{}, errBlob
	}
	return rec, nil
}

// A blobReader takes an encoded record apart. After the first fault it returns
// zero values and bad is set.
type blobReader struct {
	b   []byte
	bad bool
}

func (r *blobReader) fail() { r.b, r.bad = nil, true }

func (r *blobReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *blobReader) varint() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *blobReader) single() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// count reads a number of things that take at least a byte each.
func (r *blobReader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *blobReader) text() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *blobReader) attrs() []core.Attr {
	n := r.count()
	if n == 0 {
		return nil
	}
	attrs := make([]core.Attr, n)
	for i := range attrs {
		attrs[i] = core.Attr{Name: r.text(), Value: r.text()}
	}
	return attrs
}

func (r *blobReader) field() core.Field {
	f := core.Field{Name: r.text()}
	f.Value.Kind = core.Kind(r.single())
	f.Value.Str = r.text()
	f.Value.Aux = r.text()
	f.Text = r.text()
	f.Attrs = r.attrs()
	return f
}
