package storage_test

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestWhatIsSetAsideIsTriedAgainAfterAChangeThatMayHelp(t *testing.T) {
	dir, clock := t.TempDir(), storagetest.NewClock()
	o := storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir), Version: "1.0"}
	db, err := storage.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	repo := storagetest.Repository(t, db, "a")
	task := storagetest.Task(t, db, repo.ID, "org_organisation")
	schema := core.Schema{Resource: "org_organisation", Fetched: 1, Fields: []core.FieldSchema{{Name: "name", Type: "string"}}}
	if err := db.SaveSchema(ctx, schema); err != nil {
		t.Fatal(err)
	}
	var last core.MTime // of the attempt
	wait := func() {
		t.Helper()
		storagetest.Import(t, db, func(tx intake.Tx) error {
			for reason, uuid := range map[string]string{"refused": storagetest.UUID(1), core.HeldDeletion: storagetest.UUID(2)} {
				q := core.Quarantine{RepositoryID: repo.ID, Outgoing: reason == "refused", Record: core.Link{Resource: "org_organisation", UUID: uuid}, Reason: reason}
				if err := tx.AddQuarantine(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
		last = core.MTimeOf(clock.Now())
	}
	due := func() (refused, held bool) {
		t.Helper()
		list, err := db.Quarantines(ctx, repo.ID)
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		for _, q := range list {
			if q.Outgoing {
				refused = q.NextTry <= last
			} else {
				held = q.NextTry <= last
			}
		}
		return refused, held
	}
	for _, tt := range []struct {
		name   string
		change func() error
		want   bool
	}{
		{"nothing", func() error { return nil }, false},
		{"the same fields were asked for again", func() error { s := schema; s.Fetched = 9; return db.SaveSchema(ctx, s) }, false},
		{"the server's fields changed", func() error {
			s := schema
			s.Fields = append(s.Fields, core.FieldSchema{Name: "acronym", Type: "string"})
			return db.SaveSchema(ctx, s)
		}, true},
		{"an administrator changed the task", func() error { task.Strategy = core.StrategyAll; return db.UpdateTask(ctx, task) }, true},
		{"another table is exchanged", func() error { _, err := db.AddTask(ctx, core.NewTask(repo.ID, "org_office")); return err }, true},
		{"another account is used", func() error { repo.Username = "other"; _, err := db.UpdateRepository(ctx, repo); return err }, true},
		{"the program is started again", func() error {
			if err := db.Close(); err != nil {
				return err
			}
			db, err = storage.Open(ctx, o)
			return err
		}, false},
		{"another version of the program", func() error {
			if err := db.Close(); err != nil {
				return err
			}
			o.Version = "1.1"
			db, err = storage.Open(ctx, o)
			return err
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wait()
			if err := tt.change(); err != nil {
				t.Fatal(err)
			}
			refused, held := due()
			if refused != tt.want {
				t.Errorf("due at once: %v, want %v", refused, tt.want)
			}
			if held {
				t.Error("what a brake holds waits for a person")
			}
		})
	}
}
