package core_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// BenchmarkHash hashes records of one table, one after the other.
func BenchmarkHash(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		recs, _, _ := versions(n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var h core.Hasher
				for i := range recs {
					if h.Sum(&recs[i]).IsZero() {
						b.Fatal("no hash")
					}
				}
			}
		})
	}
}

// BenchmarkSeal makes the seals by which a receiver proves what it has.
func BenchmarkSeal(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		recs, _, _ := versions(n)
		hashes := make([]core.Hash, n)
		for i := range recs {
			hashes[i] = recs[i].Hash()
		}
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range recs {
					if core.SealOf(recs[i].Link(), hashes[i], recs[i].ModifiedOn) == (core.Seal{}) {
						b.Fatal("no seal")
					}
				}
			}
		})
	}
}
