package eden

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packings are what an answer may be packed with, the better one first. An Eden knows
// gzip; a Fieldsync packs with zstd, which is a quarter smaller and unpacked in a third
// of the time.
const packings = "zstd, gzip"

// maxWindow is how far back an answer packed with zstd may refer, which is the memory
// that it takes to unpack: the most that HTTP allows (RFC 9659).
const maxWindow = 8 << 20

// unpackers of zstd that are not in use: each has buffers for a whole window.
var unpackers = sync.Pool{New: func() any {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		panic("bug: " + err.Error())
	}
	return z
}}

// unpack puts a reader over the body where the server packed it, and the limit over
// that, so that a small packet cannot become an endless one.
func (r *reply) unpack(limit int64) error {
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(r.body.r)
		if errors.Is(err, io.EOF) {
			return nil // no body at all
		}
		if err != nil {
			return fmt.Errorf("gzip: %w", err)
		}
		r.body.r = z
	case "zstd":
		z := unpackers.Get().(*zstd.Decoder) // nothing else is put there
		if err := z.Reset(r.body.r); err != nil {
			return fmt.Errorf("zstd: %w", err)
		}
		r.body.r, r.body.unpacker = z, z
	default:
		return &encodingError{encoding}
	}
	r.body.r = &limited{r: r.body.r, left: limit}
	return nil
}

// packingFaults are the errors of bytes that are not packed as the server says.
var packingFaults = []error{
	gzip.ErrHeader, gzip.ErrChecksum,
	zstd.ErrMagicMismatch, zstd.ErrCRCMismatch, zstd.ErrReservedBlockType, zstd.ErrBlockTooSmall, zstd.ErrCompressedSizeTooBig,
	zstd.ErrUnexpectedBlockSize, zstd.ErrUnknownDictionary, zstd.ErrWindowSizeExceeded, zstd.ErrWindowSizeTooSmall, zstd.ErrFrameSizeExceeded, zstd.ErrFrameSizeMismatch,
}

// isPackingFault reports whether the bytes were not packed as the server said.
func isPackingFault(err error) bool {
	return slices.ContainsFunc(packingFaults, func(fault error) bool { return errors.Is(err, fault) })
}
