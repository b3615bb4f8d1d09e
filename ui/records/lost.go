package records

import (
	"slices"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// lost are the server's versions that conflicts were decided against. What was
// replaced here is in the history; they never stood here.
func lost(conflicts []core.Conflict, now *core.Record, schema *core.Schema, peers []core.Repository) (out []Old) {
	for i := range conflicts {
		c := &conflicts[i]
		if c.Open() || c.Winner == "theirs" || c.Theirs.Deleted || core.SameContent(&c.Theirs, now) {
			continue
		}
		out = append(out, Old{ID: c.ID, Lost: true, When: max(c.Resolved, c.Found), Words: lostWords(c, peers), Changes: differences(now, &c.Theirs, schema)})
	}
	return out
}

func lostWords(c *core.Conflict, peers []core.Repository) string {
	where := tr.L("the server")
	for _, r := range peers {
		if r.ID == c.RepositoryID {
			where = r.Name
		}
	}
	if by := c.Theirs.ModifiedBy; by != "" {
		return tr.L("Not taken: the version of {{.Who}} at {{.Where}}", tr.D{"Who": by, "Where": where})
	}
	return tr.L("Not taken: the version at {{.Where}}", tr.D{"Where": where})
}

// withLost puts both into one list, the newest first.
func withLost(history, lost []Old) []Old {
	all := append(history, lost...)
	slices.SortStableFunc(all, func(a, b Old) int {
		switch {
		case a.When > b.When:
			return -1
		case a.When < b.When:
			return 1
		}
		return 0
	})
	return all
}
