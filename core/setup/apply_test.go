package setup_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/setup"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

var errCut = errors.New("the process is gone")

// A cutStore is a store of which the process is gone after some writes.
type cutStore struct {
	*storage.DB
	left int
}

func (c *cutStore) gone() error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return nil
}

func (c *cutStore) SaveNode(ctx context.Context, n core.Node) error {
	return errors.Join(c.gone(), c.unless(func() error { return c.DB.SaveNode(ctx, n) }))
}

func (c *cutStore) SavePreferences(ctx context.Context, p core.Preferences) error {
	return errors.Join(c.gone(), c.unless(func() error { return c.DB.SavePreferences(ctx, p) }))
}

func (c *cutStore) UpdateTask(ctx context.Context, t core.Task) error {
	return errors.Join(c.gone(), c.unless(func() error { return c.DB.UpdateTask(ctx, t) }))
}

func (c *cutStore) AddRepository(ctx context.Context, r core.Repository) (core.Repository, error) {
	if err := c.gone(); err != nil {
		return r, err
	}
	return c.DB.AddRepository(ctx, r)
}

func (c *cutStore) UpdateRepository(ctx context.Context, r core.Repository) (core.Repository, error) {
	if err := c.gone(); err != nil {
		return r, err
	}
	return c.DB.UpdateRepository(ctx, r)
}

func (c *cutStore) AddTask(ctx context.Context, t core.Task) (core.Task, error) {
	if err := c.gone(); err != nil {
		return t, err
	}
	return c.DB.AddTask(ctx, t)
}

func (c *cutStore) SaveJob(ctx context.Context, j core.Job) (core.Job, error) {
	if err := c.gone(); err != nil {
		return j, err
	}
	return c.DB.SaveJob(ctx, j)
}

func (c *cutStore) unless(do func() error) error {
	if c.left < 0 {
		return nil
	}
	return do()
}

// standing is all that a setup sets up, without what a process counts.
func standing(t *testing.T, db *storage.DB) string {
	t.Helper()
	ctx := t.Context()
	node, err := db.Node(ctx)
	prefs, err1 := db.Preferences(ctx)
	all, err2 := db.Repositories(ctx)
	if err = errors.Join(err, err1, err2); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintln(node.Proxy, prefs.Language)
	for _, r := range all {
		tasks, err := db.Tasks(ctx, r.ID)
		jobs, err1 := db.Jobs(ctx, r.ID)
		if err = errors.Join(err, err1); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintln(r.Name, r.URL, r.Username, r.Password != "", r.Stopped)
		for _, task := range tasks {
			text += fmt.Sprintln(task.Resource, task.Mode, task.Strategy, task.Update, task.Conflict, task.Merge, task.Filters)
		}
		for _, j := range jobs {
			text += fmt.Sprintln(j.Enabled, j.Every, j.Cron)
		}
	}
	return text
}

// A file is read in several steps. Where the process is gone between two of them, what stands there
// is a server with fewer tables or times, which nobody takes for another one, and reading the file again
// ends where reading it once does.
func TestASetupThatWasCutOffIsWholeTheSecondTime(t *testing.T) {
	file := setup.Setup{Proxy: "http://proxy.example.org:3128", Language: "fr", Repositories: []setup.Repository{
		{Repository: core.Repository{Name: "Headquarters", URL: "https://new.example.org/eden", Username: "field@example.org"},
			Tasks: []core.Task{core.NewTask(0, "org_office"), core.NewTask(0, "pr_person")}, Jobs: []core.Job{{Enabled: true, Every: time.Hour}, {Cron: "30 6 * * 1-5"}}},
		{Repository: core.Repository{Name: "Region", URL: "https://region.example.org/eden"}, Tasks: []core.Task{core.NewTask(0, "org_office")}},
	}}
	for before, has := range map[string]func(*storage.DB){
		"nothing was here": func(*storage.DB) {},
		"a server was here": func(db *storage.DB) {
			storagetest.Task(t, db, storagetest.Repository(t, db, "Headquarters").ID, "org_office")
		},
		"a server with a login was here, elsewhere": func(db *storage.DB) {
			_, err := db.AddRepository(t.Context(), core.Repository{Name: "Headquarters", URL: "https://old.example.org/eden", Username: "ada", Password: "secret"})
			if err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(before, func(t *testing.T) {
			fresh := func() *storage.DB {
				db, _ := storagetest.New(t)
				has(db)
				return db
			}
			once := fresh()
			whole := &cutStore{once, 1000}
			if _, err := setup.Apply(t.Context(), whole, setup.Files{}, file); err != nil {
				t.Fatal(err)
			}
			want := standing(t, once)
			for left := range 1000 - whole.left {
				db := fresh()
				if _, err := setup.Apply(t.Context(), &cutStore{db, left}, setup.Files{}, file); !errors.Is(err, errCut) {
					t.Fatalf("after %d writes: %v", left, err)
				}
				if _, err := setup.Apply(t.Context(), db, setup.Files{}, file); err != nil {
					t.Fatal(err)
				}
				if got := standing(t, db); got != want {
					t.Errorf("cut off after %d writes it is\n%s\nand in one go\n%s", left, got, want)
				}
			}
		})
	}
}
