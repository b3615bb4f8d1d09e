package s3xml

import (
	"io"

	"github.com/fieldsync/fieldsync/core"
)

// A Decoder reads a document record by record.
type Decoder struct {
	r      io.Reader
	limits Limits
}

// NewDecoder returns a decoder that reads from r.
func NewDecoder(r io.Reader, limits Limits) *Decoder { return &Decoder{r: r, limits: limits.filled()} }

// Root reads up to and including the document element's start tag.
func (d *Decoder) Root() (Root, error) { return Root{}, io.EOF }

// Next reads the next top-level record.
func (d *Decoder) Next(rec *core.Record) error { return io.EOF }

// Dropped returns the number of private resources skipped so far.
func (d *Decoder) Dropped() int { return 0 }

// Offset returns the number of bytes consumed.
func (d *Decoder) Offset() int64 { return 0 }

// ParseRecord reads one <resource> element.
func ParseRecord(xml string) (core.Record, error) { return core.Record{}, io.EOF }
