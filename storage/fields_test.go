package storage_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// Whichever fields a record has, and whichever the one before it had, they come back:
// before and after a column was added.
func TestARecordHasTheFieldsItCameWithAndNoOthers(t *testing.T) {
	db, _ := storagetest.New(t)
	var all []core.Record
	for n := range 128 {
		rec := core.Record{Resource: "test_thing", UUID: storagetest.UUID(n), MCI: 2, ModifiedOn: 77}
		fields := 5
		if n >= 64 {
			fields = 6
		}
		for bit := range fields {
			if n>>bit&1 != 0 {
				rec.Fields = append(rec.Fields, field(fmt.Sprint("f", bit), core.String, fmt.Sprint(n, " ", bit)))
			}
		}
		if n%3 == 0 {
			rec.OwnedBy, rec.Alias = "someone", "alias"
			rec.Master = core.Link{Resource: "test_master", UUID: storagetest.UUID(1000 + n/9)}
		}
		all = append(all, rec)
	}
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for i := range all {
			if err := tx.Put(ctx, &all[i], core.Change{Rule: "create"}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, want := range all {
		got, err := db.Record(ctx, want.Link())
		if err != nil {
			t.Fatal(err)
		}
		if diff := sameRecord(want, got); diff != "" {
			t.Errorf("put and read differ:\n%s", diff)
		}
	}
}
