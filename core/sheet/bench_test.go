package sheet

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// eachFormat runs fn for both formats and each size.
func eachFormat(b *testing.B, fn func(b *testing.B, format Format, recs []core.Record)) {
	for format, name := range []string{CSV: "csv", XLSX: "xlsx"} {
		for _, n := range []int{1000, 10_000} {
			recs := make([]core.Record, n)
			for i := range recs {
				recs[i] = sample(fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012x", i), fmt.Sprint("Office ", i))
			}
			b.Run(fmt.Sprintf("format=%s/records=%d", name, n), func(b *testing.B) { fn(b, Format(format), recs) })
		}
	}
}

// BenchmarkWrite is the export of a table to a spreadsheet.
func BenchmarkWrite(b *testing.B) {
	eachFormat(b, func(b *testing.B, format Format, recs []core.Record) {
		b.ReportAllocs()
		for b.Loop() {
			if len(write(b, format, recs...)) == 0 {
				b.Fatal("nothing was written")
			}
		}
	})
}

// BenchmarkRead reads it again.
func BenchmarkRead(b *testing.B) {
	eachFormat(b, func(b *testing.B, format Format, recs []core.Record) {
		file := write(b, format, recs...)
		b.ReportAllocs()
		for b.Loop() {
			if rows, err := readAll(file, format); err != nil || len(rows) != len(recs) {
				b.Fatal(len(rows), err)
			}
		}
	})
}
