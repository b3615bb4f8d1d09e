package records

import (
	"context"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
)

// decided is a store with one office and the conflicts that it had.
type decided struct {
	asking
	row       Row
	conflicts []core.Conflict
	versions  []core.Version
	restored  []int64 // versions, and conflicts as negative numbers
	along     int     // deleted with the record
}

func (d *decided) Row(context.Context, core.Link) (Row, error) {
	if d.row.Record.UUID == "" {
		return d.row, core.ErrNotFound
	}
	return d.row, nil
}
func (d *decided) Components(context.Context, core.Link) ([]core.Record, error) {
	return nil, nil
}
func (d *decided) QuarantinesOf(context.Context, core.Link) ([]core.Quarantine, error) {
	return nil, nil
}
func (d *decided) History(context.Context, core.Link) ([]core.Version, error) {
	return d.versions, nil
}
func (d *decided) Repositories(context.Context) ([]core.Repository, error) {
	return []core.Repository{{ID: 1, Name: "HQ"}}, nil
}
func (d *decided) ConflictsOf(context.Context, core.Link) ([]core.Conflict, error) {
	return d.conflicts, nil
}
func (d *decided) DeleteRecord(context.Context, core.Link, string) (int, error) { return d.along, nil }
func (d *decided) Restore(_ context.Context, version int64, _ string) error {
	d.restored = append(d.restored, version)
	return nil
}
func (d *decided) RestoreLost(_ context.Context, conflict int64, _ string) error {
	d.restored = append(d.restored, -conflict)
	return nil
}

// sheetScreen remembers the sheet that was shown last.
type sheetScreen struct {
	sheet Sheet
	shown int
	gone  bool

	deleted string // what was said
}

func (s *sheetScreen) ShowSheet(sheet Sheet)      { s.sheet, s.shown = sheet, s.shown+1 }
func (s *sheetScreen) ShowTrouble(string, string) {}
func (s *sheetScreen) ShowSaved(bool)             {}
func (s *sheetScreen) ShowDeleted(_ core.Link, title string, along int) {
	s.deleted = deletedWords(title, along)
}
func (s *sheetScreen) ShowGone()         { s.gone = true }
func (s *sheetScreen) ShowProblem(error) {}

func TestADeletionSaysHowManyRecordsWentAlong(t *testing.T) {
	for along, want := range map[int]string{0: "Deleted: Anna", 1: "Deleted: Anna, with 1 record that belongs to it", 3: "Deleted: Anna, with 3 records that belong to it"} {
		view := &sheetScreen{}
		p := &recordPresenter{ctx: t.Context(), store: &decided{along: along}, lanes: async.Direct(), view: view}
		p.sheet.Title = "Anna"
		p.delete()
		if view.deleted != want {
			t.Errorf("%d along: %q, want %q", along, view.deleted, want)
		}
	}
}

func TestAVersionThatAConflictWasDecidedAgainstIsInTheHistory(t *testing.T) {
	office := func(phone, by string) core.Record {
		r := core.Record{Resource: "org_office", UUID: "urn:uuid:1", ModifiedBy: by}
		r.Set(core.Field{Name: "phone1", Value: core.Text(phone)})
		return r
	}
	mine, theirs := office("1", "me"), office("2", "tomas@example.org")
	store := &decided{row: Row{Record: mine, Unsent: true}, versions: []core.Version{{ID: 7, Record: office("0", "me"), Change: core.Change{Rule: "edit", By: "me", At: 100}}},
		conflicts: []core.Conflict{
			{ID: 5, RepositoryID: 1, Ours: mine, Theirs: theirs, Winner: "ours", Resolved: 200},
			{ID: 4, RepositoryID: 1, Ours: mine, Theirs: office("3", ""), Winner: "theirs", Resolved: 50}, // ours was replaced then: that is in the history
			{ID: 3, RepositoryID: 1, Ours: mine, Theirs: office("4", "")},                                 // open: it is under "Needs you"
			{ID: 2, RepositoryID: 1, Ours: mine, Theirs: mine, Winner: "ours", Resolved: 40},              // says what stands
		}}
	screen := &sheetScreen{}
	p := &recordPresenter{ctx: t.Context(), store: store, lanes: async.Direct(), by: "me", now: time.Now, view: screen}
	p.open(mine.Link())
	history := screen.sheet.History
	if len(history) != 2 || !history[0].Lost || history[0].ID != 5 || history[1].ID != 7 {
		t.Fatalf("history %+v", history)
	}
	if want := "Not taken: the version of tomas@example.org at HQ"; history[0].Words != want {
		t.Errorf("got %q, want %q", history[0].Words, want)
	}
	if c := history[0].Changes; len(c) != 1 || c[0].Before != "1" || c[0].After != "2" {
		t.Errorf("what it says otherwise: %+v", c)
	}
	if !screen.sheet.Row.Unsent {
		t.Error("the mark is not shown")
	}
	p.restore(history[0])
	p.restore(history[1])
	if len(store.restored) != 2 || store.restored[0] != -5 || store.restored[1] != 7 {
		t.Errorf("restored %v", store.restored)
	}
}

func TestAnOpenRecordIsReadAgainWhenItsPageIsShown(t *testing.T) {
	store, screen := &decided{row: Row{Record: core.Record{Resource: "org_office", UUID: "urn:uuid:1"}}}, &sheetScreen{}
	p := &recordPresenter{ctx: t.Context(), store: store, lanes: async.Direct(), now: time.Now, view: screen}
	p.refresh()
	if screen.shown != 0 {
		t.Error("there is nothing to show yet")
	}
	p.open(core.Link{Resource: "org_office", UUID: "urn:uuid:1"})
	store.row.Record.Set(core.Field{Name: "name", Value: core.Text("changed by a sync")})
	p.refresh()
	if screen.shown != 2 || screen.sheet.Record.Value("name").Str != "changed by a sync" {
		t.Errorf("shown %d times, last %+v", screen.shown, screen.sheet.Record)
	}
	store.row.Record.UUID = ""
	if p.refresh(); !screen.gone {
		t.Error("a record that was removed is still shown")
	}
	p.add("org_office")
	p.refresh()
	if screen.shown != 3 {
		t.Error("an empty form that is being filled in was put away")
	}
}
