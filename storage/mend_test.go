package storage_test

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func faults(t *testing.T, db *storage.DB) map[string]string {
	t.Helper()
	checks, err := db.Doctor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, c := range checks {
		if !c.OK {
			out[c.Name] = c.Said.String()
		}
	}
	return out
}

func TestTheDoctorMendsWhatIsSafe(t *testing.T) {
	for _, tt := range []struct {
		name, fault, spoil string
	}{
		{"a counter behind the records", "numbering", `UPDATE counter SET seq = 0`},
		{"a task that is ahead of everything", "progress", `UPDATE task SET push_seq = 1000000`},
		{"a base without its record", "versions", `INSERT INTO base (repository_id, resource_id, record_id, hash, modified_on, seq, deleted, payload) SELECT repository_id, resource_id, 999, hash, modified_on, seq, deleted, payload FROM base LIMIT 1`},
		{"a record of which only the history is left", "versions", `DELETE FROM r_org_organisation WHERE _seq = (SELECT max(_seq) FROM r_org_organisation)`},
		{"a refusal of a repository that is gone", "waiting", `INSERT INTO quarantine (repository_id, run, outgoing, resource, uuid, token, reason, details, content, seq, since, attempts, next_try)
VALUES (77, '', 1, 'org_organisation', 'x', 'x', '', '', '', 1, 1, 1, 1)`},
		{"a refusal of what was delivered", "waiting", `INSERT INTO quarantine (repository_id, run, outgoing, resource, uuid, token, reason, details, content, seq, since, attempts, next_try)
SELECT id, '', 1, 'org_organisation', '` + storagetest.UUID(1) + `', '` + storagetest.UUID(1) + `', '', '', '', 1, 1, 1, 1 FROM repository`},
		{"an unsent record below the watermark", "unsent", `UPDATE task SET push_seq = (SELECT seq FROM counter)`},
		{"an index that lacks a row", "database", `PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE INDEX job_repository ON job (enabled)' WHERE name = 'job_repository'`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, clock := t.TempDir(), storagetest.NewClock()
			db := storagetest.Open(t, dir, clock)
			repo := storagetest.Repository(t, db, "a").ID
			storagetest.Task(t, db, repo, "org_organisation")
			storagetest.Pull(t, db, repo, storagetest.Organisation(1), storagetest.Organisation(2))
			if _, err := db.SaveJob(ctx, core.Job{RepositoryID: repo, Every: 3600e9}); err != nil {
				t.Fatal(err)
			}
			edit(t, db, link(2), "name", "unsent")
			edit(t, db, link(2), "name", "unsent, again")
			if found := faults(t, db); len(found) != 0 {
				t.Fatalf("sound, but %v", found)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			raw(t, dir, tt.spoil)
			db = storagetest.Open(t, dir, clock)
			if found := faults(t, db); found[tt.fault] == "" {
				t.Fatalf("not seen: %v", found)
			}
			if _, err := db.Mend(ctx); err != nil {
				t.Fatal(err)
			}
			if found := faults(t, db); len(found) != 0 {
				t.Errorf("still there: %v", found)
			}
			rec, err := db.Record(ctx, link(2))
			if err != nil || rec.Title() == "" {
				t.Errorf("the edit: %+v, %v", rec, err)
			}
			// Whatever was wrong, the next change gets a new number, and is sent.
			before, _ := db.Seq(ctx)
			storagetest.Import(t, db, func(tx intake.Tx) error {
				rec := storagetest.Organisation(3)
				return tx.Put(ctx, &rec, core.Change{Rule: "edit"})
			})
			after, _ := db.Seq(ctx)
			if all, err := db.UnsentLinks(ctx, repo); after <= before || err != nil || len(all) < 2 {
				t.Errorf("seq %d after %d; unsent %v, %v", after, before, all, err)
			}
		})
	}
}
