package core

import "strings"

// DescribeTable makes a Schema of a line for each field: "name type Label", with a star
// after the label if it is needed. The type of a reference names its target:
// "organisation_id reference:org_organisation Organization*".
func DescribeTable(resource Resource, label, plural string, fields ...string) Schema {
	s := Schema{Resource: resource, Label: label, Plural: plural}
	for _, line := range fields {
		name, rest, _ := strings.Cut(line, " ")
		kind, label, _ := strings.Cut(rest, " ")
		label, required := strings.CutSuffix(label, "*")
		kind, target, _ := strings.Cut(kind, ":")
		s.Fields = append(s.Fields, FieldSchema{Name: name, Type: kind, Target: Resource(target), Label: label, Required: required})
	}
	return s
}

// common are the tables that most organisations use, with what their records have at every
// Eden, in its words (modules/s3db). Between Fieldsyncs alone no server describes any
// table: without these nobody could enter a first record.
var common = map[Resource]Schema{
	"org_organisation": DescribeTable("org_organisation", "Organization", "Organizations", "name string Name*", "acronym string Acronym", "phone string Phone",
		"website string Website", "year integer Year Founded", "comments text Comments"),
	"org_office": DescribeTable("org_office", "Office", "Offices", "name string Name*", "code string Code", "organisation_id reference:org_organisation Organization*",
		"location_id reference:gis_location Location", "phone1 string Phone 1", "phone2 string Phone 2", "email string Email", "obsolete boolean Obsolete", "comments text Comments"),
	"org_facility": DescribeTable("org_facility", "Facility", "Facilities", "name string Name*", "code string Code", "organisation_id reference:org_organisation Organization",
		"location_id reference:gis_location Location", "phone1 string Phone 1", "phone2 string Phone 2", "email string Email", "website string Website", "obsolete boolean Obsolete", "comments text Comments"),
	"pr_person": DescribeTable("pr_person", "Person", "Persons", "first_name string First Name*", "middle_name string Middle Name", "last_name string Last Name",
		"gender integer Gender", "date_of_birth date Date of Birth", "comments text Comments"),
	"pr_contact": DescribeTable("pr_contact", "Contact", "Contacts", "contact_method string Contact Method*", "value string Value*", "priority integer Priority", "comments text Comments"),
	"hrm_human_resource": DescribeTable("hrm_human_resource", "Staff Member", "Staff", "person_id reference:pr_person Person*", "organisation_id reference:org_organisation Organization*",
		"code string Staff ID", "type integer Type", "start_date date Start Date", "end_date date End Date", "comments text Comments"),
	"gis_location": DescribeTable("gis_location", "Location", "Locations", "name string Name*", "level string Level", "parent reference:gis_location Parent",
		"lat double Latitude", "lon double Longitude", "addr_street text Street Address", "comments text Comments"),
	"cr_shelter": DescribeTable("cr_shelter", "Shelter", "Shelters", "name string Name*", "organisation_id reference:org_organisation Organization", "location_id reference:gis_location Location",
		"phone string Phone", "status integer Status", "capacity_day integer Capacity", "population integer People in the Shelter", "comments text Comments"),
	"inv_warehouse": DescribeTable("inv_warehouse", "Warehouse", "Warehouses", "name string Name*", "code string Code", "organisation_id reference:org_organisation Organization*",
		"location_id reference:gis_location Location", "phone1 string Phone 1", "phone2 string Phone 2", "email string Email", "obsolete boolean Obsolete", "comments text Comments"),
}

// commonChoices are the choices of fields, by table and field.
var commonChoices = map[string][]Option{
	"pr_person.gender":          {{"1", "unknown"}, {"2", "female"}, {"3", "male"}, {"4", "other"}},
	"pr_contact.contact_method": {{"SMS", "Mobile Phone"}, {"EMAIL", "Email"}, {"HOME_PHONE", "Phone"}, {"RADIO", "Radio Callsign"}},
	"hrm_human_resource.type":   {{"1", "Staff"}, {"2", "Volunteer"}},
	"gis_location.level":        {{"", ""}, {"L0", "Country"}, {"L1", "Province"}, {"L2", "District"}, {"L3", "Town"}, {"L4", "Village"}},
	"cr_shelter.status":         {{"1", "Closed"}, {"2", "Open"}},
}

// CommonSchema returns what the records of one of the commonest tables have at every Eden.
func CommonSchema(r Resource) (s Schema, ok bool) {
	s, ok = common[r]
	if !ok {
		return s, false
	}
	fields := s.Fields
	s.Fields = make([]FieldSchema, len(fields))
	for i, f := range fields {
		f.Options = commonChoices[string(r)+"."+f.Name]
		s.Fields[i] = f
	}
	if r == "pr_person" {
		s.Components = []ComponentSchema{{Alias: "contact", Resource: "pr_contact", Label: "Contact", Multiple: true}}
	}
	return s, true
}
