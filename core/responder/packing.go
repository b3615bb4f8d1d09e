package responder

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A packer packs one answer after the other.
type packer interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// A packing is a coding of HTTP with its packers for the next answers: each has tables
// of half a megabyte and more.
type packing struct {
	coding  string
	packers sync.Pool
}

// zstdWindow is how far back the packing with zstd looks: whoever unpacks needs as much
// memory, and documents are not packed better with more.
const zstdWindow = 128 << 10

// packings are what answers are packed with, the better one first. A Fieldsync reads
// zstd, which is a quarter smaller than gzip and unpacked in a third of the time; all
// others read gzip.
var packings = []*packing{
	{coding: "zstd", packers: sync.Pool{New: func() any {
		z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic("bug: " + err.Error())
		}
		return z
	}}},
	{coding: "gzip", packers: sync.Pool{New: func() any {
		gz, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic("bug: " + err.Error())
		}
		return gz
	}}},
}

// packingFor returns what the peer can read; nil if that is nothing.
func packingFor(h http.Header) *packing {
	for _, p := range packings {
		if accepts(h, p.coding) {
			return p
		}
	}
	return nil
}

// accepts reads Accept-Encoding. "Anything" is taken for gzip.
func accepts(h http.Header, wanted string) bool {
	for _, line := range h.Values("Accept-Encoding") {
		for item := range strings.SplitSeq(line, ",") {
			coding, quality, _ := strings.Cut(item, ";")
			coding, quality = strings.TrimSpace(coding), strings.ReplaceAll(quality, " ", "")
			if (coding == wanted || coding == "*" && wanted == "gzip") && strings.Trim(strings.TrimPrefix(quality, "q="), "0.") != "" {
				return true
			}
			if coding == wanted && quality == "" {
				return true
			}
		}
	}
	return false
}
