package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// Whether the news are taken from the indexes or looked for in the whole table, they
// are the same, in the same order and on the same pages.
func TestFewNewsAreThoseOfTheWholeTable(t *testing.T) {
	db, clock := storagetest.New(t)
	a, b := storagetest.Repository(t, db, "a"), storagetest.Repository(t, db, "b")
	times := []core.MTime{0, 1}
	for wave := range 5 {
		clock.Add(time.Hour)
		times = append(times, core.MTimeOf(clock.Now()))
		for i := range 12 {
			n := wave*12 + i
			rec := storagetest.Organisation(n)
			rec.ModifiedOn = core.MTimeOf(clock.Now().Add(-time.Duration(n*n%97) * time.Minute))
			storagetest.Pull(t, db, a.ID, rec)
			if n%3 == 0 {
				storagetest.Pull(t, db, b.ID, storagetest.Contact(n, link(n)))
			}
			if n%5 == 4 { // another one has changed what a had
				rec = storagetest.Organisation(n - 4)
				rec.ModifiedOn = core.MTimeOf(clock.Now())
				rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("Changed %d", n))})
				storagetest.Pull(t, db, b.ID, rec)
			}
			if n%11 == 10 {
				remove(t, db, link(n-2))
			}
		}
	}
	times = append(times, core.MTimeOf(clock.Now().Add(time.Hour)))
	found := 0
	for _, since := range times {
		for variant := range 12 {
			q := responder.ExportQuery{Resource: "org_organisation", Since: since, Except: []int64{0, a.ID, b.ID}[variant%3], Deleted: variant/3%2 == 1, NoComponents: variant/6 == 1}
			end := storage.LookThrough()
			want := export(t, db, q)
			end()
			same(t, want, export(t, db, q))
			var paged []string
			for q.Limit = 7; len(paged) == q.Start; q.Start += q.Limit {
				paged = append(paged, export(t, db, q)...)
			}
			same(t, want, paged)
			found += len(want)
		}
	}
	if found < 500 {
		t.Errorf("only %d records were compared", found)
	}
}
