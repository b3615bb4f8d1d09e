package records

import (
	"context"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
)

// sites is a store with an office and a shelter of one name.
type sites struct{ asking }

func (s *sites) ListRecords(_ context.Context, q Query) (page ListPage, err error) {
	if q.Search == "North" && (q.Resource == "org_office" || q.Resource == "cr_shelter") {
		page.Rows = []Row{{Record: core.Record{Resource: q.Resource, UUID: "urn:uuid:" + string(q.Resource), Fields: []core.Field{{Name: "name", Value: core.Text("North")}}}}}
	}
	return page, nil
}

// A server's sites are its offices, shelters and so on, and a reference has to say which.
func TestASiteIsChosenAmongWhatSitesAre(t *testing.T) {
	p := &recordPresenter{ctx: t.Context(), store: &sites{}, lanes: async.Direct(), view: &sheetScreen{}}
	var found []Line
	p.find("org_site", "North", func(lines []Line) { found = lines })
	if len(found) != 2 || found[0].Link.Resource != "org_office" || found[1].Link.Resource != "cr_shelter" || !strings.HasPrefix(found[1].Below, "Shelter") {
		t.Fatalf("found %+v", found)
	}
	schema := core.Schema{Resource: "hrm_human_resource", Fields: []core.FieldSchema{{Name: "site_id", Type: "reference", Target: "org_site"}}}
	rec := core.Record{Resource: schema.Resource}
	fields := Fields(schema, &rec)
	f := get(t, fields, "site_id")
	f.Leads, f.Value, f.Text = found[1].Link.Resource, found[1].Link.UUID, found[1].Title
	Apply(&rec, fields)
	if got := rec.Value("site_id"); got != core.RefTo("cr_shelter", "urn:uuid:cr_shelter") {
		t.Errorf("it leads to %+v", got)
	}
	p.find("org_office", "North", func(lines []Line) { found = lines })
	if len(found) != 1 || found[0].Below != "" {
		t.Errorf("among the offices: %+v", found)
	}
}
