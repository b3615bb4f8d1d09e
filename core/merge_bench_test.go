package core_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// versions are n records as they were agreed on, as they are here, and as they
// are at the peer: each side changed one field of another.
func versions(n int) (base, ours, theirs []core.Record) {
	for i := range n {
		rec := core.Record{Resource: "org_organisation", UUID: fmt.Sprint("urn:uuid:", i)}
		for _, name := range []string{"name", "acronym", "country", "contact", "phone", "email", "website", "address", "comments", "type", "focus", "code"} {
			rec.Set(core.Field{Name: name, Value: core.Text(fmt.Sprintf("%s of organisation %d", name, i))})
		}
		here, there := rec.Clone(), rec.Clone()
		here.Set(core.Field{Name: "phone", Value: core.Text("changed here")})
		there.Set(core.Field{Name: "comments", Value: core.Text("changed there")})
		base, ours, theirs = append(base, rec), append(ours, here), append(theirs, there)
	}
	return base, ours, theirs
}

func BenchmarkDiff(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		base, ours, theirs := versions(n)
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range base {
					if got := core.Differences(&base[i], &ours[i]); len(got) != 1 {
						b.Fatal(got)
					}
					if _, clashes := core.Merge(&base[i], &ours[i], &theirs[i]); len(clashes) != 0 {
						b.Fatal(clashes)
					}
				}
			}
		})
	}
}
