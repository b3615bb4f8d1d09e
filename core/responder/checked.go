package responder

import (
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// An Eden refuses what is told of a record without the fields that it checks along with it (the
// functions *_onvalidation in its s3db/*.py, of 2013 to today), and tells its own log alone.

// checkedWhole are tables of which it looks at nearly all fields.
var checkedWhole = map[core.Resource]bool{
	"cap_alert": true, "cap_info": true, "inv_kitting": true, "inv_send_package_item": true, "inv_track_item": true, "pr_image": true, "survey_complete": true,
}

// checkedAlways are the fields that it looks at whatever is told.
var checkedAlways = map[core.Resource][]string{
	"inv_send": {"to_site_id", "organisation_id"}, "pr_contact": {"value"}, "supply_item_category": {"code", "name"},
}

// checkedTogether are the fields that go together: if one is told, so are the others.
var checkedTogether = map[core.Resource][]string{
	"gis_location": {"level", "parent"}, "inv_recv": {"type", "from_site_id", "organisation_id"}, "pr_person": {"age_group", "date_of_birth"}, "project_task": {"status", "pe_id"},
}

// checkedWith returns the fields with which an Eden looks at that one, itself among them.
func checkedWith(resource core.Resource, field string) []string {
	for _, fields := range [][]string{{"lat", "lon"}, checkedTogether[resource]} {
		if slices.Contains(fields, field) {
			return fields
		}
	}
	return []string{field}
}
