package words

import (
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// fields are Eden's common fields as a person calls them.
var fields = map[string]string{
	"name": "Name", "first_name": "First name", "middle_name": "Middle name", "last_name": "Family name", "comments": "Comments",
	"organisation_id": "Organisation", "location_id": "Place", "office_type_id": "Type of office", "site_id": "Site", "person_id": "Person",
	"phone": "Phone", "phone1": "Phone", "phone2": "Second phone", "email": "E-mail", "fax": "Fax", "website": "Website", "acronym": "Short name",
	"addr_street": "Street address", "addr_postcode": "Postcode", "lat": "Latitude", "lon": "Longitude", "L0": "Country", "L1": "Region",
	"L2": "District", "L3": "Town", "L4": "Village", "L5": "Neighbourhood", "gender": "Gender", "date_of_birth": "Date of birth", "country": "Country",
	"start_date": "Start date", "end_date": "End date", "status": "Status", "type": "Type", "value": "Value", "contact_method": "Kind of contact",
	"obsolete": "No longer in use", "population": "People there", "capacity_day": "Room for people by day", "capacity_night": "Room for people at night",
	"job_title_id": "Job title", "pe_label": "ID label", "code": "Code", "parent": "Belongs to", "level": "Level", "logo": "Logo",
	"shelter_type_id": "Type of shelter", "person_mother": "Mother", "preferred_name": "Preferred name", "local_name": "Local name", "priority": "Priority", "year": "Year of foundation",
}

// Field returns a field's plain name: the schema's label, a common name, or one
// made of the field's.
func Field(name string, schema *core.Schema) string {
	if schema != nil {
		if f, ok := schema.Field(name); ok && f.Label != "" {
			return heading(f.Label)
		}
	}
	if plain, ok := fields[name]; ok {
		return tr.L(plain)
	}
	return sentence(strings.TrimSuffix(name, "_id"))
}

// Called reports whether a person may mean a field by a word: its name as the server has it,
// in the person's language, or in this program's own English, in which an organisation is
// no organization and a last name a family name.
func Called(word, name string, schema *core.Schema) bool {
	f, _ := schema.Field(name)
	for _, text := range []string{Field(name, schema), f.Label, labels[f.Label], fields[name]} {
		if text != "" && strings.EqualFold(text, word) {
			return true
		}
	}
	return false
}

// Title returns a name of the record for a person, never empty.
func Title(rec *core.Record, schema *core.Schema) string {
	if t := strings.TrimSpace(rec.Title()); t != "" {
		if slices.ContainsFunc(rec.Fields, func(f core.Field) bool { return f.Text == t && f.Value.Kind == core.Integer }) {
			return Label(t) // a choice, and nobody's name
		}
		return t
	}
	for _, f := range rec.Fields {
		if f.Text != "" {
			return Label(f.Text)
		}
	}
	return tr.L("{{.Thing}} without a name", tr.D{"Thing": One(rec.Resource, schema)})
}

// technical are fields nobody should have to read: keys of super-entities, what an Eden
// works out by itself, and the like.
var technical = map[string]bool{"pe_id": true, "doc_id": true, "source_id": true, "sit_id": true, "track_id": true, "parameter_id": true,
	"instance_type": true, "super_id": true, "gis_feature_type": true, "wkt": true, "inherited": true, "path": true, "lat_min": true, "lat_max": true,
	"lon_min": true, "lon_max": true, "owned_by_entity": true, "realm_entity": true, "approved_by": true, "root_organisation": true}

// Technical reports whether a field is of no use to a person.
func Technical(f core.FieldSchema) bool {
	return technical[f.Name] || f.Hidden || f.Type == "password"
}
