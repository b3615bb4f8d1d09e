package words

import (
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/letters"
)

// inner are tables whose records a person meets inside others, or picks from.
var inner = []core.Resource{"pr_contact", "pr_contact_emergency", "pr_address", "pr_identity", "pr_note", "pr_image", "pr_person_details", "pr_pentity",
	"pr_physical_description", "pr_group_membership", "org_sector", "org_sector_organisation", "org_organisation_organisation_type", "org_organisation_branch",
	"org_site_facility_type", "org_site", "gis_location_tag", "gis_location_name", "req_req_item", "hrm_job_title", "hrm_skill", "hrm_certificate", "hrm_course",
	"supply_item_pack", "supply_brand", "supply_catalog_item", "project_organisation", "project_location", "vol_details"}

// Inner reports whether a table is a detail of others or a list to pick from,
// rather than what somebody looks for.
func Inner(r core.Resource) bool {
	return slices.Contains(inner, r) || strings.HasSuffix(string(r), "_type") || strings.HasSuffix(string(r), "_category") || strings.HasSuffix(string(r), "_status")
}

// Compare puts tables into the order a person looks for them: the common ones
// first, details last.
func Compare(a, b core.Resource) int {
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return letters.Compare(Many(a, nil), Many(b, nil))
}

func rank(r core.Resource) int {
	if Inner(r) {
		return 1000
	}
	if i := slices.Index(Common(), r); i >= 0 {
		return i
	}
	return 500
}
