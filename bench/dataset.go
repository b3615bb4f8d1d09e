//go:build linux

package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A dataset is as many records as one likes, each computed from its number: a
// peer of a million records needs no memory for them, and every program that is
// measured reads the same. Record i was modified after record i-1.
type dataset struct {
	records int
	tables  []core.Resource // they share the records
	every   int             // every which record was changed later on; 0: none
	times   int             // how often it was
	kept    [][]core.Record // of each table, if they are kept
}

// masterTable is the table of a dataset with one table. Every third of its
// records has two components.
const masterTable = core.Resource("org_organisation")

// tableNames are the tables of a dataset with several.
var tableNames = []core.Resource{masterTable, "hms_hospital", "cr_shelter", "inv_warehouse", "project_project",
	"event_event", "dvr_case", "req_req", "hrm_training", "transport_airport"}

func newDataset(records, tables int) *dataset {
	return &dataset{records: records, tables: tableNames[:tables]}
}

// size is how many masters each table has.
func (d *dataset) size() int { return d.records / len(d.tables) }

const (
	firstModified = core.MTime(1325376000) // 2012-01-01
	modifiedStep  = 300                    // seconds between two records
	changedAt     = core.MTime(1735689600) // 2025-01-01, when the changes began
)

func (d *dataset) changed(i int) bool { return d.every > 0 && i%d.every == 0 }

// modified is the stamp of a record.
func (d *dataset) modified(i int) core.MTime {
	if d.changed(i) {
		return changedAt + core.MTime(d.times*d.records+i)
	}
	return firstModified + core.MTime(i*modifiedStep)
}

// order calls fn with the numbers of the records in the order of their stamps.
func (d *dataset) order(fn func(i int) bool) {
	for _, changed := range []bool{false, true} {
		for i := range d.size() {
			if d.changed(i) == changed && !fn(i) {
				return
			}
		}
	}
}

// A dice throws numbers that depend on the record and the question alone.
type dice uint64

func (d dice) throw(question, sides int) int {
	x := uint64(d)*0x9E3779B97F4A7C15 + uint64(question)*0xD1B54A32D192ED03
	x ^= x >> 31
	x *= 0x7FB5D329728EA185
	x ^= x >> 27
	x *= 0x81DADEF4BC2DD44D
	x ^= x >> 33
	return int(x % uint64(sides))
}

func (d dice) pick(question int, from []string) string { return from[d.throw(question, len(from))] }

var (
	places  = []string{"Kathmandu", "Biratnagar", "Dhulikhel", "Nuwakot", "Gorkha", "Sindhuli", "Port-au-Prince", "Léogâne", "Jacmel", "Goma", "Bukavu", "Kaga-Bandoro", "Cox’s Bazar", "Teknaf", "Tacloban", "Ormoc", "Batticaloa", "Vavuniya", "Dadaab", "Kakuma"}
	causes  = []string{"Water", "Health", "Shelter", "Education", "Food Security", "Logistics", "Protection", "Sanitation", "Nutrition", "Livelihoods", "Early Recovery", "Child Protection"}
	forms   = []string{"Network", "Foundation", "Committee", "Society", "Alliance", "Initiative", "Trust", "Union", "Cooperative", "Service"}
	people  = []string{"Asha Gurung", "Jean-Marie Étienne", "Sunita Rai", "Grace Mbeki", "Ravi Kumar", "María Peña", "Amina Yusuf", "Nimal Perera", "Rosa Delgado", "Tenzin Lama", "Fatou Diop", "João Ribeiro"}
	roads   = []string{"Station Road", "Market Street", "Airport Road", "Rue du Lac", "Hospital Lane", "Ring Road", "Calle Mayor", "River Bank"}
	states  = []string{"Normal", "Compromised", "Evacuating", "Closed"}
	lands   = [][2]string{{"NP", "Nepal"}, {"HT", "Haïti"}, {"CD", "Congo, Democratic Republic"}, {"BD", "Bangladesh"}, {"PH", "Philippines"}, {"LK", "Sri Lanka"}, {"KE", "Kenya"}, {"CI", "Côte d’Ivoire"}}
	kinds   = []string{"NGO", "Government", "Red Cross & Red Crescent", "UN Agency", "Private Company", "Academic"}
	remarks = []string{
		"Runs three mobile teams; the road is closed when the river is high.",
		"Asked for tarpaulins & jerrycans, answer pending.",
		"Office hours 08:00–16:00, no generator at night.",
		"Contact by radio only <channel 4>.",
		"Warehouse can hold 120 t; forklift out of order.",
		"Coordinates with the district health office every Monday.",
		"स्थानीय समितिसँग काम गर्छ।",
		"Needs an interpreter (Kreyòl, Français).",
		"Assessment planned after the monsoon.",
		"Has its own vehicles: two trucks and one 4×4.",
	}
	editors = []string{"admin@eden.example.org", "field.office@eden.example.org", "m.o'brien@eden.example.org"}
)

// uuid is that of the nth record of a kind. The number can be read from it.
func uuid(kind, n int) string {
	d := dice(n*31 + kind)
	return fmt.Sprintf("urn:uuid:%08x-%04x-4%03x-9%03x-%012x", d.throw(90, 1<<32), d.throw(91, 1<<16), d.throw(92, 1<<12), kind, n)
}

// numberOf is the opposite of uuid; -1 if it is none of ours.
func numberOf(uuid string) int {
	n, err := strconv.ParseInt(uuid[strings.LastIndexByte(uuid, '-')+1:], 16, 64)
	if err != nil {
		return -1
	}
	return int(n)
}

// What the uuids are of: tables of the dataset come from kindMaster on.
const (
	kindOffice = iota + 1
	kindContact
	kindType
	kindLocation
	kindMaster
)

func text(name, value string) core.Field { return core.Field{Name: name, Value: core.Text(value)} }

func coded(name, value, text string) core.Field {
	return core.Field{Name: name, Value: core.Text(value), Text: text}
}

func integer(name string, n int) core.Field {
	return core.Field{Name: name, Value: core.Value{Kind: core.Integer, Str: strconv.Itoa(n)}}
}

// keep computes all records beforehand, so that a peer which serves them costs
// nothing but the sending.
func (d *dataset) keep() {
	kept := make([][]core.Record, len(d.tables))
	for table := range kept {
		for i := range d.size() {
			kept[table] = append(kept[table], d.record(table, i))
		}
	}
	d.kept = kept
}

// record returns record i of a table. The caller does not change its fields.
func (d *dataset) record(table, i int) core.Record {
	if d.kept != nil && !d.changed(i) {
		return d.kept[table][i]
	}
	return d.compute(table, i)
}

// compute makes record i of a table: about twenty fields with its components, as
// long as they are in a real database, with letters of several scripts.
func (d *dataset) compute(table, i int) core.Record {
	roll := dice(i + table<<40)
	modified := d.modified(i)
	cause, place := roll.pick(1, causes), roll.pick(2, places)
	land := lands[roll.throw(3, len(lands))]
	status := roll.throw(4, len(states))
	name := fmt.Sprintf("%s %s %s %d", place, cause, roll.pick(5, forms), i)
	var comments strings.Builder
	for k := range 1 + roll.throw(6, 3) {
		if k > 0 {
			comments.WriteByte(' ')
		}
		comments.WriteString(roll.pick(7+k, remarks))
	}
	rec := core.Record{
		Resource: d.tables[table], UUID: uuid(kindMaster+table, i), MCI: roll.throw(10, 3),
		CreatedOn: firstModified + core.MTime(i*modifiedStep) - core.MTime(roll.throw(11, 20_000_000)), ModifiedOn: modified,
		CreatedBy: roll.pick(12, editors), ModifiedBy: roll.pick(13, editors),
		Fields: []core.Field{
			text("name", name),
			text("acronym", cause[:1]+place[:1]+strconv.Itoa(i%9973)),
			coded("country", land[0], land[1]),
			text("contact", roll.pick(14, people)),
			text("phone", fmt.Sprintf("+%d %07d", 93+roll.throw(15, 800), roll.throw(16, 10_000_000))),
			text("email", fmt.Sprintf("office%d@%s.example.org", i, strings.ToLower(cause[:4]))),
			text("website", fmt.Sprintf("https://example.org/orgs?id=%d&lang=en", i)),
			text("address", fmt.Sprintf("%d %s, %s", 1+roll.throw(17, 300), roll.pick(18, roads), place)),
			integer("year", 1920+roll.throw(19, 105)),
			{Name: "facility_status", Value: core.Value{Kind: core.Integer, Str: strconv.Itoa(status + 1)}, Text: states[status]},
			integer("capacity", roll.throw(20, 5000)),
			{Name: "obsolete", Value: core.Value{Kind: core.Boolean, Str: strconv.FormatBool(roll.throw(21, 20) == 0)}},
			{Name: "start_date", Value: core.Value{Kind: core.Bare, Str: (firstModified - core.MTime(roll.throw(22, 900_000_000))).Time().Format("2006-01-02")}},
			text("comments", comments.String()),
			{Name: "organisation_type_id", Value: core.RefTo("org_organisation_type", uuid(kindType, roll.throw(23, len(kinds)))), Text: kinds[roll.throw(23, len(kinds))]},
			{Name: "location_id", Value: core.RefTo("gis_location", uuid(kindLocation, roll.throw(24, 4000))), Text: fmt.Sprintf("%s, Ward %d", place, roll.throw(24, 4000))},
		},
	}
	if d.changed(i) {
		rec.Set(text("comments", fmt.Sprintf("%s Visited again (%d).", comments.String(), d.times)))
		rec.Set(integer("capacity", d.times+roll.throw(25, 5000)))
	}
	if table == 0 && i%3 == 0 {
		rec.Components = d.components(roll, i, &rec)
	}
	return rec
}

func (d *dataset) components(roll dice, i int, master *core.Record) []core.Record {
	common := core.Record{MCI: master.MCI, CreatedOn: master.CreatedOn, ModifiedOn: firstModified + core.MTime(i*modifiedStep), Master: master.Link()}
	office, contact := common, common
	office.Resource, office.UUID = "org_office", uuid(kindOffice, i)
	office.Fields = []core.Field{
		text("name", fmt.Sprintf("Office %d, %s", i, roll.pick(2, places))),
		text("code", fmt.Sprintf("F%05d", i)),
		text("phone1", fmt.Sprintf("+%d %07d", 93+roll.throw(26, 800), roll.throw(27, 10_000_000))),
		{Name: "location_id", Value: core.RefTo("gis_location", uuid(kindLocation, roll.throw(28, 4000))), Text: fmt.Sprintf("Ward %d", roll.throw(28, 4000))},
	}
	contact.Resource, contact.UUID, contact.Alias = "pr_contact", uuid(kindContact, i), ""
	contact.Fields = []core.Field{coded("contact_method", "EMAIL", "Email"), text("value", fmt.Sprintf("desk%d@example.org", i))}
	return []core.Record{office, contact}
}
