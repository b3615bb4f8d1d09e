package responder_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// A calling is an Eden that synchronises one table of a site, itself.
type calling struct {
	*site
	resource string
}

func newCalling(t *testing.T, resource string) calling {
	c := calling{newSite(t, nil), resource}
	c.store.Share(core.Resource(resource))
	c.admit()
	c.pull()
	return c
}

// pull fetches what is new, as an Eden does, and returns the document's records in short: table
// and uuid, its fields, its components in brackets.
func (c calling) pull() string {
	c.t.Helper()
	return c.pullSince("2026-01-01T00:00:00")
}

// pullNew fetches what came here after its last pull.
func (c calling) pullNew() string {
	c.t.Helper()
	return c.pullSince(core.MTimeOf(c.clock.Now()).String())
}

func (c calling) pullSince(msince string) string {
	c.t.Helper()
	c.clock.pass(time.Minute)
	_, recs := c.get("/eden/sync/sync.xml?repository="+laptop+"&resource="+c.resource+"&msince="+msince,
		"Accept-Encoding", "identity", "User-Agent", "Python-urllib/3.11").records(c.t)
	return brief(recs)
}

func brief(recs []core.Record) string {
	var all []string
	for i := range recs {
		r := &recs[i]
		text := r.UUID
		for j := range r.Fields {
			text += fmt.Sprintf(" %s=%s", r.Fields[j].Name, r.Fields[j].Value.Str)
		}
		if len(r.Components) > 0 {
			text += " [" + brief(r.Components) + "]"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func (c calling) send(elements ...string) {
	c.t.Helper()
	c.push(strings.Replace(ofEden, "org_organisation", c.resource, 1), document(elements...))
}

// set changes fields of a record here, given as pairs.
func (c calling) set(l core.Link, pairs ...string) {
	c.t.Helper()
	var fields []core.Field
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, core.Field{Name: pairs[i], Value: core.Text(pairs[i+1])})
	}
	c.edit(l, fields...)
}

// edit changes fields of a record here.
func (c calling) edit(l core.Link, fields ...core.Field) {
	c.t.Helper()
	c.clock.pass(time.Minute)
	if err := c.store.Import(c.t.Context(), func(tx intake.Tx) error {
		rec, err := tx.Record(c.t.Context(), l)
		if err != nil {
			return err
		}
		for _, f := range fields {
			rec.Set(f)
		}
		rec.ModifiedOn = core.MTimeOf(c.clock.Now())
		return tx.Put(c.t.Context(), &rec, core.Change{Rule: "edit", By: "me", At: rec.ModifiedOn})
	}); err != nil {
		c.t.Fatal(err)
	}
}

// now is the clock's time as an Eden writes it.
func (c calling) now() string {
	c.clock.pass(time.Minute)
	return core.MTimeOf(c.clock.Now()).String()
}

// An Eden that calls fetches before it sends, and replaces a record by the later one as a whole:
// what somebody changed there in another field would be gone before it was seen here. So it is
// told what changed here alone, references too.
func TestACallingEdenIsToldOnlyWhatChanged(t *testing.T) {
	const office, parent = "urn:uuid:office", `<reference field="organisation_id" resource="org_organisation" uuid="urn:uuid:org"/>`
	link := core.Link{Resource: "org_office", UUID: office}
	sent := func(modified string) string {
		return `<resource name="org_office" uuid="` + office + `" mci="1" modified_on="` + modified + `"><data field="name">O</data><data field="phone1">1</data>` +
			`<data field="opened" value="2020-01-01"/><data field="lat" value="1.5"/><data field="lon" value="2.5"/>` + parent + `</resource>`
	}
	for name, tt := range map[string]struct {
		set  [][]string
		want string
	}{
		"one field":                {[][]string{{"phone1", "2"}}, office + " phone1=2"},
		"a field that is emptied":  {[][]string{{"phone1", ""}}, office + " phone1="},
		"a date that is emptied":   {[][]string{{"opened", ""}}, office + " opened="},
		"a latitude":               {[][]string{{"lat", "3.5"}}, office + " lat=3.5 lon=2.5"},
		"there and back in a year": {[][]string{{"phone1", "2"}, {"phone1", "1", "name", "P"}}, office + " name=P phone1=1"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCalling(t, "org_office")
			c.send(sent(c.now()))
			for _, pairs := range tt.set {
				c.set(link, pairs...)
			}
			got := c.pull()
			if got != tt.want {
				t.Errorf("it got\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

// What comes along only because something points to it, or is a component of what changed, and
// stands there as it stands here, would date back what the Eden has of it since, which it then
// never sends. It is left out; what a super-key points to is named, or the key leads nowhere.
func TestACallingEdenIsNotToldWhatItHas(t *testing.T) {
	org := func(uuid string) string {
		return `<resource name="org_organisation" uuid="` + uuid + `" mci="1" modified_on="2026-01-01T00:00:00"><data field="name">A</data></resource>`
	}
	office := func(key string) string {
		return `<resource name="org_office" uuid="urn:uuid:o" mci="1" modified_on="2026-01-01T00:00:00"><data field="name">O</data>` +
			`<reference field="` + key + `" resource="org_organisation" uuid="urn:uuid:org"/></resource>`
	}
	for name, tt := range map[string]struct{ key, want string }{
		"by an ordinary reference": {"organisation_id", "urn:uuid:o organisation_id=urn:uuid:other"},
		"by a super-key":           {"pe_id", "urn:uuid:o pe_id=urn:uuid:other, urn:uuid:other"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCalling(t, "org_office")
			c.send(office(tt.key), org("urn:uuid:org"), org("urn:uuid:other"))
			link := core.Link{Resource: "org_office", UUID: "urn:uuid:o"}
			c.edit(link, core.Field{Name: tt.key, Value: core.RefTo("org_organisation", "urn:uuid:other")})
			if got := c.pull(); got != tt.want {
				t.Errorf("it got\n%s, want\n%s", got, tt.want)
			}
			c.set(core.Link{Resource: "org_organisation", UUID: "urn:uuid:other"}, "name", "B")
			if got := c.pull(); !strings.Contains(got, "urn:uuid:other name=B") {
				t.Errorf("what changed does not come along: %s", got)
			}
		})
	}
}

// An Eden that takes a deletion of its own back by what changed here has forgotten what the record
// points to. It shows that with the date of ours, and is told it with its next pull. One reference
// of several that is missing was emptied there.
func TestACallingEdenThatTakesADeletionBackIsToldItsReferences(t *testing.T) {
	const office = "urn:uuid:office"
	reference := func(field, to string) string {
		return `<reference field="` + field + `" resource="` + to + `" uuid="urn:uuid:` + to + `"/>`
	}
	org, place := reference("organisation_id", "org_organisation"), reference("location_id", "gis_location")
	for name, tt := range map[string]struct{ left, org, place, want string }{
		"deleted and back":     {"", "urn:uuid:org_organisation", "urn:uuid:gis_location", office + " phone1=2 organisation_id=urn:uuid:org_organisation location_id=urn:uuid:gis_location"},
		"one emptied there":    {org, "urn:uuid:org_organisation", "", ""},
		"the other one":        {place, "", "urn:uuid:gis_location", ""},
		"as it was before too": {org + place, "urn:uuid:org_organisation", "urn:uuid:gis_location", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCalling(t, "org_office")
			sent := func(modified, phone, references string) {
				c.send(`<resource name="org_office" uuid="` + office + `" mci="1" modified_on="` + modified + `"><data field="name">O</data><data field="phone1">` + phone + `</data>` + references + `</resource>`)
			}
			sent(c.now(), "1", org+place)
			c.set(core.Link{Resource: "org_office", UUID: office}, "phone1", "2")
			ours := core.MTimeOf(c.clock.Now()).String()
			if got := c.pull(); got != office+" phone1=2" {
				t.Fatalf("it got %s", got)
			}
			for range 2 { // an Eden of today sends all it has each time
				sent(ours, "2", tt.left)
			}
			rec, err := c.store.Record(t.Context(), core.Link{Resource: "org_office", UUID: office})
			if err != nil || rec.Value("organisation_id").Str != tt.org || rec.Value("location_id").Str != tt.place {
				t.Errorf("here it is %v, %v", rec.Fields, err)
			}
			if got := c.pullNew(); got != tt.want {
				t.Errorf("then it got\n%s, want\n%s", got, tt.want)
			}
			sent(ours, "2", tt.left)
			if got := c.pullNew(); got != "" {
				t.Errorf("at last it got %s", got)
			}
		})
	}
}

// An Eden refuses what comes without the fields that it checks along with it.
func TestACallingEdenIsToldWhatItChecksTogether(t *testing.T) {
	for name, tt := range map[string]struct{ table, set, want string }{
		"a contact's value":             {"pr_contact", "comments", "comments=x value=v"},
		"where a shipment goes":         {"inv_send", "comments", "comments=x to_site_id=v organisation_id=v"},
		"a place's level":               {"gis_location", "parent", "level=v parent=x"},
		"a place's name":                {"gis_location", "name", "name=x"},
		"of a warning all":              {"cap_info", "urgency", "comments=v name=v value=v level=v parent=v to_site_id=v organisation_id=v urgency=x"},
		"nothing else of other records": {"org_office", "comments", "comments=x"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCalling(t, tt.table)
			sent := `<resource name="` + tt.table + `" uuid="urn:uuid:r" mci="1" modified_on="` + c.now() + `">`
			for _, f := range []string{"comments", "name", "value", "level", "parent", "to_site_id", "organisation_id", "urgency"} {
				sent += `<data field="` + f + `">v</data>`
			}
			c.send(sent + `</resource>`)
			c.set(core.Link{Resource: core.Resource(tt.table), UUID: "urn:uuid:r"}, tt.set, "x")
			if got := c.pull(); got != "urn:uuid:r "+tt.want {
				t.Errorf("it got\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

// Of a record and its components only what changed is told. One that only carries a component is
// dated as that is: what the Eden has changed of it since is dated so by it, and still sent.
func TestACallingEdenIsToldOnlyTheComponentThatChanged(t *testing.T) {
	const all = `<resource name="org_organisation" uuid="urn:uuid:org" mci="1" modified_on="2026-01-01T00:00:00"><data field="name">A</data>` +
		`<resource name="org_office" alias="office" uuid="urn:uuid:o1" mci="1" modified_on="2026-01-01T00:00:00"><data field="name">O1</data></resource>` +
		`<resource name="org_office" alias="office" uuid="urn:uuid:o2" mci="1" modified_on="2026-01-01T00:00:00"><data field="name">O2</data></resource></resource>`
	for _, tt := range []struct {
		changed core.Link
		want    string
	}{
		{core.Link{Resource: "org_organisation", UUID: "urn:uuid:org"}, "urn:uuid:org name=B"},
		{core.Link{Resource: "org_office", UUID: "urn:uuid:o2"}, "urn:uuid:org [urn:uuid:o2 name=B]"},
	} {
		t.Run(string(tt.changed.Resource), func(t *testing.T) {
			c := newCalling(t, "org_organisation")
			c.send(all)
			c.set(tt.changed, "name", "B")
			_, recs := c.get(pullOrganisations+"&msince=2026-01-01T00:00:00", "Accept-Encoding", "identity", "User-Agent", "Python-urllib/3.11").records(t)
			if got := brief(recs); got != tt.want {
				t.Errorf("it got\n%s, want\n%s", got, tt.want)
			}
			if changed := core.MTimeOf(c.clock.Now()); recs[0].ModifiedOn != changed {
				t.Errorf("dated %s, want %s", recs[0].ModifiedOn, changed)
			}
		})
	}
}

// Whose a component is, which comes by itself, is told where it is new or was given to another
// record here: it may have been given to another one there.
func TestACallingEdenIsToldWhoseAComponentIsOnce(t *testing.T) {
	const office = "urn:uuid:o"
	c := newCalling(t, "org_office")
	c.resource = "org_organisation"
	c.send(`<resource name="org_organisation" uuid="urn:uuid:org" mci="1" modified_on="2026-01-01T00:00:00"><data field="name">A</data>` +
		`<resource name="org_office" alias="office" uuid="` + office + `" mci="1" modified_on="2026-01-01T00:00:00"><data field="name">O</data><data field="phone1">1</data></resource></resource>`)
	c.resource = "org_office"
	link := core.Link{Resource: "org_office", UUID: office}
	c.set(link, "phone1", "2")
	if got := c.pull(); got != office+" phone1=2" {
		t.Errorf("it got %s", got)
	}
	c.edit(link, core.Field{Name: "organisation_id", Value: core.RefTo("org_organisation", "urn:uuid:other")})
	if got := c.pull(); got != office+" phone1=2 organisation_id=urn:uuid:other" {
		t.Errorf("given to another one it got %s", got)
	}
}

// What an Eden was given a moment ago it need not have taken: it keeps what is newer there. What
// it then sends did not grow from that, and takes nothing of it back.
func TestWhatACallingEdenKeptIsJoined(t *testing.T) {
	const a = "urn:uuid:a"
	c := newCalling(t, "org_organisation")
	c.send(described(a, c.now(), "1", "old"))
	c.set(core.Link{Resource: "org_organisation", UUID: a}, "phone", "2")
	there := c.now()
	if got := c.pull(); !strings.Contains(got, "phone=2") {
		t.Fatalf("it got %s", got)
	}
	c.send(described(a, there, "1", "changed there"))
	if phone, remark := c.value(a, "phone"), c.value(a, "comments"); phone != "2" || remark != "changed there" {
		t.Errorf("number %q, remark %q", phone, remark)
	}
	if got := c.pull(); !strings.Contains(got, "phone=2") {
		t.Errorf("it is not told of the number again: %q", got)
	}
	c.send(described(a, c.now(), "2", "changed there again"))
	if phone, remark := c.value(a, "phone"), c.value(a, "comments"); phone != "2" || remark != "changed there again" {
		t.Errorf("then number %q, remark %q", phone, remark)
	}
}

// A contact that is made here has a link to its person, and no field for it: below the person
// the nesting says it. An Eden whose tasks are without components asks for contacts by themselves,
// and stored them as nobody's; over an address it broke off.
func TestAComponentThatComesToACallingEdenByItselfSaysWhoseItIs(t *testing.T) {
	dated := core.MTimeOf(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:p", ModifiedOn: dated}
	person.Set(core.Field{Name: "first_name", Value: core.Text("P")})
	for table, want := range map[core.Resource]string{
		"pr_contact":  "urn:uuid:c value=1 pe_id=urn:uuid:p, urn:uuid:p first_name=P",
		"pr_identity": "urn:uuid:c value=1 person_id=urn:uuid:p, urn:uuid:p first_name=P",
	} {
		t.Run(string(table), func(t *testing.T) {
			c := newCalling(t, "org_organisation")
			c.resource = string(table)
			c.store.Share("pr_person", table)
			part := core.Record{Resource: table, UUID: "urn:uuid:c", ModifiedOn: dated, Master: person.Link(), Alias: "part"}
			part.Set(core.Field{Name: "value", Value: core.Text("1")})
			if err := c.store.Fill(t.Context(), []core.Record{person, part}); err != nil {
				t.Fatal(err)
			}
			if got := c.pull(); got != want {
				t.Errorf("it got\n%s, want\n%s", got, want)
			}
			c.resource = "pr_person"
			if got := c.pull(); got != "urn:uuid:p first_name=P [urn:uuid:c value=1]" {
				t.Errorf("below the person it got %s", got)
			}
		})
	}
}
