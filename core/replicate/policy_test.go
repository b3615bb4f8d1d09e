package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// A component comes with its master, by the master's task. What an administrator says of
// its own table counts all the same: an office that nobody may change from outside, or
// that a person wants to be asked about, is not changed because its organisation is read.
func TestAComponentsOwnPoliciesCountHoweverItComes(t *testing.T) {
	organisation, branch := link("org_organisation", 1), link("org_office", 2)
	for name, c := range map[string]struct {
		own            func(*core.Task)
		here, there    func(*core.Record)
		deleted        bool // there
		name           string
		asked, removed bool // here
	}{
		"as usual":         {own: func(*core.Task) {}, there: set("name", "theirs"), name: "theirs"},
		"update THIS":      {own: func(t *core.Task) { t.Update = core.PolicyThis }, there: set("name", "theirs"), name: "Branch"},
		"without update":   {own: func(t *core.Task) { t.Strategy = core.StrategyAll &^ core.Strategy(core.MethodUpdate) }, there: set("name", "theirs"), name: "Branch"},
		"conflict ASK":     {own: func(t *core.Task) { t.Conflict = core.PolicyAsk }, here: set("name", "ours"), there: set("name", "theirs"), name: "ours", asked: true},
		"conflict THIS":    {own: func(t *core.Task) { t.Conflict = core.PolicyThis }, here: set("name", "ours"), there: set("name", "theirs"), name: "ours"},
		"conflict OTHER":   {own: func(t *core.Task) { t.Conflict = core.PolicyOther }, here: set("name", "ours"), there: set("name", "theirs"), name: "theirs"},
		"without delete":   {own: func(t *core.Task) { t.Strategy = core.StrategyAll &^ core.Strategy(core.MethodDelete) }, deleted: true, name: "Branch"},
		"only sent":        {own: func(t *core.Task) { t.Mode, t.Update = core.ModePush, core.PolicyThis }, there: set("name", "theirs"), name: "theirs"},
		"deleted as usual": {own: func(*core.Task) {}, deleted: true, removed: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "org_organisation")
			task := core.NewTask(w.repo.ID, "org_office")
			c.own(&task)
			w.addTask(task)
			parent := rec(organisation, "name", "Red Cross")
			parent.Components = []core.Record{rec(branch, "name", "Branch")}
			w.eden.Put(parent)
			w.sync()
			w.pass(time.Hour)
			if c.here != nil {
				w.edit(branch, c.here)
				w.pass(time.Minute)
			}
			if c.deleted {
				w.eden.Delete(branch)
			} else {
				office, _ := w.eden.Get(branch)
				c.there(&office)
				office.ModifiedOn = core.MTimeOf(w.clock.Now())
				w.eden.Put(office)
			}
			w.change(organisation, "comments", "seen")
			w.pass(time.Minute)
			w.sync()
			office, err := w.db.Record(t.Context(), branch)
			if err != nil || office.Deleted != c.removed || !c.removed && office.Value("name").Str != c.name {
				t.Errorf("here is %+v, %v, want %q\n%s", office, err, c.name, w.logs())
			}
			open, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
			if err != nil || (len(open) == 1) != c.asked {
				t.Errorf("asked: %+v, %v", open, err)
			}
		})
	}
}
