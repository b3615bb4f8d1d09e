package practice

import "github.com/fieldsync/fieldsync/core"

// Resources are the tables to register as tasks, those that others refer to
// first.
func Resources() []core.Resource {
	return []core.Resource{tableLocation, tableOrgType, tableSector, tableOrganisation, tableOffice, tablePerson, tableJobTitle,
		tableStaff, tableShelterType, tableShelter, tableWarehouse}
}

// schemas describe the tables.
func schemas() []core.Schema {
	s := []core.Schema{
		core.DescribeTable(tableLocation, "Location", "Locations", "name string Name*", "level string Level", "parent reference:gis_location Parent",
			"lat double Latitude", "lon double Longitude", "gis_feature_type integer Feature Type", "inherited boolean Inherited", "addr_street text Street Address",
			"L0 string Country", "L1 string Province", "L2 string District", "L3 string Town"),
		core.DescribeTable(tableOrgType, "Organization Type", "Organization Types", "name string Name*", "comments text Comments"),
		core.DescribeTable(tableSector, "Sector", "Sectors", "name string Name*", "abrv string Abbreviation*", "comments text Comments"),
		core.DescribeTable(tableOrganisation, "Organization", "Organizations", "name string Name*", "acronym string Acronym", "year integer Year Founded",
			"phone string Phone", "website string Website", "comments text Comments"),
		core.DescribeTable(tableOffice, "Office", "Offices", "name string Name*", "code string Code", "organisation_id reference:org_organisation Organization*",
			"location_id reference:gis_location Location", "phone1 string Phone 1", "email string Email", "obsolete boolean Obsolete", "comments text Comments"),
		core.DescribeTable(tablePerson, "Person", "Persons", "pe_label string ID Tag", "first_name string First Name*", "middle_name string Middle Name",
			"last_name string Last Name", "gender integer Gender", "date_of_birth date Date of Birth", "comments text Comments"),
		core.DescribeTable(tableContact, "Contact", "Contacts", "contact_method string Contact Method*", "value string Value*", "priority integer Priority", "comments text Comments"),
		core.DescribeTable(tableAddress, "Address", "Addresses", "type integer Address Type", "location_id reference:gis_location Location", "comments text Comments"),
		core.DescribeTable(tableJobTitle, "Job Title", "Job Titles", "name string Name*", "comments text Comments"),
		core.DescribeTable(tableStaff, "Staff Member", "Staff", "person_id reference:pr_person Person*", "organisation_id reference:org_organisation Organization*",
			"site_id reference:org_site Office", "code string Staff ID", "type integer Type", "job_title_id reference:hrm_job_title Job Title", "status integer Status", "comments text Comments"),
		core.DescribeTable(tableShelterType, "Shelter Type", "Shelter Types", "name string Name*", "comments text Comments"),
		core.DescribeTable(tableShelter, "Shelter", "Shelters", "name string Name*", "status integer Status", "shelter_type_id reference:cr_shelter_type Shelter Type",
			"organisation_id reference:org_organisation Organization", "location_id reference:gis_location Location", "capacity_day integer Capacity",
			"population integer People in the Shelter", "phone string Phone", "comments text Comments"),
		core.DescribeTable(tableWarehouse, "Warehouse", "Warehouses", "name string Name*", "code string Code", "organisation_id reference:org_organisation Organization*",
			"location_id reference:gis_location Location", "capacity double Capacity (m3)", "free_capacity double Free Capacity (m3)", "obsolete boolean Obsolete", "comments text Comments"),
		core.DescribeTable(tableOrgTypeLink, "Organization Type", "Organization Types", "organisation_type_id reference:org_organisation_type Type*"),
		core.DescribeTable(tableSectorLink, "Sector", "Sectors", "sector_id reference:org_sector Sector*"),
	}
	for i := range s {
		complete(&s[i])
	}
	return s
}

// options are the fixed choices of fields, by table and field.
var options = map[string][]core.Option{
	"gis_location.level":        {{Value: "", Label: ""}, {Value: "L0", Label: "Country"}, {Value: "L1", Label: "Province"}, {Value: "L2", Label: "District"}, {Value: "L3", Label: "Town"}},
	"pr_person.gender":          {{Value: "1", Label: "unknown"}, {Value: "2", Label: "female"}, {Value: "3", Label: "male"}, {Value: "4", Label: "other"}},
	"pr_contact.contact_method": {{Value: "EMAIL", Label: "Email"}, {Value: "SMS", Label: "Mobile Phone"}, {Value: "RADIO", Label: "Radio Callsign"}},
	"pr_address.type":           {{Value: "1", Label: "Current Home Address"}, {Value: "2", Label: "Permanent Home Address"}},
	"hrm_human_resource.type":   {{Value: "1", Label: "Staff"}, {Value: "2", Label: "Volunteer"}},
	"hrm_human_resource.status": {{Value: "1", Label: "Active"}, {Value: "2", Label: "Resigned"}},
	"cr_shelter.status":         {{Value: "1", Label: "Closed"}, {Value: "2", Label: "Open"}},
}

var components = map[core.Resource][]core.ComponentSchema{
	tablePerson: {{Alias: "contact", Resource: tableContact, Label: "Contact", Multiple: true},
		{Alias: "address", Resource: tableAddress, Label: "Address", Multiple: true}},
	tableOrganisation: {{Alias: "organisation_organisation_type", Resource: tableOrgTypeLink, Label: "Type", Multiple: true},
		{Alias: "sector_organisation", Resource: tableSectorLink, Label: "Sector", Multiple: true}},
}

func complete(s *core.Schema) {
	s.Components = components[s.Resource]
	for i := range s.Fields {
		s.Fields[i].Options = options[string(s.Resource)+"."+s.Fields[i].Name]
	}
}
