package words

import tr "github.com/fieldsync/fieldsync/ui/translations"

// labels are what Eden's forms call their commonest fields and choices, in
// English: a server speaks the language of the account that syncs, which seldom is
// the person's. Behind each stands our own text for it.
var labels = map[string]string{
	"Name": "Name", "Code": "Code", "Comments": "Comments", "Organization": "Organisation", "Organizations": "Organisations", "Location": "Place", "Locations": "Places",
	"Phone": "Phone", "Phone 1": "Phone 1", "Phone 2": "Phone 2", "Email": "E-mail", "E-mail": "E-mail", "Fax": "Fax", "Website": "Website", "Obsolete": "No longer in use",
	"Office": "Office", "Offices": "Offices", "Person": "Person", "Persons": "People", "Contact": "Contact", "Contacts": "Contacts", "Address": "Address", "Addresses": "Addresses",
	"ID Tag": "ID label", "First Name": "First name", "Middle Name": "Middle name", "Last Name": "Family name", "Gender": "Gender", "Date of Birth": "Date of birth",
	"Contact Method": "Kind of contact", "Value": "Value", "Priority": "Priority", "Address Type": "Kind of address", "Acronym": "Short name", "Abbreviation": "Abbreviation",
	"Year Founded": "Year of foundation", "Parent": "Belongs to", "Level": "Level", "Latitude": "Latitude", "Longitude": "Longitude", "Street Address": "Street address",
	"Country": "Country", "Province": "Province", "District": "District", "Town": "Town", "Village": "Village", "Feature Type": "Kind of shape", "Inherited": "Taken from the place above",
	"Organization Type": "Type of organisation", "Organization Types": "Types of organisation", "Sector": "Sector", "Sectors": "Sectors", "Type": "Type", "Status": "Status",
	"Job Title": "Job title", "Job Titles": "Job titles", "Staff Member": "Staff member", "Staff": "Staff", "Staff ID": "Staff number", "Volunteer": "Volunteer",
	"Shelter": "Shelter", "Shelters": "Shelters", "Shelter Type": "Type of shelter", "Shelter Types": "Types of shelter", "Capacity": "Capacity", "People in the Shelter": "People there",
	"Warehouse": "Warehouse", "Warehouses": "Warehouses", "Capacity (m3)": "Capacity (m3)", "Free Capacity (m3)": "Free capacity (m3)", "Start Date": "Start date", "End Date": "End date",
	"unknown": "unknown", "female": "female", "male": "male", "other": "other (gender)", "Mobile Phone": "Mobile phone", "Radio Callsign": "Radio call sign",
	"Current Home Address": "Present home", "Permanent Home Address": "Permanent home", "Active": "Active", "Resigned": "No longer there",
	"Closed": "Closed (place)", "Open": "Open (place)",
}

// Label returns a server's own word for a field or a choice in the person's
// language if it is one of Eden's usual ones, else as it is. In English all of them
// stay as the server says them.
func Label(label string) string {
	text, ok := labels[label]
	if !ok || tr.Speaking() == "en" {
		return label
	}
	return tr.L(text)
}

// heading is Label for what stands above values. Where it names a kind of record, that has
// the name which this program gives the kind, in English, too: one thing has one name.
func heading(label string) string {
	text, ok := labels[label]
	if !ok || !namesKind(text) {
		return Label(label)
	}
	return tr.L(text)
}

// namesKind reports whether a text is what this program calls one or more records of a table.
func namesKind(text string) bool {
	for _, n := range tables {
		if text == n.one || text == n.many {
			return true
		}
	}
	return false
}
