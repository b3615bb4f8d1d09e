package packing

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is how far back what is packed with zstd may refer, which is the memory that
// it takes to unpack: the most that HTTP allows (RFC 9659).
const maxWindow = 8 << 20

// unpackers of zstd that are not in use: each has buffers for a whole window.
var unpackers = sync.Pool{New: func() any {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		panic("bug: " + err.Error())
	}
	return z
}}

// An Unpacker reads what is packed. It is not for several goroutines.
type Unpacker struct {
	r    io.Reader
	zstd *zstd.Decoder // lent until it is closed; nil: it is none
}

// An UnknownError says that a document is packed in a way nobody here knows.
type UnknownError struct{ Coding string }

// Error names the coding.
func (e *UnknownError) Error() string { return "unknown content encoding " + e.Coding }

// Unpack returns a reader of what r has, by the value of Content-Encoding: nil if that
// says that it is not packed. The error is io.EOF where there is nothing at all, an
// *UnknownError, or one for which IsFault holds. What is unpacked has no limit here.
func Unpack(coding string, r io.Reader) (*Unpacker, error) {
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "", "identity":
		return nil, nil //nolint:nilnil // there is nothing to unpack, and nothing wrong with that
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("gzip: %w", err)
			}
			return nil, err
		}
		return &Unpacker{r: z}, nil
	case "zstd":
		z := unpackers.Get().(*zstd.Decoder) // nothing else is put there
		if err := z.Reset(r); err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		return &Unpacker{r: z, zstd: z}, nil
	}
	return nil, &UnknownError{coding}
}

// Read unpacks. An error for which IsFault holds says that it was not packed as the
// sender said, io.ErrUnexpectedEOF that it broke off.
func (u *Unpacker) Read(b []byte) (int, error) { return u.r.Read(b) }

// Close lets go of the reader behind it, which is not closed. A Read that comes after it
// finds an end.
func (u *Unpacker) Close() {
	if z := u.zstd; z != nil && z.Reset(nil) == nil {
		unpackers.Put(z)
	}
	u.r, u.zstd = strings.NewReader(""), nil
}

// faults are the errors of bytes that are not packed as is said of them.
var faults = []error{
	gzip.ErrHeader, gzip.ErrChecksum,
	zstd.ErrMagicMismatch, zstd.ErrCRCMismatch, zstd.ErrReservedBlockType, zstd.ErrBlockTooSmall, zstd.ErrCompressedSizeTooBig,
	zstd.ErrUnexpectedBlockSize, zstd.ErrUnknownDictionary, zstd.ErrWindowSizeExceeded, zstd.ErrWindowSizeTooSmall, zstd.ErrFrameSizeExceeded, zstd.ErrFrameSizeMismatch,
}

// IsFault reports whether the bytes were not packed as the sender said.
func IsFault(err error) bool {
	return slices.ContainsFunc(faults, func(fault error) bool { return errors.Is(err, fault) })
}
