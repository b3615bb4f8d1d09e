package storage_test

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// arrived is a laptop after a first pull of so many organisations, each with a contact.
func arrived(t *testing.T, count int) *laptop {
	t.Helper()
	l := newLaptop(t, "org_organisation")
	recs := make([]core.Record, 0, 2*count)
	for n := 1; n <= count; n++ {
		recs = append(recs, storagetest.Organisation(n), storagetest.Contact(n, link(n)))
	}
	storagetest.Pull(t, l.DB, l.repo.ID, recs...)
	return l
}

// Of thousands that came from the repository nothing goes back, and what is changed among
// them goes out wherever it stands.
func TestOfAFirstPullNothingGoesBackButWhatIsChanged(t *testing.T) {
	l := arrived(t, 1500)
	same(t, []string(nil), names(l.outgoing(100)))
	l.wantUnsent(0)
	edit(t, l.DB, core.Link{Resource: "pr_contact", UUID: storagetest.UUID(2_000_700)}, "value", "changed")
	same(t, []string{"Organisation 00700/changed"}, names(l.outgoing(100)))
	edit(t, l.DB, link(3), "name", "changed too")
	edit(t, l.DB, link(9000), "name", "new")
	out := l.outgoing(100)
	same(t, []string{"Organisation 00700/changed", "changed too", "new"}, names(out))
	l.deliver(out)
	same(t, []string(nil), names(l.outgoing(100)))
	storagetest.Import(t, l.DB, func(tx intake.Tx) error {
		rec := storagetest.Organisation(5)
		rec.Deleted, rec.Fields = true, nil
		return tx.Put(ctx, &rec, core.Change{Rule: "delete"})
	})
	if got := l.outgoing(100); len(got) != 1 || !got[0].Record.Deleted {
		t.Errorf("a deletion goes out as %+v", got)
	}
}

// What one repository has another one may lack, also the same one once it is another server.
func TestWhatAnotherRepositoryLacksGoesThere(t *testing.T) {
	l := arrived(t, 1100)
	second := *l
	second.repo = storagetest.Repository(t, l.DB, "second")
	second.task = storagetest.Task(t, l.DB, second.repo.ID, "org_organisation")
	if got := second.outgoing(400); len(got) != 1100 || len(got[0].Record.Components) != 1 {
		t.Errorf("%d masters go to a repository that has none", len(got))
	}
	if err := l.Relink(ctx, l.repo.ID); err != nil {
		t.Fatal(err)
	}
	if got := l.outgoing(400); len(got) != 1100 {
		t.Errorf("%d masters go to a new server", len(got))
	}
}
