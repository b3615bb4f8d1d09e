package storage_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// digestOf is any digest that belongs to a number.
func digestOf(n int) (d core.Digest) {
	copy(d[:], fmt.Sprintf("digest of %06d", n))
	return d
}

// pullWithDigests takes organisations over from a repository, each with its digest.
func pullWithDigests(t *testing.T, db *storage.DB, repo int64, numbers ...int) {
	t.Helper()
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for _, n := range numbers {
			rec := storagetest.Organisation(n)
			if err := tx.Put(ctx, &rec, core.Change{Origin: repo}); err != nil {
				return err
			}
			rec.Digest = digestOf(n)
			if err := tx.SetBase(ctx, repo, &rec, core.SeqCurrent); err != nil {
				return err
			}
		}
		return nil
	})
}

// known asks a pull's recogniser for organisations and returns the numbers of those
// that it knows.
func known(t *testing.T, recognise func([]core.Sighting) error, numbers ...int) (out []int) {
	t.Helper()
	sightings := make([]core.Sighting, 0, len(numbers))
	for _, n := range numbers {
		sightings = append(sightings, core.Sighting{Link: link(n), Digest: digestOf(n)})
	}
	if err := recognise(sightings); err != nil {
		t.Fatal(err)
	}
	for i, s := range sightings {
		if s.Known {
			if s.Row <= 0 {
				t.Errorf("%d is known and has no row", numbers[i])
			}
			out = append(out, numbers[i])
		}
	}
	return out
}

func recogniser(db *storage.DB, repo int64) func([]core.Sighting) error {
	recognise := db.Recognise(repo)
	return func(s []core.Sighting) error { return recognise(ctx, s) }
}

func TestEachDatabaseHasItsOwnKeyForDigests(t *testing.T) {
	keys := make(map[core.DigestKey]bool)
	for range 3 {
		db, _ := storagetest.New(t)
		key, err := db.DigestKey(ctx)
		again, againErr := db.DigestKey(ctx)
		if err != nil || againErr != nil || key != again || key == (core.DigestKey{}) || keys[key] {
			t.Fatalf("%x %v, %x %v, others %v", key, err, again, againErr, keys)
		}
		keys[key] = true
	}
}

func TestWhatCameIsRecognisedInAnyOrder(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	all := make([]int, 700)
	for i := range all {
		all[i] = i + 1
	}
	pullWithDigests(t, db, repo.ID, all...)
	ask := recogniser(db, repo.ID)
	same(t, all[:300], known(t, ask, all[:300]...))
	same(t, all[300:], known(t, ask, all[300:]...))
	backwards := make([]int, 0, len(all))
	for i := range all {
		backwards = append(backwards, all[len(all)-1-i])
	}
	ask = recogniser(db, repo.ID)
	for _, part := range [][]int{backwards[:100], backwards[100:150], backwards[150:160], backwards[160:]} {
		same(t, part, known(t, ask, part...))
	}
	same(t, []int{5, 3}, known(t, recogniser(db, repo.ID), 9999, 5, 8888, 3))
	same(t, []int(nil), known(t, recogniser(db, repo.ID+1), 5, 3))
}

func TestWhatWasWrittenHereSinceIsNotRecognised(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after func(t *testing.T, db *storage.DB, repo, other int64)
	}{
		{"an edit", func(t *testing.T, db *storage.DB, _, _ int64) { edit(t, db, link(2), "name", "here") }},
		{"an edit that was undone by hand", func(t *testing.T, db *storage.DB, _, _ int64) {
			before, err := db.Record(ctx, link(2))
			if err != nil {
				t.Fatal(err)
			}
			edit(t, db, link(2), "name", "here")
			edit(t, db, link(2), "name", before.Value("name").Str)
		}},
		{"a deletion", func(t *testing.T, db *storage.DB, _, _ int64) { remove(t, db, link(2)) }},
		{"a version of another repository", func(t *testing.T, db *storage.DB, _, other int64) {
			rec := storagetest.Organisation(2)
			rec.Set(core.Field{Name: "name", Value: core.Text("elsewhere")})
			storagetest.Pull(t, db, other, rec)
		}},
		{"another version agreed on", func(t *testing.T, db *storage.DB, repo, _ int64) {
			rec := storagetest.Organisation(2)
			storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, repo, &rec, core.SeqNone) })
		}},
		{"another stamp", func(t *testing.T, db *storage.DB, _, _ int64) {
			rec := storagetest.Organisation(2)
			rec.ModifiedOn++
			storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Touch(ctx, &rec) })
		}},
		{"the repository lacks it", func(t *testing.T, db *storage.DB, repo, _ int64) {
			if err := db.Lacks(ctx, repo, []core.Link{link(2)}); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storagetest.New(t)
			repo, other := storagetest.Repository(t, db, "a"), storagetest.Repository(t, db, "b")
			pullWithDigests(t, db, repo.ID, 1, 2, 3)
			same(t, []int{1, 2, 3}, known(t, recogniser(db, repo.ID), 1, 2, 3))
			tt.after(t, db, repo.ID, other.ID)
			same(t, []int{1, 3}, known(t, recogniser(db, repo.ID), 1, 2, 3))
		})
	}
}

func TestADigestIsNotedOnlyOfWhatBothSidesHave(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	storagetest.Pull(t, db, repo.ID, storagetest.Organisation(1), storagetest.Organisation(2), storagetest.Organisation(3))
	edit(t, db, link(2), "name", "here")
	remove(t, db, link(3))
	note := func(d int, replace bool) {
		t.Helper()
		storagetest.Import(t, db, func(tx intake.Tx) error {
			for n := range 5 {
				if err := tx.SetDigest(ctx, repo.ID, link(n+1), digestOf(n+1+d), replace); err != nil {
					return err
				}
			}
			return nil
		})
	}
	note(0, false)
	same(t, []int{1}, known(t, recogniser(db, repo.ID), 1, 2, 3, 4, 5))
	note(100, false) // another place of the same record: they take no turns
	same(t, []int{1}, known(t, recogniser(db, repo.ID), 1))
	note(100, true)
	same(t, []int(nil), known(t, recogniser(db, repo.ID), 1))
}
