package intake

import (
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// unnest puts right what only looks like a component. Eden nests a person under
// its staff record once for each thing it reaches through that person, although
// the staff record already points to it: such a record stands for itself, and
// counts once.
func unnest(rec *core.Record) {
	if len(rec.Components) == 0 {
		return
	}
	dropTwins(rec)
	for i := range rec.Components {
		c := &rec.Components[i]
		if pointsTo(rec, c.UUID) {
			c.Master, c.Alias = core.Link{}, ""
		}
		unnest(c)
	}
}

// dropTwins leaves out components that were there before, or are the record itself.
func dropTwins(rec *core.Record) {
	if len(rec.Components) <= fewComponents && !hasTwins(rec) {
		return
	}
	seen := map[core.Link]bool{rec.Link(): true}
	rec.Components = slices.DeleteFunc(rec.Components, func(c core.Record) bool {
		twice := seen[c.Link()]
		seen[c.Link()] = true
		return twice
	})
}

// fewComponents is up to how many components they are compared with each other: nearly
// all records have no more.
const fewComponents = 8

func hasTwins(rec *core.Record) bool {
	for i := range rec.Components {
		l := rec.Components[i].Link()
		if l == rec.Link() {
			return true
		}
		for j := range i {
			if rec.Components[j].Link() == l {
				return true
			}
		}
	}
	return false
}

func pointsTo(rec *core.Record, uuid string) bool {
	for i := range rec.Fields { // by index: a field is large
		if v := &rec.Fields[i].Value; v.Kind == core.Reference && v.Str == uuid {
			return true
		}
	}
	return false
}
