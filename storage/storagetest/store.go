// Package storagetest gives tests a store of their own: a real, migrated
// database in the test's folder, with a clock they can move.
package storagetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
)

// Start is what a Clock shows at first.
var Start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

// NewClock returns a clock that shows Start.
func NewClock() *Clock { return &Clock{now: Start} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the clock.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// New returns an open store in t.TempDir, closed at the test's end. Its passwords
// lie in an encrypted file.
func New(t testing.TB) (*storage.DB, *Clock) {
	t.Helper()
	clock := NewClock()
	return Open(t, t.TempDir(), clock), clock
}

// Open opens the store in dir, closed at the test's end.
func Open(t testing.TB, dir string, clock *Clock) *storage.DB {
	t.Helper()
	db, err := storage.Open(context.Background(), storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return db
}

// Repository adds a repository of that name.
func Repository(t testing.TB, db *storage.DB, name string) core.Repository {
	t.Helper()
	r, err := db.AddRepository(context.Background(), core.Repository{Name: name, UUID: "urn:uuid:repo-" + name, URL: "https://" + name + ".example.org/eden"})
	if err != nil {
		t.Fatalf("add repository %s: %v", name, err)
	}
	return r
}

// Task adds a task with Eden's defaults.
func Task(t testing.TB, db *storage.DB, repo int64, resource core.Resource) core.Task {
	t.Helper()
	task, err := db.AddTask(context.Background(), core.NewTask(repo, resource))
	if err != nil {
		t.Fatalf("add task %s: %v", resource, err)
	}
	return task
}

// Import runs fn in a transaction that must succeed.
func Import(t testing.TB, db *storage.DB, fn func(tx intake.Tx) error) {
	t.Helper()
	if err := db.Import(context.Background(), fn); err != nil {
		t.Fatalf("import: %v", err)
	}
}

// Put stores records as they are.
func Put(t testing.TB, db *storage.DB, recs ...core.Record) {
	t.Helper()
	Import(t, db, func(tx intake.Tx) error {
		for i := range recs {
			if err := tx.Put(context.Background(), &recs[i], core.Change{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Pull stores records as if the repository had delivered them.
func Pull(t testing.TB, db *storage.DB, repo int64, recs ...core.Record) {
	t.Helper()
	Import(t, db, func(tx intake.Tx) error {
		for i := range recs {
			if err := tx.Put(context.Background(), &recs[i], core.Change{Rule: "create", Origin: repo}); err != nil {
				return err
			}
			if err := tx.SetBase(context.Background(), repo, &recs[i], core.SeqCurrent); err != nil {
				return err
			}
		}
		return nil
	})
}

// UUID returns the n-th uuid of a series.
func UUID(n int) string { return fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012x", n) }

// Organisation returns the n-th organisation, lively enough for lists and search.
func Organisation(n int) core.Record {
	return core.Record{
		Resource: "org_organisation", UUID: UUID(n), MCI: 1,
		CreatedOn: core.MTimeOf(Start) - 1000, ModifiedOn: core.MTimeOf(Start) - 500 + core.MTime(n%400),
		CreatedBy: "amina@example.org", ModifiedBy: "amina@example.org", OwnedBy: "amina@example.org",
		Fields: []core.Field{
			{Name: "name", Value: core.Text(fmt.Sprintf("Organisation %05d", n))},
			{Name: "acronym", Value: core.Text(fmt.Sprintf("O%d", n))},
			{Name: "country", Value: core.Text("KE"), Text: "Kenya"},
			{Name: "year", Value: core.Value{Kind: core.Integer, Str: fmt.Sprint(1950 + n%70)}},
			{Name: "budget", Value: core.Value{Kind: core.Number, Str: fmt.Sprintf("%d.25", n)}},
			{Name: "region_id", Value: core.RefTo("org_region", UUID(1_000_000+n%50)), Text: fmt.Sprintf("Region %d", n%50)},
			{Name: "website", Value: core.Text("https://example.org")},
			{Name: "comments", Value: core.Text("Works in 3 counties.\nCall first.")},
		},
	}
}

// Contact returns a component of a person or organisation.
func Contact(n int, master core.Link) core.Record {
	return core.Record{
		Resource: "pr_contact", UUID: UUID(2_000_000 + n), Master: master, Alias: "contact", MCI: 1, ModifiedOn: core.MTimeOf(Start) - 400,
		Fields: []core.Field{{Name: "contact_method", Value: core.Text("SMS"), Text: "Mobile Phone"}, {Name: "value", Value: core.Text(fmt.Sprintf("+25470%07d", n))}},
	}
}
