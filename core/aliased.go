package core

import "strings"

// named are the tables of Edens of 2011 to 2024 that are called as an Eden calls an
// alias of another one.
var named = map[Resource]bool{
	"org_organisation_organisation": true, "org_region_country": true,
	"hrm_job_title_human_resource": true, "event_scenario_task": true,
}

// Unaliased returns the table of a component that an Eden gave the name under which it
// joined the table instead of the table's own, prefix_alias_name: pr_email_contact is
// pr_contact, with the alias "email", and supply_item_category_item_category is
// supply_item_category, whose alias is its name, and so is left out. All Edens do it
// where a component is of its master's table, those before 2017 with all parts of a
// table that have an alias. They take the table's own name only.
func (r Resource) Unaliased(alias string) Resource {
	prefix, rest, _ := strings.Cut(string(r), "_")
	if half := len(rest) / 2; alias == "" && half > 0 && rest[:half] == rest[half+1:] {
		alias = rest[:half]
	}
	if alias == "" {
		return r
	}
	name, ok := strings.CutPrefix(rest, alias+"_")
	if !ok || name == "" || named[r] {
		return r
	}
	return Resource(prefix + "_" + name)
}

// parentKeys are the fields by which an Eden nests records below others of their own
// table.
var parentKeys = map[Resource]string{"supply_item_category": "parent_item_category_id"}

// ParentKey returns the field that leads to the record below which an Eden nests others of
// the same table, without that field: each is a record by itself. "" of a table of which
// that is not known.
func (r Resource) ParentKey() string { return parentKeys[r] }
