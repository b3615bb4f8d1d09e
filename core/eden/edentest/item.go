package edentest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// An importJob is one push while it is applied, under Eden's rules (spec
// eden-sync-protocol §11), mistakes included.
type importJob struct {
	s        *Server
	resource core.Resource
	items    []core.Record              // top-level records of the document
	inDoc    map[core.Link]*core.Record // the same by link
	policy   core.Policy                // for updates
	strategy core.Strategy
	done     map[core.Link]string // what was committed, with its error
	created  []int
	updated  []int
	deleted  []int
	records  int
	failed   []failure
	last     string // the last error's text
	deferred []deferral
	crashed  bool
}

// A failure is a record that was not imported, with Eden's words.
type failure struct {
	rec    core.Record
	err    string
	fields map[string]string
}

// A deferral is a reference within a cycle: it is written when its target is there (Eden: S3ImportItem.update).
type deferral struct {
	from  core.Link
	field string
	to    core.Link
}

// superKeys are fields that point to a super-entity: they resolve only within
// the document, a record in the database is not looked for. What those lead to that are
// true is the record's master; of the others, if it is the component's key (see keyOf).
var superKeys = map[string]bool{"pe_id": true, "doc_id": true, "sit_id": true, "track_id": true, "source_entity_id": true,
	"site_id": false, "to_site_id": false, "from_site_id": false, "parameter_id": false}

// newImport chooses policy and strategy: the server's own task; else, through
// the resource's own controller only, what was transferred, with THIS and OTHER
// swapped; else NEWER and everything.
func (s *Server) newImport(req Request, resource core.Resource, native bool, items []core.Record) *importJob {
	j := &importJob{s: s, resource: resource, items: items, inDoc: map[core.Link]*core.Record{}, done: map[core.Link]string{},
		policy: core.PolicyNewer, strategy: core.StrategyAll}
	for i := range items {
		_ = items[i].Walk(func(r *core.Record) error { // nested elements, too, are found by references
			if known, ok := j.inDoc[r.Link()]; !ok || len(known.Fields) == 0 {
				j.inDoc[r.Link()] = r
			}
			return nil
		})
	}
	if task, ok := s.tasks[resource]; ok {
		j.policy, j.strategy = task.Update, task.Strategy
	} else if native {
		if p, err := core.ParsePolicy(req.Query.Get("update_policy")); err == nil {
			j.policy = p.Swapped()
		}
		if st, err := core.ParseStrategy(req.Query.Get("strategy")); err == nil {
			j.strategy = st
		}
	}
	return j
}

// run imports the items of the resource; others only where they are referenced.
// It reports whether Eden would have crashed, in which case nothing is kept.
func (j *importJob) run() (crashed bool) {
	rows, order := j.s.snapshot()
	for i := range j.items {
		if j.items[i].Resource != j.resource {
			continue
		}
		delete(j.done, j.items[i].Link()) // a duplicate in one document is applied twice
		if j.commit(&j.items[i], core.Link{}) == "" {
			j.records++
		}
	}
	for _, d := range j.deferred {
		from, ok := j.s.rows[d.from]
		if _, held := j.s.rows[d.to]; ok && !held {
			from.rec.Unset(d.field)
		}
	}
	if j.crashed {
		j.s.rows, j.s.order = rows, order
	}
	return j.crashed
}

// snapshot copies all rows, for a rollback.
func (s *Server) snapshot() (map[core.Link]*row, []*row) {
	rows, order := make(map[core.Link]*row, len(s.rows)), make([]*row, 0, len(s.order))
	for _, r := range s.order {
		c := &row{rec: r.rec.Clone(), id: r.id}
		c.rec.Master = r.rec.Master
		rows[c.rec.Link()] = c
		order = append(order, c)
	}
	return rows, order
}

// commit applies one record after what it refers to and before its components,
// and returns its error text.
func (j *importJob) commit(rec *core.Record, master core.Link) string {
	if e, ok := j.done[rec.Link()]; ok && rec.UUID != "" {
		return e
	}
	if rec.UUID == "" {
		rec.UUID = core.NewUUID()
	}
	if twin := j.s.twin(rec); twin != nil && j.s.rows[rec.Link()] == nil {
		rec.UUID = twin.rec.UUID // the uuid that it has here is kept (spec §11.3)
	}
	j.done[rec.Link()] = "" // a cycle meets itself as done
	if heir, shipped := j.inDoc[core.Link{Resource: rec.Resource, UUID: rec.ReplacedBy}]; shipped && rec.ReplacedBy != "" {
		j.commit(heir, core.Link{}) // the replacement's element is a dependency (spec §11.2); if it fails, the merging does
	}
	fields := map[string]string{}
	linked, superMaster := j.resolve(rec, fields)
	if master.IsZero() {
		master = superMaster
	}
	if key := keyOf(master.Resource, rec.Resource); !master.IsZero() && rec.Value(key).Kind == core.Reference {
		rec.Set(core.Field{Name: key, Value: core.RefTo(master.Resource, master.UUID)}) // nesting's word comes last
	}
	errText := j.validate(rec, fields, !master.IsZero())
	if errText != "" {
		j.done[rec.Link()] = errText
		j.failed = append(j.failed, failure{rec.Clone(), errText, fields})
		j.last = errText
		return errText
	}
	if !j.apply(rec, master, linked) {
		return ""
	}
	for i := range rec.Components {
		j.commit(&rec.Components[i], rec.Link())
	}
	return ""
}

// resolve imports what rec refers to and removes references to nothing, without
// a word. It reports whether any reference held, and the record that a super-key
// or component key leads to.
func (j *importJob) resolve(rec *core.Record, errs map[string]string) (linked bool, master core.Link) {
	for _, f := range slices.Clone(rec.Fields) {
		if f.Value.Kind != core.Reference {
			continue
		}
		l := core.Link{Resource: core.Resource(f.Value.Aux), UUID: f.Value.Str}
		target, shipped := j.inDoc[l]
		there, known := j.s.rows[l]
		if shipped && (len(target.Fields) > 0 || !known || there.rec.Deleted) {
			if e := j.commit(target, core.Link{}); e != "" {
				errs[f.Name] = f.Name + ": reference import(s) failed"
			}
			if l.UUID = target.UUID; l.UUID != f.Value.Str { // another record has its name
				rec.Set(core.Field{Name: f.Name, Value: core.RefTo(l.Resource, l.UUID)})
			}
			there, known = j.s.rows[l]
		}
		if _, met := j.done[l]; met && shipped && !known && errs[f.Name] == "" {
			j.deferred = append(j.deferred, deferral{rec.Link(), f.Name, l})
			continue
		}
		leads, super := superKeys[f.Name]
		if !known || super && (!shipped || there.rec.Deleted) {
			rec.Unset(f.Name)
			continue
		}
		linked = true
		if super && (leads || f.Name == keyOf(l.Resource, rec.Resource)) {
			master = l
		}
	}
	return linked, master
}

// validate returns the record's error text and the fields' own.
// A component's link to its master needs no field.
func (j *importJob) validate(rec *core.Record, fields map[string]string, nested bool) string {
	if rec.Deleted {
		if rec.ReplacedBy == "" && j.s.restricted(rec.Link()) {
			return "restricted by other records"
		}
		return j.rejected(rec, fields)
	}
	for _, e := range fields {
		return e
	}
	if j.s.twin(rec) != nil {
		return fmt.Sprintf("UNIQUE constraint failed: %s.%s", rec.Resource, j.s.knobs.unique[rec.Resource])
	}
	_, known := j.s.rows[rec.Link()]
	for _, name := range j.s.mandatory[rec.Resource] {
		f, present := rec.Field(name)
		if nested && strings.HasSuffix(name, "_id") {
			continue
		}
		if !present && !known || present && f.Value.Str == "" {
			return name + ": value(s) required"
		}
	}
	if j.s.knobs.outlines {
		outline(rec)
	}
	return j.rejected(rec, fields)
}

// outline is what Eden makes of where a place is said to lie (S3GIS.wkt_centroid).
func outline(rec *core.Record) {
	lat, lon, wkt := rec.Value("lat"), rec.Value("lon"), rec.Value("wkt")
	point := rec.Value("gis_feature_type").Str == "1"
	switch {
	case rec.Resource != "gis_location":
	case wkt.Kind != core.Null && !point:
		rec.Set(core.Field{Name: "gis_feature_type", Value: core.Text("3")})
	case lat.Kind != core.Null && lon.Kind != core.Null:
		rec.Set(core.Field{Name: "gis_feature_type", Value: core.Text("1")})
		rec.Set(core.Field{Name: "wkt", Value: core.Text("POINT (" + lon.Str + " " + lat.Str + ")")})
	}
}

// twin returns another record that has the value of rec's which no two may have; nil if
// there is none.
func (s *Server) twin(rec *core.Record) *row {
	field := s.knobs.unique[rec.Resource]
	value := rec.Value(field)
	if field == "" || value.Kind == core.Null || rec.Deleted {
		return nil
	}
	for _, r := range s.order {
		if r.rec.Resource == rec.Resource && r.rec.UUID != rec.UUID && core.SameValue(r.rec.Value(field), value) {
			return r
		}
	}
	return nil
}

// rejected asks the test.
func (j *importJob) rejected(rec *core.Record, fields map[string]string) string {
	if j.s.knobs.reject == nil {
		return ""
	}
	if e := j.s.knobs.reject(*rec, ""); e != "" {
		return e
	}
	for _, f := range rec.Fields {
		if e := j.s.knobs.reject(*rec, f.Name); e != "" {
			fields[f.Name] = f.Name + ": " + e
		}
	}
	if len(fields) > 0 {
		return "Validation error"
	}
	return ""
}

// apply does what the record asks for and reports whether its components are to
// be looked at.
func (j *importJob) apply(rec *core.Record, master core.Link, linked bool) bool {
	original := j.s.rows[rec.Link()]
	now := core.MTimeOf(j.s.Clock.Now())
	stamp := core.Stamp{ModifiedOn: rec.ModifiedOn, MCI: rec.MCI}
	if stamp.ModifiedOn.IsZero() {
		stamp.ModifiedOn = now
	}
	if stamp.MCI < 0 {
		stamp.MCI = 2
	}
	switch {
	case rec.Deleted:
		j.delete(rec, original, stamp)
		return false
	case original == nil:
		return j.create(rec, master, stamp)
	}
	return j.update(rec, original, stamp, master, linked || len(rec.Components) > 0 || !master.IsZero())
}

func (j *importJob) create(rec *core.Record, master core.Link, stamp core.Stamp) bool {
	if !j.strategy.Allows(core.MethodCreate) {
		j.failed = append(j.failed, failure{rec: rec.Clone(), err: "Operation not permitted"})
		j.last = "Operation not permitted"
		return false
	}
	if !j.policy.AcceptsNew(stamp) {
		j.crashed = true // Eden changes a dictionary while it walks through it
		return false
	}
	c := rec.Clone()
	c.MCI, c.ModifiedOn, c.Components, c.Master = stamp.MCI, stamp.ModifiedOn, nil, master
	c.Attrs, c.Unknown = nil, "" // a table has no column for them
	if f, is := j.s.knobs.defaults[c.Resource]; is && c.Value(f.Name).Kind == core.Null {
		c.Set(f)
	}
	if c.CreatedOn.IsZero() {
		c.CreatedOn = core.MTimeOf(j.s.Clock.Now())
	}
	r := j.s.insert(c)
	j.note(&j.created, r)
	return true
}

// update writes the fields the policy accepts. The key to the master, which nesting
// implies, is one of them: a component below another master moves there. Whatever the
// policy says, a record that brings references or components, or is one, overwrites
// modified_on, and one that was refused is still listed as updated.
func (j *importJob) update(rec *core.Record, original *row, stamp core.Stamp, master core.Link, carries bool) bool {
	j.note(&j.updated, original)
	if !j.strategy.Allows(core.MethodUpdate) {
		j.last = "Operation not permitted"
		return false
	}
	local := core.Stamp{ModifiedOn: original.rec.ModifiedOn, MCI: original.rec.MCI}
	accepted := j.policy.Accepts(local, stamp)
	if original.rec.Deleted {
		if !accepted && j.policy != core.PolicyThis {
			return false
		}
		original.rec.Deleted, original.rec.ReplacedBy = false, ""
		accepted = true
	}
	wrote := false
	if accepted {
		for _, f := range rec.Fields {
			wrote = j.write(original, f) || wrote
		}
		wrote = adoptUsers(&original.rec, rec) || wrote
		if !master.IsZero() {
			original.rec.Master, original.rec.Alias = master, rec.Alias
			if key := keyOf(master.Resource, rec.Resource); original.rec.Value(key).Kind == core.Reference {
				original.rec.Set(core.Field{Name: key, Value: core.RefTo(master.Resource, master.UUID)})
			}
		}
	}
	if wrote || carries {
		original.rec.ModifiedOn = stamp.ModifiedOn
	}
	return true
}

// adoptUsers writes the users and roles that the record names: to the importer they
// are fields like all others.
func adoptUsers(original, rec *core.Record) (wrote bool) {
	adopt := func(to *string, from string) {
		if from != "" && from != *to {
			*to, wrote = from, true
		}
	}
	adopt(&original.CreatedBy, rec.CreatedBy)
	adopt(&original.ModifiedBy, rec.ModifiedBy)
	adopt(&original.OwnedBy, rec.OwnedBy)
	adopt(&original.OwnedGroup, rec.OwnedGroup)
	return wrote
}

// write sets one field as the importer does: an empty value clears a text, a
// null date or reference is not understood and leaves things as they are.
func (j *importJob) write(original *row, f core.Field) bool {
	if f.Value.Kind == core.Null {
		if f.Value.Aux != "" {
			return false
		}
		original.rec.Unset(f.Name)
		return true
	}
	j.s.noteColumns(original.rec.Resource, f)
	original.rec.Set(f)
	return true
}

// delete buries a record, or merges it into another; the stamp is the server's
// own. A deletion of what is not known or already gone is no error.
func (j *importJob) delete(rec *core.Record, original *row, stamp core.Stamp) {
	if original == nil {
		return
	}
	j.note(&j.deleted, original)
	if original.rec.Deleted {
		return
	}
	local := core.Stamp{ModifiedOn: original.rec.ModifiedOn, MCI: original.rec.MCI}
	if !j.strategy.Allows(core.MethodDelete) || !j.policy.Accepts(local, stamp) {
		return
	}
	if rec.ReplacedBy != "" {
		if _, ok := j.s.rows[core.Link{Resource: rec.Resource, UUID: rec.ReplacedBy}]; !ok {
			return
		}
	}
	j.s.bury(original, rec.ReplacedBy)
}

// note lists the local id of a master for the reply.
func (j *importJob) note(list *[]int, r *row) {
	if r.rec.Resource == j.resource && !slices.Contains(*list, r.id) {
		*list = append(*list, r.id)
	}
}

// reply is the JSON message about all of it.
func (j *importJob) reply() string {
	var b strings.Builder
	b.WriteString(`{"status": "success", "statuscode": "200"`)
	if len(j.failed) > 0 {
		fmt.Fprintf(&b, `, "message": %s`, jsonText(j.last+" - invalid items ignored"))
	}
	fmt.Fprintf(&b, `, "records": %d`, j.records)
	for _, l := range []struct {
		name string
		ids  []int
	}{{"created", j.created}, {"updated", j.updated}, {"deleted", j.deleted}} {
		if len(l.ids) > 0 {
			fmt.Fprintf(&b, `, "%s": %s`, l.name, strings.ReplaceAll(fmt.Sprint(l.ids), " ", ", "))
		}
	}
	if len(j.failed) > 0 {
		b.WriteString(`, "tree": `)
		b.WriteString(tree(j.failed))
	}
	b.WriteString("}")
	return b.String()
}
