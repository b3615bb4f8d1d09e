package synclog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
)

func TestWhatTakingBackDoesIsSaidInNumbersFirst(t *testing.T) {
	for name, test := range map[string]struct {
		plan    core.Undo
		says    []string
		silent  []string
		nothing bool
	}{
		"all kinds": {core.Undo{Restored: 3, Removed: 2, Left: 1, Delivered: map[int64]int{7: 4}},
			[]string{"3 records become again", "2 records that this run brought are deleted", "1 record was changed again", "4 of them are at HQ too", "A copy of the database is made first"}, []string{"nothing to take back"}, false},
		"only changed":            {core.Undo{Restored: 1}, []string{"1 record becomes again"}, []string{"deleted", "changed again", "HQ"}, false},
		"one that the server has": {core.Undo{Restored: 1, Delivered: map[int64]int{7: 1}}, []string{"It is at HQ too"}, []string{"of them"}, false},
		"only brought":            {core.Undo{Removed: 1, Delivered: map[int64]int{7: 0}}, []string{"1 record that this run brought is deleted"}, []string{"becomes", "HQ"}, false},
		"all changed since":       {core.Undo{Left: 5}, []string{"nothing to take back", "5 records were changed again"}, []string{"copy"}, true},
		"forgotten":               {core.Undo{Forgotten: 4}, []string{"4 records that this run changed are not taken back"}, []string{"nothing to take back", "copy"}, true},
		"forgotten in part":       {core.Undo{Restored: 2, Forgotten: 1}, []string{"1 record that this run changed is not taken back", "2 records become again"}, nil, false},
		"nothing":                 {core.Undo{}, []string{"nothing to take back"}, []string{"stay as they are"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			store, s := many(3), &screen{}
			store.plan = test.plan
			p := newPresenter(t.Context(), store, async.Direct(), time.Now, "ada", 0, s)
			p.load()
			p.planUndo()
			if s.told != nil {
				t.Fatal("all runs at once were offered for taking back")
			}
			p.setRun("run-1")
			p.planUndo()
			text := strings.Join(s.told, " ")
			for _, want := range test.says {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in %q", want, text)
				}
			}
			for _, not := range test.silent {
				if strings.Contains(text, not) {
					t.Errorf("%q is in %q", not, text)
				}
			}
			if s.nothing != test.nothing || store.undone != nil {
				t.Errorf("nothing: %v, undone before anybody agreed: %v", s.nothing, store.undone)
			}
			p.undo("run-1")
			if !slices.Equal(store.undone, []string{"run-1", "ada"}) || s.undone.Undo != "undo-1" {
				t.Errorf("undone %v, told of %q", store.undone, s.undone.Undo)
			}
		})
	}
}
