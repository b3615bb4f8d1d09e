package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A name is a table in plain words, for one record and for many.
type name struct{ one, many string }

// tables are Eden's common tables as a person calls them.
var tables = map[core.Resource]name{
	"org_organisation":                   {"Organisation", "Organisations"},
	"org_office":                         {"Office", "Offices"},
	"org_facility":                       {"Facility", "Facilities"},
	"org_site":                           {"Site", "Sites"},
	"org_sector":                         {"Sector", "Sectors"},
	"org_sector_organisation":            {"Sector of an organisation", "Sectors by organisation"},
	"org_organisation_type":              {"Type of organisation", "Types of organisation"},
	"org_organisation_organisation_type": {"Type of an organisation", "Types by organisation"},
	"org_organisation_branch":            {"Branch", "Branches"},
	"org_office_type":                    {"Type of office", "Types of office"},
	"org_facility_type":                  {"Type of facility", "Types of facility"},
	"org_site_facility_type":             {"Type of a facility", "Types by facility"},
	"org_region":                         {"Region", "Regions"},
	"org_service":                        {"Service", "Services"},
	"org_group":                          {"Network of organisations", "Networks of organisations"},
	"pr_person":                          {"Person", "People"},
	"pr_group":                           {"Group", "Groups"},
	"pr_group_membership":                {"Group membership", "Group memberships"},
	"pr_contact":                         {"Contact", "Contacts"},
	"pr_contact_emergency":               {"Emergency contact", "Emergency contacts"},
	"pr_address":                         {"Address", "Addresses"},
	"pr_identity":                        {"Identity document", "Identity documents"},
	"pr_image":                           {"Picture", "Pictures"},
	"pr_note":                            {"Note", "Notes"},
	"pr_pentity":                         {"Person or group", "People and groups"},
	"pr_person_details":                  {"Personal details", "Personal details"},
	"pr_physical_description":            {"Physical description", "Physical descriptions"},
	"pr_education":                       {"Education", "Education"},
	"hrm_human_resource":                 {"Staff member or volunteer", "Staff and volunteers"},
	"hrm_job_title":                      {"Job title", "Job titles"},
	"hrm_department":                     {"Department", "Departments"},
	"hrm_skill":                          {"Skill", "Skills"},
	"hrm_competency":                     {"Skill of a person", "Skills of people"},
	"hrm_course":                         {"Course", "Courses"},
	"hrm_training":                       {"Training", "Trainings"},
	"hrm_training_event":                 {"Training event", "Training events"},
	"hrm_certificate":                    {"Certificate", "Certificates"},
	"hrm_certification":                  {"Certificate of a person", "Certificates of people"},
	"hrm_programme":                      {"Programme", "Programmes"},
	"gis_location":                       {"Place", "Places"},
	"gis_location_tag":                   {"Place code", "Place codes"},
	"gis_location_name":                  {"Local name of a place", "Local names of places"},
	"cr_shelter":                         {"Shelter", "Shelters"},
	"cr_shelter_type":                    {"Type of shelter", "Types of shelter"},
	"cr_shelter_service":                 {"Service of shelters", "Services of shelters"},
	"cr_shelter_unit":                    {"Housing unit", "Housing units"},
	"cr_shelter_registration":            {"Shelter registration", "Shelter registrations"},
	"cr_shelter_status":                  {"Shelter status", "Shelter statuses"},
	"req_req":                            {"Request", "Requests"},
	"req_req_item":                       {"Requested item", "Requested items"},
	"req_commit":                         {"Commitment", "Commitments"},
	"inv_inv_item":                       {"Stock item", "Stock"},
	"inv_req":                            {"Request", "Requests"},
	"inv_warehouse":                      {"Warehouse", "Warehouses"},
	"inv_warehouse_type":                 {"Type of warehouse", "Types of warehouse"},
	"inv_send":                           {"Shipment sent", "Shipments sent"},
	"inv_recv":                           {"Shipment received", "Shipments received"},
	"inv_track_item":                     {"Shipped item", "Shipped items"},
	"supply_item":                        {"Item", "Items"},
	"supply_item_category":               {"Item category", "Item categories"},
	"supply_item_pack":                   {"Item pack", "Item packs"},
	"supply_catalog":                     {"Catalogue", "Catalogues"},
	"supply_catalog_item":                {"Catalogue item", "Catalogue items"},
	"supply_brand":                       {"Brand", "Brands"},
	"asset_asset":                        {"Asset", "Assets"},
	"asset_log":                          {"Asset log entry", "Asset log"},
	"project_project":                    {"Project", "Projects"},
	"project_activity":                   {"Project activity", "Project activities"},
	"project_task":                       {"Task", "Tasks"},
	"project_location":                   {"Project place", "Project places"},
	"project_organisation":               {"Project partner", "Project partners"},
	"event_event":                        {"Event", "Events"},
	"event_incident":                     {"Incident", "Incidents"},
	"irs_ireport":                        {"Incident report", "Incident reports"},
	"doc_document":                       {"Document", "Documents"},
	"doc_image":                          {"Photo", "Photos"},
	"dvr_case":                           {"Case", "Cases"},
	"dvr_case_activity":                  {"Case activity", "Case activities"},
	"hms_hospital":                       {"Hospital", "Hospitals"},
	"med_hospital":                       {"Hospital", "Hospitals"},
	"fire_station":                       {"Fire station", "Fire stations"},
	"vol_details":                        {"Volunteer details", "Volunteer details"},
	"survey_template":                    {"Survey", "Surveys"},
	"dc_template":                        {"Questionnaire", "Questionnaires"},
	"vehicle_vehicle":                    {"Vehicle", "Vehicles"},
	"transport_airport":                  {"Airport", "Airports"},
	"transport_seaport":                  {"Seaport", "Seaports"},
	"security_zone":                      {"Security zone", "Security zones"},
	"stats_demographic":                  {"Demographic", "Demographics"},
	"stats_demographic_data":             {"Demographic figure", "Demographic figures"},
	"cms_post":                           {"Post", "Posts"},
}

// Many returns the plain name of a resource's records: "Offices". schema may be
// nil; its label counts before a name made of the table's.
func Many(r core.Resource, schema *core.Schema) string {
	if n, ok := tables[r]; ok {
		return tr.L(n.many)
	}
	if schema != nil && schema.Plural != "" {
		return heading(schema.Plural)
	}
	return made(r)
}

// links are tables that only join a record to another: what they join it to.
var links = map[core.Resource]core.Resource{
	"org_sector_organisation": "org_sector", "org_organisation_organisation_type": "org_organisation_type", "org_site_facility_type": "org_facility_type",
	"hrm_competency": "hrm_skill", "hrm_certification": "hrm_certificate",
}

// Within is Many where the records are shown inside the one to which they belong:
// "Sectors", for it goes without saying whose.
func Within(r core.Resource, schema *core.Schema) string {
	if to, ok := links[r]; ok {
		return Many(to, nil)
	}
	return Many(r, schema)
}

// One returns the plain name of one record of a resource: "Office".
func One(r core.Resource, schema *core.Schema) string {
	if n, ok := tables[r]; ok {
		return tr.L(n.one)
	}
	if schema != nil && schema.Label != "" {
		return heading(schema.Label)
	}
	return made(r)
}

// Common lists the tables a laptop usually shares, for an administrator to pick
// from before the server was asked.
func Common() []core.Resource {
	return []core.Resource{"org_organisation", "org_office", "org_facility", "pr_person", "hrm_human_resource", "gis_location", "cr_shelter", "inv_warehouse",
		"inv_inv_item", "supply_item", "req_req", "project_project", "asset_asset", "event_event"}
}

// made splits a table's name into words, without its prefix.
func made(r core.Resource) string {
	_, n := r.Split()
	if n == "" {
		n = string(r)
	}
	return sentence(n)
}

func sentence(s string) string {
	return Begin(strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c == '_' || c == ' ' }), " "))
}

// Begin is a text as it stands at the beginning.
func Begin(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
