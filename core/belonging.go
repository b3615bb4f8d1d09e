package core

// ownRecords are tables whose records Eden nests in others, an organisation's offices
// and staff in the organisation, although they are records in their own right.
var ownRecords = map[Resource]bool{
	"asset_asset": true, "budget_budget": true, "cap_alert": true, "cr_camp": true, "cr_shelter": true, "deploy_mission": true, "disease_case": true,
	"edu_school": true, "event_event": true, "event_incident": true, "event_scenario": true, "fire_station": true, "gis_location": true,
	"hms_hospital": true, "hrm_course": true, "hrm_human_resource": true, "hrm_job_title": true, "hrm_programme": true, "hrm_training_event": true,
	"inv_adj": true, "inv_inv_item": true, "inv_recv": true, "inv_req": true, "inv_send": true, "inv_warehouse": true, "irs_ireport": true, "med_hospital": true,
	"member_membership": true, "org_facility": true, "org_group": true, "org_office": true, "org_organisation": true, "org_region": true, "org_sector": true,
	"po_household": true, "police_station": true, "pr_group": true, "pr_person": true, "proc_order": true, "proc_plan": true,
	"project_activity": true, "project_framework": true, "project_programme": true, "project_project": true, "project_task": true, "req_req": true,
	"security_zone": true, "supply_brand": true, "supply_catalog": true, "supply_item": true, "supply_item_category": true, "supply_shipment": true,
	"transport_airport": true, "transport_heliport": true, "transport_seaport": true, "vehicle_vehicle": true,
	// Super-entities: rows of their instances, which Eden keeps.
	"doc_entity": true, "org_site": true, "pr_pentity": true, "sit_situation": true, "sit_trackable": true, "supply_item_entity": true,
}

// BelongsTo reports whether a component of table r has no life without its master
// and is deleted with it, as a person's contacts are. Eden refuses to delete an
// organisation that has offices or staff; to delete those along would take from
// headquarters what nobody asked to delete. A person's staff record is the
// person's.
func (r Resource) BelongsTo(master Resource) bool { return master == "pr_person" || !ownRecords[r] }
