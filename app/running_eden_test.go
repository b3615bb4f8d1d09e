//go:build eden

package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// Two laptops and people at a running Sahana Eden change records, also fields of the same
// one, and sync: in the end all three hold every change. It leaves its records there, so
// the Eden is to be one for trying:
//
//	make eden EDEN=http://127.0.0.1:8000/eden EDEN_USER=… EDEN_PASSWORD=… ROUNDS=20 SEED=1
//
// The user needs all rights. Organisations are met with their sites there, contacts below
// persons; a laptop's run is killed now and then.
func TestARunningEden(t *testing.T) {
	seed := uint64(numberFrom("FIELDSYNC_EDEN_SEED", 1))
	e := &running{T: t, url: os.Getenv("FIELDSYNC_EDEN"), seed: seed, rand: rand.New(rand.NewPCG(seed, 3)), made: map[string]*wanted{}}
	for _, name := range []string{"North", "South"} {
		e.laptops = append(e.laptops, e.laptop(name))
	}
	e.sync()
	for round := range numberFrom("FIELDSYNC_EDEN_ROUNDS", 5) {
		e.change()
		time.Sleep(time.Second) // an Eden's stamps are whole seconds
		e.sync()
		e.sync()
		if e.check(); t.Failed() {
			t.Fatalf("in round %d of seed %d", round, seed)
		}
	}
	for _, l := range e.laptops {
		e.do(l, "compare", "--mend")
		if out := e.do(l, "compare"); !strings.Contains(out, "records are the same") || strings.Contains(out, "differ") {
			t.Errorf("%s", out)
		}
	}
}

// editable are fields that an Eden takes any text for; the first of them is required.
var editable = map[core.Resource][]string{
	"org_organisation": {"name", "acronym", "comments"},
	"org_office":       {"name", "code", "comments"},
	"pr_person":        {"first_name", "last_name", "comments"},
	"pr_contact":       {"value", "comments"},
}

// A running is an Eden, the laptops that sync with it, and what all of them should hold.
type running struct {
	*testing.T
	url     string
	seed    uint64
	rand    *rand.Rand
	laptops []string // their data folders
	made    map[string]*wanted
	order   []string // the uuids of those
	edits   int
}

// A wanted is a record as it should be.
type wanted struct {
	table   core.Resource
	fields  map[string]string
	of      string // the uuid of its master, or of an office's organisation
	deleted bool
}

func (e *running) laptop(name string) string {
	dir := e.TempDir()
	e.do(dir, "init", "--name", name)
	e.do(dir, "repository", "add", "Eden", e.url, "--username", os.Getenv("FIELDSYNC_EDEN_USER"))
	for _, table := range slices.Sorted(maps.Keys(editable)) {
		e.do(dir, "resource", "add", "Eden", string(table))
	}
	return dir
}

// do runs the program.
func (e *running) do(data string, args ...string) string {
	e.Helper()
	cmd := exec.CommandContext(e.Context(), "fieldsync", append([]string{"--data", data}, args...)...)
	cmd.Env = append(os.Environ(), "FIELDSYNC_PASSWORD="+os.Getenv("FIELDSYNC_EDEN_PASSWORD"))
	var notes strings.Builder // a namesake from a former seed, say
	cmd.Stderr = &notes
	out, err := cmd.Output()
	if err != nil {
		e.Fatalf("fieldsync %s: %v\n%s%s", strings.Join(args, " "), err, out, notes.String())
	}
	return string(out)
}

// sync has each laptop sync; one in four is killed in the middle first.
func (e *running) sync() {
	for _, i := range e.rand.Perm(len(e.laptops)) {
		if e.rand.IntN(4) == 0 {
			cmd := exec.CommandContext(e.Context(), "fieldsync", "--data", e.laptops[i], "sync")
			if err := cmd.Start(); err != nil {
				e.Fatal(err)
			}
			time.Sleep(time.Duration(e.rand.IntN(2000)) * time.Millisecond)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		e.do(e.laptops[i], "sync")
	}
}

// change has somebody make, change or delete some records: nobody those that another one
// has touched in this round, unless it is another field.
func (e *running) change() {
	touched := map[string]bool{}
	for range 4 + e.rand.IntN(12) {
		who := e.rand.IntN(len(e.laptops) + 1)
		uuid, of := e.some(touched, ""), ""
		switch action := e.rand.IntN(10); {
		case action < 4 || uuid == "":
			table := slices.Sorted(maps.Keys(editable))[e.rand.IntN(len(editable))]
			if needs := map[core.Resource]core.Resource{"pr_contact": "pr_person", "org_office": "org_organisation"}[table]; needs != "" {
				if of = e.some(touched, needs); of == "" {
					continue
				}
				touched[of] = true // or it might be deleted
			}
			uuid = e.create(who, table, of)
		case action < 5 && !e.belongs(uuid):
			e.remove(who, uuid)
		default:
			fields := editable[e.made[uuid].table]
			first := e.rand.IntN(len(fields))
			e.set(who, uuid, fields[first])
			if action > 7 {
				e.set(e.rand.IntN(len(e.laptops)+1), uuid, fields[(first+1)%len(fields)])
			}
		}
		touched[uuid] = true
	}
}

// some returns a living record that was not touched, of that table if it is not "".
func (e *running) some(touched map[string]bool, table core.Resource) string {
	var may []string
	for _, uuid := range e.order {
		if w := e.made[uuid]; !w.deleted && !touched[uuid] && (table == "" || w.table == table) {
			may = append(may, uuid)
		}
	}
	if len(may) == 0 {
		return ""
	}
	return may[e.rand.IntN(len(may))]
}

// belongs reports whether something living belongs to the record.
func (e *running) belongs(uuid string) bool {
	return slices.ContainsFunc(e.order, func(other string) bool { return e.made[other].of == uuid && !e.made[other].deleted })
}

// text is one that was not there before, with what has to be escaped.
func (e *running) text(field string) string {
	e.edits++
	if field == "acronym" || field == "code" {
		return fmt.Sprintf("C%d", e.edits)
	}
	return fmt.Sprintf("%s %d of %d%s", field, e.edits, e.seed, []string{"", " é & <b>", ` "q" \`, " नेपाल", " مرحبا"}[e.rand.IntN(5)])
}

func (e *running) create(who int, table core.Resource, of string) string {
	w := &wanted{table: table, fields: map[string]string{}, of: of}
	for _, f := range editable[table] {
		w.fields[f] = e.text(f)
	}
	sent := maps.Clone(w.fields)
	if table == "pr_contact" {
		sent["contact_method"] = "SKYPE"
	}
	uuid := core.NewUUID()
	if who == len(e.laptops) {
		e.save(uuid, w, sent)
	} else {
		args := []string{"records", "new", "--json", string(table)}
		switch table {
		case "pr_contact":
			args = append(args, "--master", "pr_person/"+of)
		case "org_office":
			args = append(args, "organisation_id="+of)
		}
		for _, f := range slices.Sorted(maps.Keys(sent)) {
			args = append(args, f+"="+sent[f])
		}
		var saved struct{ UUID string }
		if err := json.Unmarshal([]byte(e.do(e.laptops[who], args...)), &saved); err != nil {
			e.Fatal(err)
		}
		uuid = saved.UUID
	}
	e.made[uuid], e.order = w, append(e.order, uuid)
	return uuid
}

func (e *running) set(who int, uuid, field string) {
	w, value := e.made[uuid], e.text(field)
	if field != editable[w.table][0] && field != "last_name" && e.rand.IntN(4) == 0 {
		value = ""
	}
	w.fields[field] = value
	if who == len(e.laptops) {
		e.save(uuid, w, map[string]string{field: value})
		return
	}
	e.do(e.laptops[who], "records", "set", string(w.table), uuid, field+"="+value)
}

func (e *running) remove(who int, uuid string) {
	w := e.made[uuid]
	w.deleted = true
	if who == len(e.laptops) {
		e.save(uuid, w, nil)
		return
	}
	e.do(e.laptops[who], "records", "delete", string(w.table), uuid)
}

// save changes fields of a record at the Eden, as somebody there does: without a stamp it
// is dated now.
func (e *running) save(uuid string, w *wanted, fields map[string]string) {
	var b strings.Builder
	root := w.table
	b.WriteString("<s3xml>")
	if w.table == "pr_contact" {
		root = "pr_person"
		fmt.Fprintf(&b, `<resource name="pr_person" uuid="%s">`, w.of)
	}
	rec := core.Record{Resource: w.table, UUID: uuid, Deleted: w.deleted, MCI: core.MCIUnknown}
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		v := core.Text(fields[f])
		if fields[f] == "" {
			v = core.Value{Kind: core.Null, Aux: "string"}
		}
		rec.Fields = append(rec.Fields, core.Field{Name: f, Value: v})
	}
	if w.table == "org_office" && fields["name"] != "" {
		rec.Fields = append(rec.Fields, core.Field{Name: "organisation_id", Value: core.RefTo("org_organisation", w.of)})
	}
	b.Write(s3xml.AppendRecord(nil, &rec))
	if root != w.table {
		b.WriteString("</resource>")
	}
	b.WriteString("</s3xml>")
	prefix, name := root.Split()
	if out := e.ask(http.MethodPost, fmt.Sprintf("/%s/%s.xml", prefix, name), b.String()); !strings.Contains(out, `"success"`) {
		e.Fatalf("the Eden says %s to %s", out, b.String())
	}
}

func (e *running) ask(method, path, body string) string {
	e.Helper()
	req, err := http.NewRequestWithContext(e.Context(), method, e.url+path, strings.NewReader(body))
	if err != nil {
		e.Fatal(err)
	}
	req.SetBasicAuth(os.Getenv("FIELDSYNC_EDEN_USER"), os.Getenv("FIELDSYNC_EDEN_PASSWORD"))
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("Content-Disposition", `attachment; filename="records.xml"`)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		e.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		e.Fatal(err)
	}
	return string(content)
}

// check looks at the three of them.
func (e *running) check() {
	e.Helper()
	for _, table := range slices.Sorted(maps.Keys(editable)) {
		e.same("the Eden", table, e.atEden(table))
		for i, l := range e.laptops {
			e.same(fmt.Sprintf("laptop %d", i+1), table, e.here(l, table))
		}
	}
}

// same compares what somebody has, of records by their uuid, with what should be there.
func (e *running) same(who string, table core.Resource, has map[string]map[string]string) {
	e.Helper()
	for _, uuid := range e.order {
		w := e.made[uuid]
		if w.table != table {
			continue
		}
		fields, there := has[uuid]
		if there == w.deleted {
			e.Errorf("%s: %s %s is there: %t", who, table, uuid, there)
		}
		for f, want := range w.fields {
			if there && !w.deleted && fields[f] != want {
				e.Errorf("%s: %s %s: %s is %q, want %q", who, table, uuid, f, fields[f], want)
			}
		}
	}
}

func (e *running) here(laptop string, table core.Resource) map[string]map[string]string {
	var list []struct {
		UUID   string
		Fields map[string]string
	}
	if err := json.Unmarshal([]byte(e.do(laptop, "records", "list", string(table), "--json", "--limit", "0")), &list); err != nil {
		e.Fatal(err)
	}
	has := map[string]map[string]string{}
	for _, r := range list {
		has[r.UUID] = r.Fields
	}
	return has
}

func (e *running) atEden(table core.Resource) map[string]map[string]string {
	d := s3xml.NewDecoder(strings.NewReader(e.ask(http.MethodGet, "/sync/sync.xml?resource="+string(table), "")), s3xml.Limits{})
	has := map[string]map[string]string{}
	for {
		var rec core.Record
		err := d.Next(&rec)
		if errors.Is(err, io.EOF) {
			return has
		}
		if err != nil {
			e.Fatal(err)
		}
		if rec.Resource != table || rec.Deleted {
			continue
		}
		has[rec.UUID] = map[string]string{}
		for _, f := range rec.Fields {
			has[rec.UUID][f.Name] = f.Value.Str
		}
	}
}
