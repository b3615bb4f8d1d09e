package eden

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// A document that comes in pieces is the one that would be written as a whole, however it is
// read.
func TestADocumentInPiecesIsTheWholeOne(t *testing.T) {
	whole := func(batches [][]core.Record) []byte {
		var b bytes.Buffer
		root := s3xml.NewRoot()
		root.Success = true
		encoder := s3xml.NewEncoder(&b, root)
		for _, batch := range batches {
			for i := range batch {
				if err := encoder.Encode(&batch[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := encoder.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, sizes := range map[string][]int{"small": {10, 20}, "one record is longer than a piece": {2 * pieceSize, 3 * pieceSize, 5}, "many pieces": {5000, 7000}} {
		var batches [][]core.Record
		for batch := range 4 {
			var recs []core.Record
			for i := range 100 {
				rec := office(fmt.Sprintf("urn:uuid:%d-%d", batch, i), "A", 1)
				rec.Set(core.Field{Name: "comments", Value: core.Text(strings.Repeat("x", sizes[i%len(sizes)]))})
				recs = append(recs, rec)
			}
			batches = append(batches, recs)
		}
		want := whole(batches)
		for _, with := range []*packing.Coding{nil, packing.For(map[string][]string{"Accept-Encoding": {"zstd"}})} {
			for way, read := range map[string]func(*pushDocument) ([]byte, error){
				"read": func(d *pushDocument) ([]byte, error) { return io.ReadAll(struct{ io.Reader }{d}) },
				"written": func(d *pushDocument) ([]byte, error) {
					var b bytes.Buffer
					_, err := d.WriteTo(&b)
					return b.Bytes(), err
				},
			} {
				asked := 1
				more := func() (records, related []core.Record, err error) {
					if asked == len(batches) {
						return nil, nil, nil
					}
					asked++
					return batches[asked-1][:60], batches[asked-1][60:], nil
				}
				got, err := read(newPushDocument(replicate.PushRequest{Records: batches[0][:60], Related: batches[0][60:], More: more}, with))
				if err == nil && with != nil {
					var unpacker *packing.Unpacker
					if unpacker, err = packing.Unpack(with.Name, bytes.NewReader(got)); err == nil {
						got, err = io.ReadAll(unpacker)
					}
				}
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s, %s, packed %v: %d bytes instead of %d (%v)", name, way, with != nil, len(got), len(want), err)
				}
			}
		}
	}
}
