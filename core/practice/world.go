package practice

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/fieldsync/fieldsync/core"
)

// The tables of the practice repository.
const (
	tableLocation     core.Resource = "gis_location"
	tableOrgType      core.Resource = "org_organisation_type"
	tableSector       core.Resource = "org_sector"
	tableOrganisation core.Resource = "org_organisation"
	tableOffice       core.Resource = "org_office"
	tablePerson       core.Resource = "pr_person"
	tableContact      core.Resource = "pr_contact"
	tableAddress      core.Resource = "pr_address"
	tableJobTitle     core.Resource = "hrm_job_title"
	tableStaff        core.Resource = "hrm_human_resource"
	tableShelterType  core.Resource = "cr_shelter_type"
	tableShelter      core.Resource = "cr_shelter"
	tableWarehouse    core.Resource = "inv_warehouse"
	tableOrgTypeLink  core.Resource = "org_organisation_organisation_type"
	tableSectorLink   core.Resource = "org_sector_organisation"
)

// How much there is of what grows.
const (
	persons    = 84
	staff      = 60
	offices    = 24
	shelters   = 40
	warehouses = 16
)

// A world makes the sample data: the same for the same seed and time.
type world struct {
	rng *rand.Rand
	now core.MTime

	records []core.Record
	towns   []core.Record // places of level 3
	made    map[core.Resource][]core.Record
}

// sample returns all records, oldest stamp first, components nested.
func sample(seed uint64, now core.MTime) []core.Record {
	w := &world{rng: rand.New(rand.NewPCG(seed, 0x7a1fa41a)), now: now, made: make(map[core.Resource][]core.Record)}
	w.places(country, core.Record{}, 0, nil)
	w.lookups()
	w.organisations()
	w.offices()
	w.people()
	w.staff()
	w.shelters()
	w.warehouses()
	slices.SortStableFunc(w.records, func(a, b core.Record) int { return int(a.ModifiedOn - b.ModifiedOn) })
	return w.records
}

// uuid returns a version 4 identity from the world's own chance.
func (w *world) uuid() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(w.rng.Uint32())
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return core.UUIDPrefix + uuid.UUID(b).String()
}

// blank returns a record with identity and stamps.
func (w *world) blank(resource core.Resource) core.Record {
	created := w.now.Add(-time.Duration(30+w.rng.IntN(370)) * 24 * time.Hour).Add(-time.Duration(w.rng.IntN(86400)) * time.Second)
	modified := created + core.MTime(w.rng.Int64N(int64(w.now-created)-3600))
	return core.Record{Resource: resource, UUID: w.uuid(), CreatedOn: created, ModifiedOn: modified,
		CreatedBy: colleagues[w.rng.IntN(len(colleagues))].mail, ModifiedBy: colleagues[w.rng.IntN(len(colleagues))].mail}
}

// add keeps a finished record.
func (w *world) add(rec core.Record) core.Record {
	for i := range rec.Components {
		part := &rec.Components[i]
		part.Master = rec.Link()
		part.CreatedOn, part.ModifiedOn = rec.CreatedOn, rec.ModifiedOn
	}
	w.records = append(w.records, rec)
	w.made[rec.Resource] = append(w.made[rec.Resource], rec)
	return rec
}

// any returns one of the records of a table made so far.
func (w *world) any(resource core.Resource) core.Record {
	all := w.made[resource]
	return all[w.rng.IntN(len(all))]
}

func pick[T any](w *world, list []T) T { return list[w.rng.IntN(len(list))] }

// places makes a place and all below it: the country, its provinces, their
// districts, their towns.
func (w *world) places(p province, parent core.Record, level int, names []string) {
	if level == 3 {
		p.lat, p.lon = w.near(parent)
	}
	rec := w.blank(tableLocation)
	rec.Set(text("name", p.name))
	rec.Set(text("level", "L"+strconv.Itoa(level)))
	w.position(&rec, p.lat, p.lon)
	names = append(slices.Clip(names), p.name)
	for i, name := range names {
		rec.Set(text("L"+strconv.Itoa(i), name))
	}
	if level > 0 {
		rec.Set(refer("parent", parent))
	}
	rec = w.add(rec)
	if level == 3 {
		w.towns = append(w.towns, rec)
	}
	for _, below := range p.below {
		w.places(below, rec, level+1, names)
	}
}

func (w *world) position(rec *core.Record, lat, lon float64) {
	rec.Set(number("lat", lat))
	rec.Set(number("lon", lon))
	rec.Set(integer("gis_feature_type", 1, "Point"))
	rec.Set(boolean("inherited", false))
}

// near returns a position a few kilometres from a place.
func (w *world) near(place core.Record) (lat, lon float64) {
	lat, _ = strconv.ParseFloat(place.Value("lat").Str, 64) // written by number
	lon, _ = strconv.ParseFloat(place.Value("lon").Str, 64)
	return lat + (w.rng.Float64()-0.5)/8, lon + (w.rng.Float64()-0.5)/8
}

// point makes a place with a street in some town.
func (w *world) point(name string) core.Record {
	town := pick(w, w.towns)
	rec := w.blank(tableLocation)
	rec.Set(text("name", name))
	lat, lon := w.near(town)
	w.position(&rec, lat, lon)
	rec.Set(text("addr_street", fmt.Sprintf("%s %d", pick(w, []string{"Rua do Sol", "شارع البحر", "Набережна", "मुख्य सडक", "ဗဟိုလမ်း", "桥头路", "Harbour Road"}), 1+w.rng.IntN(90))))
	for i := range 4 {
		level := "L" + strconv.Itoa(i)
		rec.Set(core.Field{Name: level, Value: town.Value(level)})
	}
	rec.Set(refer("parent", town))
	return w.add(rec)
}

// lookups makes the small tables that others refer to.
func (w *world) lookups() {
	for _, name := range organisationTypes {
		w.named(tableOrgType, name)
	}
	for _, s := range sectors {
		rec := w.blank(tableSector)
		rec.Set(text("name", s[0]))
		rec.Set(text("abrv", s[1]))
		w.add(rec)
	}
	for _, name := range shelterTypes {
		w.named(tableShelterType, name)
	}
	for _, name := range jobTitles {
		w.named(tableJobTitle, name)
	}
}

func (w *world) named(resource core.Resource, name string) {
	rec := w.blank(resource)
	rec.Set(text("name", name))
	w.add(rec)
}

func (w *world) organisations() {
	for _, o := range organisations {
		rec := w.blank(tableOrganisation)
		rec.Set(text("name", o.name))
		rec.Set(text("acronym", o.acronym))
		rec.Set(integer("year", o.year, ""))
		rec.Set(text("phone", w.phone()))
		rec.Set(text("website", fmt.Sprintf("https://www.%d.example.org", 100+w.rng.IntN(900))))
		kind := w.blank(tableOrgTypeLink)
		kind.Set(refer("organisation_type_id", w.any(tableOrgType)))
		sector := w.blank(tableSectorLink)
		sector.Set(refer("sector_id", w.any(tableSector)))
		rec.Components = []core.Record{kind, sector}
		w.add(rec)
	}
}

func (w *world) phone() string {
	return fmt.Sprintf("+999 %d %03d %04d", 2+w.rng.IntN(7), w.rng.IntN(1000), w.rng.IntN(10000))
}

func (w *world) offices() {
	for i := range offices {
		org := w.made[tableOrganisation][i%len(organisations)]
		place := w.point("Office " + strconv.Itoa(i+1))
		rec := w.blank(tableOffice)
		town := place.Value("L3").Str
		rec.Set(text("name", org.Value("name").Str+" – "+town))
		rec.Set(text("code", fmt.Sprintf("OF%03d", i+1)))
		rec.Set(text("phone1", w.phone()))
		rec.Set(text("email", fmt.Sprintf("office%d@example.org", i+1)))
		rec.Set(boolean("obsolete", false))
		rec.Set(refer("organisation_id", org))
		rec.Set(refer("location_id", place))
		w.add(rec)
	}
}

func (w *world) people() {
	for i := range persons {
		group := peoples[i%len(peoples)]
		given := w.rng.IntN(len(group.given))
		rec := w.blank(tablePerson)
		rec.Set(text("pe_label", fmt.Sprintf("P%04d", i+1)))
		rec.Set(text("first_name", group.given[given]))
		rec.Set(text("last_name", pick(w, group.family)))
		if given < group.female {
			rec.Set(integer("gender", 2, "female"))
		} else {
			rec.Set(integer("gender", 3, "male"))
		}
		born := time.Date(1955+w.rng.IntN(50), time.Month(1+w.rng.IntN(12)), 1+w.rng.IntN(28), 0, 0, 0, 0, time.UTC)
		rec.Set(core.Field{Name: "date_of_birth", Value: core.Value{Kind: core.Bare, Str: born.Format(time.DateOnly)}})
		rec.Components = w.reachable(i)
		w.add(rec)
	}
}

// reachable makes a person's contacts and, for most, an address.
func (w *world) reachable(i int) []core.Record {
	parts := []core.Record{w.contact("SMS", "Mobile Phone", w.phone()), w.contact("EMAIL", "Email", fmt.Sprintf("person%d@example.org", i+1))}
	if w.rng.IntN(3) == 0 {
		parts = append(parts, w.contact("RADIO", "Radio Callsign", fmt.Sprintf("TALVA %d", 10+i)))
	}
	if w.rng.IntN(4) > 0 {
		address := w.blank(tableAddress)
		address.Set(integer("type", 1, "Current Home Address"))
		address.Set(refer("location_id", pick(w, w.towns)))
		parts = append(parts, address)
	}
	return parts
}

func (w *world) contact(method, label, value string) core.Record {
	rec := w.blank(tableContact)
	rec.Set(core.Field{Name: "contact_method", Value: core.Text(method), Text: label})
	rec.Set(text("value", value))
	rec.Set(integer("priority", 1, ""))
	return rec
}

func (w *world) staff() {
	for i := range staff {
		office := w.any(tableOffice)
		rec := w.blank(tableStaff)
		rec.Set(text("code", fmt.Sprintf("S%03d", i+1)))
		if w.rng.IntN(3) == 0 {
			rec.Set(integer("type", 2, "Volunteer"))
		} else {
			rec.Set(integer("type", 1, "Staff"))
		}
		rec.Set(integer("status", 1, "Active"))
		rec.Set(refer("person_id", w.made[tablePerson][i]))
		rec.Set(core.Field{Name: "organisation_id", Value: office.Value("organisation_id")})
		rec.Set(refer("site_id", office))
		rec.Set(refer("job_title_id", w.any(tableJobTitle)))
		w.add(rec)
	}
}

func (w *world) shelters() {
	for i := range shelters {
		place := w.point("Shelter " + strconv.Itoa(i+1))
		kind := w.any(tableShelterType)
		capacity := 20 * (2 + w.rng.IntN(30))
		rec := w.blank(tableShelter)
		rec.Set(text("name", fmt.Sprintf("%s %s %d", place.Value("L3").Str, kind.Value("name").Str, i+1)))
		rec.Set(integer("status", 2, "Open"))
		rec.Set(integer("capacity_day", capacity, ""))
		rec.Set(integer("population", w.rng.IntN(capacity), ""))
		rec.Set(text("phone", w.phone()))
		rec.Set(refer("shelter_type_id", kind))
		rec.Set(refer("organisation_id", w.any(tableOrganisation)))
		rec.Set(refer("location_id", place))
		if i%3 == 0 {
			rec.Set(text("comments", pick(w, []string{"Water point needs repair.\nGenerator works.", "Keys with the caretaker & the school's head.", "नजिकै कुवा छ", "تحتاج إلى بطانيات", "Потрібні ліки"})))
		}
		w.add(rec)
	}
}

func (w *world) warehouses() {
	for i := range warehouses {
		place := w.point("Warehouse " + strconv.Itoa(i+1))
		capacity := 100 * float64(2+w.rng.IntN(40))
		rec := w.blank(tableWarehouse)
		rec.Set(text("name", fmt.Sprintf("Warehouse %s %c", place.Value("L3").Str, 'A'+i)))
		rec.Set(text("code", fmt.Sprintf("WH%02d", i+1)))
		rec.Set(number("capacity", capacity))
		rec.Set(number("free_capacity", capacity*float64(w.rng.IntN(100))/100))
		rec.Set(boolean("obsolete", false))
		rec.Set(refer("organisation_id", w.any(tableOrganisation)))
		rec.Set(refer("location_id", place))
		w.add(rec)
	}
}

func text(name, value string) core.Field { return core.Field{Name: name, Value: core.Text(value)} }

func integer(name string, n int, label string) core.Field {
	return core.Field{Name: name, Value: core.Value{Kind: core.Integer, Str: strconv.Itoa(n)}, Text: label}
}

func number(name string, n float64) core.Field {
	b, err := json.Marshal(float64(int(n*10000)) / 10000)
	if err != nil {
		panic("bug: not a number: " + err.Error())
	}
	return core.Field{Name: name, Value: core.Value{Kind: core.Number, Str: string(b)}}
}

func boolean(name string, b bool) core.Field {
	return core.Field{Name: name, Value: core.Value{Kind: core.Boolean, Str: strconv.FormatBool(b)}}
}

func refer(name string, target core.Record) core.Field {
	return core.Field{Name: name, Value: core.RefTo(target.Resource, target.UUID), Text: target.Title()}
}
