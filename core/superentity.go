package core

// superKeys are the fields that point to another entity through a super-entity, with that
// super-entity: each bears the name of the super-entity's own key.
var superKeys = map[string]Resource{"pe_id": "pr_pentity", siteKey: "org_site", "doc_id": "doc_entity", "sit_id": "sit_situation", "item_entity_id": "supply_item_entity",
	"track_id": "sit_trackable", "parameter_id": "stats_parameter", "data_id": "stats_data", "source_id": "stats_source"}

// siteKey leads to an office, a shelter, a warehouse or the like.
const siteKey = "site_id"

// otherSuperKeys do so by another name: where a shipment goes to and comes from, say.
var otherSuperKeys = map[string]bool{"to_site_id": true, "from_site_id": true, "total_id": true, "task_assign_to": true}

// IsSuperKey reports whether a field of that name points to another entity through a
// super-entity. Eden resolves it only if the target, or a stub of it, is in the same
// document; otherwise the link is lost without a word (spec eden-observed).
func IsSuperKey(field string) bool { return superKeys[field] != "" || otherSuperKeys[field] }

// ofEntities are the components that point to their master by a super-key, whatever it is.
var ofEntities = map[Resource]string{"pr_contact": "pe_id", "pr_contact_emergency": "pe_id", "pr_address": "pe_id", "pr_image": "pe_id"}

// KeyTo returns the name of the field by which a component of that table points to its master
// where the nesting does not say it.
func KeyTo(component, master Resource) string {
	if key := ofEntities[component]; key != "" {
		return key
	}
	_, name := master.Split()
	return name + "_id"
}

// instances are the tables for whose records an Eden's super-entities stand, in Edens of
// 2011 to 2024, those first that have most records.
var instances = map[Resource][]Resource{
	"org_site": {"org_office", "org_facility", "inv_warehouse", "cr_shelter", "hms_hospital", "med_hospital", "fire_station", "police_station",
		"edu_school", "transport_airport", "transport_seaport", "transport_heliport", "transport_border_crossing", "dvi_morgue", "msg_basestation"},
	"pr_pentity": {"pr_person", "org_organisation", "org_office", "pr_group", "org_facility", "inv_warehouse", "cr_shelter", "hms_hospital",
		"med_hospital", "org_group", "pr_forum", "hrm_training_event", "fire_station", "police_station", "dvi_morgue", "dvi_body"},
	"doc_entity": {"project_project", "project_activity", "project_task", "cr_shelter", "org_office", "org_facility", "asset_asset", "hrm_human_resource",
		"pr_group", "org_group", "req_need", "inv_req", "inv_send", "inv_recv", "inv_adj", "event_incident", "irs_ireport", "hms_hospital"},
	"sit_trackable":      {"pr_person", "hrm_human_resource", "asset_asset", "pr_group", "vehicle_vehicle"},
	"supply_item_entity": {"inv_inv_item", "asset_asset", "inv_req_item", "req_req_item", "inv_track_item", "supply_distribution_item"},
	"stats_parameter":    {"stats_demographic", "org_resource_type", "project_beneficiary_type", "stats_impact_type", "vulnerability_indicator", "project_campaign_keyword"},
	"stats_source":       {"doc_document"},
}

// Instances returns the tables whose records a super-entity stands for, nil of any other
// table. Each such record has the uuid of its own super-record, and a reference must name
// the instance's table: an Eden drops one to the super-entity (spec s3xml-format §6, §7).
func (r Resource) Instances() []Resource { return instances[r] }
