package core_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// BenchmarkDecide decides about records that are new, the same, changed there,
// changed here, and changed on both sides, in turn.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			all := situations(n)
			rules := core.Rules{Strategy: core.StrategyAll, Update: core.PolicyNewer, Conflict: core.PolicyNewer, Merge: true}
			b.ReportAllocs()
			for b.Loop() {
				settle := 0
				for i := range all {
					if rules.Decide(all[i]).Action == core.ActSettle {
						settle++
					}
				}
				if settle != n/5 {
					b.Fatalf("%d of %d have to be settled", settle, n)
				}
			}
		})
	}
}

func situations(n int) []core.Situation {
	side := func(hash byte, at core.MTime) core.Side {
		return core.Side{Stamp: core.Stamp{ModifiedOn: at, MCI: 1}, Hash: core.Hash{hash}}
	}
	kinds := []core.Situation{
		{Theirs: side(1, 100)},
		{Known: true, HasBase: true, BaseHash: core.Hash{1}, Ours: side(1, 100), Theirs: side(1, 100)},
		{Known: true, HasBase: true, BaseHash: core.Hash{1}, Ours: side(1, 100), Theirs: side(2, 200)},
		{Known: true, HasBase: true, BaseHash: core.Hash{1}, Ours: side(2, 200), Theirs: side(1, 100), ChangedHere: true},
		{Known: true, HasBase: true, BaseHash: core.Hash{1}, Ours: side(2, 200), Theirs: side(3, 300), ChangedHere: true},
	}
	all := make([]core.Situation, n)
	for i := range all {
		all[i] = kinds[i%len(kinds)]
	}
	return all
}
