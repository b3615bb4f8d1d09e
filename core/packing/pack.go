package packing

import (
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A Coding is one of HTTP. Name is its name there. It keeps packers for the next
// documents: each has tables of half a megabyte and more.
type Coding struct {
	Name    string
	packers sync.Pool
}

// window is how far back the packing with zstd looks: whoever unpacks needs as much
// memory, and documents are not packed better with more.
const window = 128 << 10

var codings = []*Coding{
	{Name: "zstd", packers: sync.Pool{New: func() any {
		z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic("bug: " + err.Error())
		}
		return z
	}}},
	{Name: "gzip", packers: sync.Pool{New: func() any {
		gz, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic("bug: " + err.Error())
		}
		return gz
	}}},
}

// resetter is what the packers of all codings are.
type resetter interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// A Packer packs what is written to it. It is not for several goroutines.
type Packer struct {
	of   *Coding
	with resetter // nil: it is closed
}

// Pack returns a packer that writes to w. Who does not close it loses what it holds back,
// and nothing else.
func (c *Coding) Pack(w io.Writer) *Packer {
	with := c.packers.Get().(resetter) // nothing else is put there
	with.Reset(w)
	return &Packer{c, with}
}

// Write packs b, and hands on what is ready. The error is that of the writer behind it.
func (p *Packer) Write(b []byte) (int, error) { return p.with.Write(b) }

// Close hands on the rest. The writer behind it is not closed.
func (p *Packer) Close() error {
	err := p.with.Close()
	p.with.Reset(nil)
	p.of.packers.Put(p.with)
	p.with = nil // it serves another document by now
	return err
}
