package app

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/storage"
)

// element is a record as a server sends it; the uuid is short for a urn.
func element(table, uuid, modified, inside string) string {
	return `<resource name="` + table + `" uuid="urn:uuid:` + uuid + `" mci="1" modified_on="` + modified + `">` + inside + `</resource>`
}

const lately = "2026-11-01T00:00:00"

// TestOddRecordsAreNoTrouble lets a sync receive what is odd but no reason to stop: every record ends in a state that is told, the
// others are here, and the same answer again changes nothing.
func TestOddRecordsAreNoTrouble(t *testing.T) {
	name := func(s string) string { return `<data field="name">` + s + `</data>` }
	reference := func(field, table, uuid string) string {
		return `<reference field="` + field + `" resource="` + table + `" uuid="urn:uuid:` + uuid + `"/>`
	}
	for _, tt := range []struct {
		name     string
		elements []string
		code     int
		set      int               // set aside
		here     map[string]string // uuid -> name
		told     string            // of what is set aside
	}{
		{"one uuid twice, the same", []string{element("org_office", "a", lately, name("A")), element("org_office", "a", lately, name("A"))}, 0, 0, map[string]string{"a": "A"}, ""},
		{"one uuid twice, the later one second", []string{element("org_office", "a", lately, name("A")), element("org_office", "a", "2026-11-02T00:00:00", name("B"))}, 0, 0, map[string]string{"a": "B"}, ""},
		{"a reference to itself", []string{element("org_office", "a", lately, name("A")+reference("parent_id", "org_office", "a"))}, 0, 0, map[string]string{"a": "A"}, ""},
		{"references in a circle", []string{element("org_office", "a", lately, name("A")+reference("next_id", "org_office", "b")), element("org_office", "b", lately, name("B")+reference("next_id", "org_office", "a"))},
			0, 0, map[string]string{"a": "A", "b": "B"}, ""},
		{"a parent that is not there", []string{element("org_office", "a", lately, name("A")+reference("organisation_id", "org_organisation", "nowhere"))}, 0, 0, map[string]string{"a": "A"}, ""},
		{"a component without a living master", []string{element("org_office", "a", lately, name("A")+element("pr_contact", "c", lately, `<data field="value">x</data>`)),
			`<resource name="org_office" uuid="urn:uuid:a" deleted="True" modified_on="2026-11-02T00:00:00"/>`}, 0, 0, nil, ""},
		{"fields, elements and attributes that nobody knows", []string{`<resource name="org_office" uuid="urn:uuid:a" modified_on="` + lately + `" colour="red"><data field="shape" value="{&quot;x&quot;: [1, 2]}">?</data><hologram depth="3"/>` + name("A") + `</resource>`},
			0, 0, map[string]string{"a": "A"}, ""},
		{"values of another type than before", []string{element("org_office", "a", lately, name("A")+`<data field="phone" value="true"/>`), element("org_office", "b", lately, name("B")+`<data field="phone" value="1.5e300"/>`)},
			0, 0, map[string]string{"a": "A", "b": "B"}, ""},
		{"years 0 and 9999", []string{element("org_office", "a", "0000-01-01T00:00:00", name("A")+`<data field="opened" value="0000-01-01"/>`), element("org_office", "b", "9999-12-31T23:59:59", name("B")+`<data field="opened" value="9999-12-31T23:59:59"/>`)},
			0, 0, map[string]string{"a": "A", "b": "B"}, ""},
		{"dates that are none", []string{element("org_office", "a", "0000-00-00T00:00:00", name("A")), element("org_office", "b", lately, name("B")+`<data field="opened" value="31 February"/>`)},
			1, 1, map[string]string{"b": "B"}, "is no date and time"},
		{"a uuid that is none", []string{element("org_office", " ", lately, name("A")), element("org_office", "b", lately, name("B"))}, 1, 1, map[string]string{"b": "B"}, "uuid"},
		{"a table that is none", []string{element("../etc; drop table", "a", lately, name("A")), element("org_office", "b", lately, name("B"))}, 1, 1, map[string]string{"b": "B"}, ""},
		{"a field that is none", []string{element("org_office", "a", lately, name("A")+`<data field="x'; --">1</data>`), element("org_office", "b", lately, name("B"))}, 1, 1, map[string]string{"b": "B"}, "set aside here  org_office  urn:uuid:a"},
		{"accounts", []string{element("auth_user", "u", lately, `<data field="password">sha512$secret</data>`), element("org_office", "b", lately, name("B"))}, 0, 0, map[string]string{"b": "B"}, ""},
		{"a name of a million letters", []string{element("org_office", "a", lately, name(strings.Repeat("Ä", 1000000)))}, 0, 0, map[string]string{"a": strings.Repeat("Ä", 1000000)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLaptop(t)
			doc := fmt.Sprintf(`<?xml version='1.0' encoding='utf-8'?><s3xml success="true" results="%d">%s</s3xml>`, len(tt.elements), strings.Join(tt.elements, ""))
			l.hq.InjectOn(func(r *http.Request) bool { return edentest.Pulls(r) && !strings.Contains(r.URL.RawQuery, "~.uuid") }, -1, edentest.Reply(200, "text/xml", doc))
			if code := l.run("sync", "--json"); code != tt.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, tt.code, l.out, l.err)
			}
			first := l.counts()
			if first.Received == 0 || first.Received != first.Accounted() || first.Quarantined != tt.set {
				t.Errorf("%s: accounted for %d", first, first.Accounted())
			}
			for uuid, want := range tt.here {
				if got := l.nameOf(uuid); got != want {
					t.Errorf("%s is %.60q, want %.60q", uuid, got, want)
				}
			}
			if l.must("quarantine", "list"); !strings.Contains(l.out, tt.told) {
				t.Errorf("what is set aside: want %q in\n%s", tt.told, l.out)
			}
			l.run("sync", "--json")
			if again := l.counts(); again.Changed()+again.Conflicts+again.Sent != 0 {
				t.Errorf("the same again: %s", again)
			}
			if strings.Contains(l.everything(), "sha512$secret") {
				t.Error("an account was stored")
			}
		})
	}
}

func (l *laptop) counts() (c core.Counts) {
	l.t.Helper()
	if err := json.Unmarshal([]byte(l.out), &c); err != nil {
		l.t.Fatalf("%v in %s", err, l.out)
	}
	return c
}

func (l *laptop) nameOf(uuid string) string {
	l.t.Helper()
	var rec struct {
		Fields map[string]string `json:"fields"`
	}
	l.must("records", "show", "org_office", "urn:uuid:"+uuid, "--json")
	if err := json.Unmarshal([]byte(l.out), &rec); err != nil {
		l.t.Fatalf("%v in %s", err, l.out)
	}
	return rec.Fields["name"]
}

// everything is the content of all files of the data folder.
func (l *laptop) everything() string {
	l.t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(l.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return all.String()
}

// What two laptops' worth of circles and missing parents look like on the way out.
func TestCirclesAndMissingParentsAreSent(t *testing.T) {
	l := newLaptop(t)
	l.must("sync")
	l.must("records", "new", "org_office", "name=First", "--json")
	first := l.uuidOf()
	l.must("records", "new", "org_office", "name=Second", "--json")
	second := l.uuidOf()
	for _, pair := range [][2]string{{first, second}, {second, first}} {
		r := core.Record{Resource: "org_office", UUID: pair[0]}
		l.refer(r, "next_id", pair[1])
	}
	l.must("sync", "--json")
	if c := l.counts(); c.Delivered != 2 || c.Refused != 0 {
		t.Errorf("a circle: %s", c)
	}
	for _, pair := range [][2]string{{first, second}, {second, first}} {
		got, ok := l.hq.Get(core.Link{Resource: "org_office", UUID: pair[0]})
		if !ok || got.Value("next_id").Str != pair[1] {
			t.Errorf("%s points to %q at the server, want %q", pair[0], got.Value("next_id").Str, pair[1])
		}
	}
	l.must("sync", "--json")
	if c := l.counts(); c.Changed()+c.Sent != 0 {
		t.Errorf("afterwards: %s", c)
	}
}

func (l *laptop) uuidOf() string {
	l.t.Helper()
	var rec struct {
		UUID string `json:"uuid"`
	}
	if err := json.Unmarshal([]byte(l.out), &rec); err != nil {
		l.t.Fatal(err)
	}
	return rec.UUID
}

// refer makes a field of a record here point to another one, by an import: the table has no such field yet.
func (l *laptop) refer(r core.Record, field, uuid string) {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), "change.xml")
	doc := `<s3xml><resource name="` + string(r.Resource) + `" uuid="` + r.UUID + `"><reference field="` + field + `" resource="` + string(r.Resource) + `" uuid="` + uuid + `"/></resource></s3xml>`
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.must("import", file)
}

// TestTroubleWithTheDataFolder lets commands meet a database that is locked, damaged, not one, or too new.
func TestTroubleWithTheDataFolder(t *testing.T) {
	file := func(l *laptop) string { return filepath.Join(l.dir, "fieldsync.db") }
	write := func(l *laptop, content []byte, at int64) {
		l.t.Helper()
		f, err := os.OpenFile(file(l), os.O_WRONLY, 0o600)
		if err != nil {
			l.t.Fatal(err)
		}
		if _, err := f.WriteAt(content, at); err != nil {
			l.t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			l.t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name    string
		trouble func(*laptop)
		kind    core.Trouble
		words   string
		code    int
	}{
		{"damaged: its head", func(l *laptop) { write(l, []byte("this is no database any more"), 0) }, core.StoreDamaged, "The database on this laptop is damaged.", 7},
		{"damaged: everything behind its head", func(l *laptop) { write(l, []byte(strings.Repeat("rubbish ", 20000)), 4096) }, core.StoreDamaged, "The database on this laptop is damaged.", 7},
		{"written by a newer Fieldsync", func(l *laptop) { l.sql(`INSERT INTO migration (version_id, is_applied) VALUES (999999, 1)`) }, core.StoreTooNew, "written by a newer Fieldsync", 7},
		{"locked by another program", (*laptop).lock, core.StoreLocked, "The data folder is in use by another program.", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLaptop(t)
			tt.trouble(l)
			before, err := os.ReadFile(file(l))
			if err != nil {
				t.Fatal(err)
			}
			if code := l.run("records", "set", "org_office", anOffice(2).UUID, "phone=2"); code != tt.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, tt.code, l.out, l.err)
			}
			l.told(tt.kind, tt.words)
			if after, err := os.ReadFile(file(l)); err != nil || string(after) != string(before) {
				t.Errorf("the database was written to, %v", err)
			}
		})
	}
}

func (l *laptop) sql(statement string) {
	l.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(l.dir, "fieldsync.db"))
	if err != nil {
		l.t.Fatal(err)
	}
	_, err = db.ExecContext(l.t.Context(), statement)
	if err = errors.Join(err, db.Close()); err != nil {
		l.t.Fatal(err)
	}
}

// lock holds the database as another program would that writes all the time.
func (l *laptop) lock() {
	l.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(l.dir, "fieldsync.db"))
	if err != nil {
		l.t.Fatal(err)
	}
	conn, err := db.Conn(l.t.Context())
	if err == nil {
		_, err = conn.ExecContext(l.t.Context(), `BEGIN IMMEDIATE`)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _, _ = conn.Close(), db.Close() })
}

func TestASyncThatIsRunningAlready(t *testing.T) {
	l := newLaptop(t)
	db, err := storage.Open(t.Context(), storage.Options{Dir: l.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	repo, err := db.RepositoryByName(t.Context(), "HQ")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := db.LockRun(t.Context(), repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	before := l.state()
	if code := l.run("sync"); code != 1 {
		t.Errorf("exit code %d, want 1\n%s", code, l.err)
	}
	l.told(core.AlreadyRunning, "A sync with HQ is already running.")
	if l.state() != before {
		t.Error("the store is not as it was")
	}
	unlock()
	l.must("sync")
}

// TestInvalidSettingsAreNamedOneByOne gives each setting a value that cannot be: the sentence names it, and nothing changes.
func TestInvalidSettingsAreNamedOneByOne(t *testing.T) {
	l := newLaptop(t)
	before := l.state()
	for _, tt := range []struct {
		args  []string
		words string
	}{
		{[]string{"repository", "add", "", "https://hub.example.org/eden"}, "name"},
		{[]string{"repository", "add", "HQ", "https://hub.example.org/eden"}, "already"},
		{[]string{"repository", "add", "X", "ftp://hub.example.org"}, "must begin with https:// or http://"},
		{[]string{"repository", "add", "X", "https://"}, "not a web address"},
		{[]string{"repository", "add", "X", "https://a:b@hub.example.org/eden"}, "Leave user name and password out"},
		{[]string{"repository", "edit", "HQ", "--proxy", "ftp://proxy"}, "proxy"},
		{[]string{"repository", "edit", "HQ", "--ca-file", "/no/such/file"}, "/no/such/file"},
		{[]string{"repository", "edit", "Nobody", "--url", "https://x.example.org"}, "There is no repository"},
		{[]string{"resource", "add", "HQ", "Office"}, "is not a table name"},
		{[]string{"resource", "add", "HQ", "auth_user"}, "never exchanged"},
		{[]string{"resource", "add", "HQ", "org_office"}, "already"},
		{[]string{"resource", "edit", "HQ", "org_office", "--mode", "sideways"}, "is not a mode"},
		{[]string{"resource", "edit", "HQ", "org_office", "--strategy", "dance"}, "dance"},
		{[]string{"resource", "edit", "HQ", "org_office", "--update-policy", "OLDER"}, "is not a policy"},
		{[]string{"resource", "edit", "HQ", "org_office", "--update-policy", "ASK"}, "ASK is for conflicts only"},
		{[]string{"resource", "edit", "HQ", "org_office", "--conflict-policy", "LUCK"}, "is not a policy"},
		{[]string{"resource", "edit", "HQ", "org_office", "--filter", "nonsense"}, "filter"},
		{[]string{"schedule", "add", "HQ", "--every", "soon"}, "soon"},
		{[]string{"schedule", "add", "HQ", "--cron", "61 * * * *"}, "fields are needed"},
		{[]string{"settings", "--proxy", "gopher://x"}, "proxy"},
		{[]string{"records", "set", "org_office", "urn:uuid:none", "name=X"}, "There is no record"},
		{[]string{"records", "set", "org_office", anOffice(1).UUID, "name"}, "="},
		{[]string{"records", "new", "nonsense", "name=X"}, "is not a table name"},
		{[]string{"records", "merge", "org_office", anOffice(1).UUID, anOffice(1).UUID}, "Only two records of the same table"},
		{[]string{"records", "merge", "org_office", anOffice(1).UUID, "urn:uuid:none"}, "There is no record urn:uuid:none"},
		{[]string{"conflicts", "resolve", "1", "ours"}, "There is no conflict"},
		{[]string{"quarantine", "retry", "77"}, "no record 77"},
		{[]string{"serve", "--address", "nonsense"}, "address"},
		{[]string{"peer", "accept", "Nobody"}, "There is no repository"},
		{[]string{"import", "/no/such/file.xml"}, "/no/such/file.xml"},
		{[]string{"sync", "--resource", "pr_person"}, "is not exchanged with any of these servers"},
		{[]string{"sync", "extra"}, "extra"},
		{[]string{"nonsense"}, "nonsense"},
	} {
		if code := l.run(tt.args...); code != 2 {
			t.Errorf("%v: exit code %d, want 2\n%s%s", tt.args, code, l.out, l.err)
		}
		if !strings.Contains(l.err, tt.words) {
			t.Errorf("%v: want %q in %q", tt.args, tt.words, l.err)
		}
	}
	if after := l.state(); after != before {
		t.Errorf("something changed:\n%s\nbefore\n%s", after, before)
	}
}

func TestTheTerminalSaysHowManyComponentsADeletionTookAlong(t *testing.T) {
	l := newLaptop(t)
	office := anOffice(2).UUID
	for _, value := range []string{"1", "2"} {
		l.must("records", "new", "pr_contact", "--new-field", "--master", "org_office/"+office, "value="+value)
	}
	if l.must("records", "delete", "org_office", office); !strings.Contains(l.out, "Deleted with it: 2 components.") {
		t.Errorf("it said %q", l.out)
	}
	if l.must("records", "delete", "org_office", anOffice(3).UUID); strings.Contains(l.out, "with it") {
		t.Errorf("nothing went along, but it said %q", l.out)
	}
}

func TestTheTerminalMakesOneRecordOfTwoOfAName(t *testing.T) {
	l := newLaptop(t)
	l.must("records", "set", "org_office", anOffice(1).UUID, "name=Same", "comments=ours", "--new-field")
	l.must("records", "set", "org_office", anOffice(2).UUID, "name=Same", "phone=42")
	l.must("records", "merge", "org_office", anOffice(1).UUID, anOffice(2).UUID)
	if l.must("records", "show", "org_office", anOffice(2).UUID); !strings.Contains(l.out, "42") || !strings.Contains(l.out, "ours") {
		t.Errorf("it has not got all: %s", l.out)
	}
	if l.must("records", "list", "org_office", "--deleted"); !strings.Contains(l.out, anOffice(1).UUID) {
		t.Errorf("the other one is still there: %s", l.out)
	}
}
