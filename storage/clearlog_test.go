package storage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestTheLogIsKeptAsLongAsItMayBeNeeded(t *testing.T) {
	db, clock := storagetest.New(t)
	a, b := storagetest.Repository(t, db, "a").ID, storagetest.Repository(t, db, "b").ID
	note := func(repo int64, run, message string) {
		t.Helper()
		if _, err := db.AddLog(ctx, core.LogEntry{RepositoryID: repo, Run: run, Message: message, Result: core.ResultSuccess}); err != nil {
			t.Fatal(err)
		}
	}
	left := func() string {
		t.Helper()
		rows, err := db.Log(ctx, storage.LogQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, e := range rows {
			all = append(all, e.Message)
		}
		return strings.Join(all, ", ")
	}
	// A run that replaced a version can be taken back, and the log leads there.
	storagetest.Import(t, db, func(tx intake.Tx) error {
		rec := storagetest.Organisation(1)
		return tx.Put(ctx, &rec, core.Change{Rule: "create", Origin: a, Run: "first"})
	})
	storagetest.Import(t, db, func(tx intake.Tx) error {
		rec := storagetest.Organisation(1)
		rec.Set(core.Field{Name: "name", Value: core.Text("another")})
		return tx.Put(ctx, &rec, core.Change{Rule: "NEWER", Origin: a, Run: "second"})
	})
	note(a, "first", "made one")
	note(a, "second", "changed one")
	note(a, "", "an error")
	note(b, "third", "the last of b")
	clock.Add(200 * 24 * time.Hour)
	note(a, "fourth", "younger")
	clock.Add(200 * 24 * time.Hour)
	note(a, "fifth", "youngest")
	all, now := left(), core.MTimeOf(clock.Now())

	for name, r := range map[string]core.Retention{"for ever": {}, "not as old": {LogDays: 500}, "not as large": {LogMegabytes: 1}} {
		if n, err := db.ClearLog(ctx, r, now); err != nil || n != 0 || left() != all {
			t.Fatalf("%s: cleared %d, %v", name, n, err)
		}
	}
	if n, err := db.ClearLog(ctx, core.Retention{LogDays: 300}, 0); err != nil || n != 0 {
		t.Fatalf("cleared %d, %v although the time is not known", n, err)
	}
	if n, err := db.ClearLog(ctx, core.Retention{LogDays: 300}, now); err != nil || n != 2 || left() != "youngest, younger, the last of b, changed one" {
		t.Errorf("cleared %d, %v; left: %s", n, err, left())
	}
	// Once the version is cleared away there is nothing to take back.
	if n, err := db.ClearHistory(ctx, core.Retention{Days: 300}, now); err != nil || n != 1 {
		t.Fatalf("cleared %d versions, %v", n, err)
	}
	if n, err := db.ClearLog(ctx, core.Retention{LogDays: 300}, now); err != nil || n != 1 || left() != "youngest, younger, the last of b" {
		t.Errorf("cleared %d, %v; left: %s", n, err, left())
	}

	// By size the oldest go first, in more than one transaction.
	details := strings.Repeat("x", 300)
	rows := make([]core.LogEntry, 6000)
	for i := range rows {
		rows[i] = core.LogEntry{RepositoryID: a, Message: fmt.Sprint(i), Details: details, Result: core.ResultSuccess}
	}
	if _, err := db.AddLogs(ctx, rows); err != nil {
		t.Fatal(err)
	}
	n, err := db.ClearLog(ctx, core.Retention{LogMegabytes: 1}, now)
	if kept := len(strings.Split(left(), ", ")); err != nil || n < 3500 || kept != 6003-n || kept < 1800 {
		t.Errorf("cleared %d, %v; left %d", n, err, kept)
	}
	if got := left(); !strings.HasPrefix(got, "5999, 5998, ") || !strings.HasSuffix(got, "the last of b") {
		t.Errorf("the youngest must stay, and the last of each repository: %.40s … %s", got, got[len(got)-40:])
	}
}

// Nobody has to think of it: the daily upkeep does it.
func TestUpkeepClearsTheLog(t *testing.T) {
	db, clock := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	repo.URL = "" // it calls us: nobody confirms the time, and nobody contradicts
	if _, err := db.UpdateRepository(ctx, repo); err != nil {
		t.Fatal(err)
	}
	if err := db.SetRetention(ctx, core.Retention{LogDays: 15}); err != nil {
		t.Fatal(err)
	}
	for day := range 45 {
		if _, err := db.AddLogs(ctx, []core.LogEntry{{RepositoryID: repo.ID, Message: fmt.Sprint("day ", day), Result: core.ResultSuccess}}); err != nil {
			t.Fatal(err)
		}
		if err := db.StartRun(ctx, core.Run{ID: fmt.Sprint("run ", day), Repository: repo.ID, Started: core.MTimeOf(clock.Now())}); err != nil {
			t.Fatal(err)
		}
		if err := db.Upkeep(ctx); err != nil {
			t.Fatal(err)
		}
		clock.Add(25 * time.Hour)
	}
	rows, err := db.Log(ctx, storage.LogQuery{})
	if err != nil || len(rows) < 12 || len(rows) > 18 {
		t.Errorf("%d entries are left, %v", len(rows), err)
	}
}
