package records

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// schemaOf returns what is known of a resource; nothing is known of a new one.
func schemaOf(ctx context.Context, store Store, r core.Resource) (core.Schema, error) {
	s, err := store.Schema(ctx, r)
	if errors.Is(err, core.ErrNotFound) {
		return core.Schema{Resource: r}, nil
	}
	return s, err
}

// A Part is a component's records inside their master.
type Part struct {
	Resource core.Resource
	Alias    string
	Name     string // in plain words
	Schema   core.Schema
	Records  []core.Record
}

// An Old is a former version, with what the one after it changed; or, with Lost, one
// of the server's that a conflict was decided against, with what it says otherwise.
type Old struct {
	ID      int64
	Lost    bool // ID is the conflict's
	Words   string
	When    core.MTime
	Run     string // the run that replaced it; "" for a person's edit
	Changes []Difference
}

// A Difference is one field before and after.
type Difference struct{ Field, Before, After string }

// A Sheet is a record as its page shows it.
type Sheet struct {
	Record  core.Record
	Row     Row // Record with its marks, as it is stored
	New     bool
	Title   string
	Kind    string
	Schema  core.Schema
	Fields  []Field
	Parts   []Part
	History []Old
	Refused []core.Quarantine
	// Master names what a component belongs to.
	Master string
	// Above is what a component belongs to, if that was deleted: without it no server
	// takes the component.
	Above *core.Record
	// Sources say of each field that was ever changed where its value came from.
	Sources []Source
}

// A Source is where the value of a field came from, in words.
type Source struct{ Field, Words string }

// A sheetView is the record's page as its presenter sees it.
type sheetView interface {
	ShowSheet(Sheet)
	ShowTrouble(field, words string)
	// ShowSaved says that the record is stored; waits, that it is to be sent to a server.
	ShowSaved(waits bool)
	ShowDeleted(link core.Link, title string, along int)
	ShowGone() // the record is not here any more
	ShowProblem(error)
}

// A recordPresenter shows and changes one record.
type recordPresenter struct {
	ctx   context.Context // the window's life
	store Store
	lanes async.Lanes
	by    string
	now   func() time.Time
	view  sheetView

	ticket async.Ticket
	sheet  Sheet
	seen   core.Hash
}

// open shows a record.
func (p *recordPresenter) open(l core.Link) {
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		sheet, err := p.read(l)
		return func() { p.show(ticket, sheet, err) }
	})
}

// add shows an empty form of a kind. master is set for a component.
func (p *recordPresenter) add(r core.Resource) {
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		schema, err := schemaOf(p.ctx, p.store, r)
		sheet := Sheet{Record: core.Record{Resource: r}, New: true, Schema: schema, Kind: words.One(r, &schema)}
		sheet.Title = tr.L("New: {{.Kind}}", tr.D{"Kind": sheet.Kind})
		return func() { p.show(ticket, sheet, err) }
	})
}

func (p *recordPresenter) show(ticket async.Ticket, sheet Sheet, err error) {
	if ticket != p.ticket {
		return
	}
	if err != nil {
		p.view.ShowProblem(err)
		return
	}
	p.seen = core.Hash{}
	if !sheet.New {
		p.seen = sheet.Record.Hash()
	}
	sheet.Fields = imply(Fields(sheet.Schema, &sheet.Record), &sheet.Record, sheet.Master)
	p.sheet = sheet
	p.view.ShowSheet(sheet)
}

func (p *recordPresenter) read(l core.Link) (s Sheet, err error) {
	row, err := p.store.Row(p.ctx, l)
	if err != nil {
		return s, err
	}
	s.Record, s.Row = row.Record, row
	if s.Schema, err = schemaOf(p.ctx, p.store, l.Resource); err != nil {
		return s, err
	}
	s.Kind, s.Title = words.One(l.Resource, &s.Schema), words.Title(&s.Record, &s.Schema)
	if err = p.nameReferences(&s.Record); err != nil {
		return s, err
	}
	if !s.Record.Master.IsZero() {
		if s.Master, err = p.nameOf(s.Record.Master); err != nil {
			return s, err
		}
	}
	if s.Parts, err = p.parts(l, s.Schema); err != nil {
		return s, err
	}
	if s.Above, err = p.deletedAbove(&s.Record); err != nil {
		return s, err
	}
	if s.Refused, err = p.store.QuarantinesOf(p.ctx, l); err != nil {
		return s, err
	}
	s.Refused = slices.DeleteFunc(s.Refused, func(q core.Quarantine) bool { return !q.Outgoing })
	versions, err := p.store.History(p.ctx, l)
	if err != nil {
		return s, err
	}
	peers, err := p.store.Repositories(p.ctx)
	if err != nil {
		return s, err
	}
	conflicts, err := p.store.ConflictsOf(p.ctx, l)
	s.History = withLost(olds(versions, &s.Record, &s.Schema, peers), lost(conflicts, &s.Record, &s.Schema, peers))
	s.Sources = sources(versions, &s.Record, &s.Schema, peers, p.now())
	return s, err
}

// deletedAbove returns what a component belongs to, as it was, if that was deleted and can
// be brought back.
func (p *recordPresenter) deletedAbove(rec *core.Record) (*core.Record, error) {
	if rec.Master.IsZero() {
		return nil, nil
	}
	above, err := p.store.Record(p.ctx, rec.Master)
	if errors.Is(err, core.ErrNotFound) || err == nil && (!above.Deleted || above.ReplacedBy != "") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(above.Fields) == 0 { // the server's tombstone has no name
		versions, err := p.store.History(p.ctx, rec.Master)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(versions, func(v core.Version) bool { return !v.Record.Deleted }); i >= 0 {
			above = versions[i].Record
		}
	}
	return &above, nil
}

// nameReferences gives references the names of the records they point to, where
// the peer sent none.
func (p *recordPresenter) nameReferences(rec *core.Record) error {
	rec.Fields = slices.Clone(rec.Fields)
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if f.Value.Kind != core.Reference || f.Text != "" {
			continue
		}
		var err error
		if f.Text, err = p.nameOf(core.Link{Resource: core.Resource(f.Value.Aux), UUID: f.Value.Str}); err != nil {
			return err
		}
	}
	return nil
}

// nameOf returns what a person calls a record.
func (p *recordPresenter) nameOf(l core.Link) (string, error) {
	rec, err := p.store.Record(p.ctx, l)
	if errors.Is(err, core.ErrNotFound) {
		return tr.L("(not on this laptop)"), nil
	}
	if err != nil {
		return "", err
	}
	return words.Title(&rec, nil), nil
}

// parts groups the components of a record, those that could be added included.
func (p *recordPresenter) parts(l core.Link, schema core.Schema) ([]Part, error) {
	records, err := p.store.Components(p.ctx, l)
	if err != nil {
		return nil, err
	}
	var parts []Part
	for _, c := range schema.Components {
		parts = append(parts, Part{Resource: c.Resource, Alias: c.Alias})
	}
	for _, rec := range records {
		i := slices.IndexFunc(parts, func(x Part) bool { return x.Resource == rec.Resource && (rec.Alias == "" || x.Alias == rec.Alias) })
		if i < 0 {
			parts = append(parts, Part{Resource: rec.Resource, Alias: rec.Alias})
			i = len(parts) - 1
		}
		parts[i].Records = append(parts[i].Records, rec)
	}
	for i := range parts {
		if parts[i].Schema, err = schemaOf(p.ctx, p.store, parts[i].Resource); err != nil {
			return nil, err
		}
		parts[i].Name = words.Within(parts[i].Resource, &parts[i].Schema)
	}
	// What is a kind of its own and has no records here is looked up in its own
	// list; what nothing is known of cannot be added.
	return slices.DeleteFunc(parts, func(x Part) bool {
		return len(x.Records) == 0 && (len(x.Schema.Fields) == 0 || !words.Inner(x.Resource))
	}), nil
}

// olds tells of each former version what the next one changed.
func olds(versions []core.Version, now *core.Record, schema *core.Schema, peers []core.Repository) []Old {
	after := now
	var out []Old
	for i := range versions {
		v := &versions[i]
		out = append(out, Old{ID: v.ID, Words: ruleWords(v.Change, peers), When: v.Change.At, Run: v.Change.Run, Changes: differences(&v.Record, after, schema)})
		after = &v.Record
	}
	return out
}

// sources finds for each field the last change that gave it its value.
func sources(versions []core.Version, now *core.Record, schema *core.Schema, peers []core.Repository, today time.Time) (out []Source) {
	seen := map[string]bool{}
	after := now
	for i := range versions {
		v := &versions[i]
		for _, name := range core.Differences(&v.Record, after) {
			if seen[name] || words.Technical(core.FieldSchema{Name: name}) {
				continue
			}
			seen[name] = true
			out = append(out, Source{words.Field(name, schema), ruleWords(v.Change, peers) + ", " + words.When(v.Change.At, today)})
		}
		after = &v.Record
	}
	return out
}

func differences(before, after *core.Record, schema *core.Schema) (out []Difference) {
	if after.Deleted {
		return nil
	}
	for _, name := range core.Differences(before, after) {
		if words.Technical(core.FieldSchema{Name: name}) {
			continue
		}
		b, _ := before.Field(name)
		a, _ := after.Field(name)
		d := Difference{words.Field(name, schema), shown(b), shown(a)}
		if b.Value.Kind == core.String && a.Value.Kind == core.String && b.Display() != "" && a.Display() != "" {
			d.Before, d.After = apart(b.Display(), a.Display())
		}
		out = append(out, d)
	}
	return out
}

// shown is a field's value for a person; a bare uuid says nothing.
func shown(f core.Field) string {
	if f.Text == "" && (f.Value.Kind == core.Reference || f.Value.Kind == core.References) {
		return tr.L("another record")
	}
	if f.Display() == "" {
		return "–"
	}
	return short(f.Display())
}

// check says while one types what is wrong with a field.
func (p *recordPresenter) check(f Field) { p.view.ShowTrouble(f.Name, f.Trouble()) }

// save stores the filled-in form. If something is wrong with it, nothing is
// stored and each field says what.
func (p *recordPresenter) save(fields []Field) {
	troubles := troublesOf(fields)
	for name, trouble := range troubles {
		p.view.ShowTrouble(name, trouble)
	}
	if len(troubles) > 0 {
		return
	}
	rec, seen := p.sheet.Record, p.seen
	Apply(&rec, fields)
	p.lanes.Run(func() func() {
		saved, err := p.keep(rec, seen, fields)
		row, unknown := p.store.Row(p.ctx, saved.Link())
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.open(saved.Link())
			p.view.ShowSaved(unknown != nil || row.Unsent)
		}
	})
}

// savePart stores a component of the present record, a new one if it has no uuid.
func (p *recordPresenter) savePart(rec core.Record, fields []Field) (troubles map[string]string) {
	if troubles = troublesOf(fields); len(troubles) > 0 {
		return troubles
	}
	Apply(&rec, fields)
	p.change(func() error {
		_, err := p.keep(rec, core.Hash{}, fields)
		return err
	})
	return nil
}

// keep stores a record with the files that were chosen for it. A file is complete
// before the record speaks of it.
func (p *recordPresenter) keep(rec core.Record, seen core.Hash, fields []Field) (core.Record, error) {
	if rec.UUID == "" {
		node, err := p.store.Node(p.ctx)
		if err != nil {
			return rec, err
		}
		rec.UUID = node.NewUUID()
	}
	for _, f := range fields {
		if f.File == nil {
			continue
		}
		if err := p.store.SaveAttachment(p.ctx, core.Attachment{Record: rec.Link(), Field: f.Name, Name: f.Value}, f.File); err != nil {
			return rec, err
		}
	}
	return p.store.SaveRecord(p.ctx, rec, seen, p.by)
}

// content reads the file of an upload, if it is on this laptop.
func (p *recordPresenter) content(f Field, show func([]byte)) {
	link := p.sheet.Record.Link()
	if f.before.Value.Kind != core.File || link.IsZero() {
		return
	}
	p.lanes.Run(func() func() {
		_, content, err := p.store.Attachment(p.ctx, link, f.Name)
		if err != nil {
			return nil // it is fetched with a later sync; the name is shown meanwhile
		}
		return func() { show(content) }
	})
}

// blank prepares an empty form of a kind, for a record that a reference needs.
func (p *recordPresenter) blank(r core.Resource, show func(core.Schema)) {
	p.lanes.Run(func() func() {
		schema, err := schemaOf(p.ctx, p.store, r)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				show(schema)
			}
		}
	})
}

// saveNew stores a new record that is not the one shown. troubles say what is
// wrong with its fields; then nothing is stored.
func (p *recordPresenter) saveNew(rec core.Record, fields []Field, done func(core.Record)) (troubles map[string]string) {
	if troubles = troublesOf(fields); len(troubles) > 0 {
		return troubles
	}
	Apply(&rec, fields)
	p.lanes.Run(func() func() {
		saved, err := p.keep(rec, core.Hash{}, fields)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				done(saved)
			}
		}
	})
	return nil
}

func troublesOf(fields []Field) map[string]string {
	troubles := map[string]string{}
	for _, f := range fields {
		if t := f.Trouble(); t != "" && (f.Changed() || f.Required) {
			troubles[f.Name] = t
		}
	}
	return troubles
}

// newPart is an empty component of the present record.
func (p *recordPresenter) newPart(part Part) core.Record {
	return core.Record{Resource: part.Resource, Master: p.sheet.Record.Link(), Alias: part.Alias}
}

func (p *recordPresenter) deletePart(l core.Link) {
	p.change(func() error {
		_, err := p.store.DeleteRecord(p.ctx, l, p.by)
		return err
	})
}

// restore makes a former version the present one.
func (p *recordPresenter) restore(old Old) {
	p.change(func() error {
		if old.Lost {
			return p.store.RestoreLost(p.ctx, old.ID, p.by)
		}
		return p.store.Restore(p.ctx, old.ID, p.by)
	})
}

// refresh shows the record as it is by now; not while somebody adds one.
func (p *recordPresenter) refresh() {
	link := p.sheet.Record.Link()
	if p.sheet.New || link.IsZero() {
		return
	}
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		sheet, err := p.read(link)
		return func() {
			if ticket == p.ticket && errors.Is(err, core.ErrNotFound) {
				p.view.ShowGone() // its repository was removed
				return
			}
			p.show(ticket, sheet, err)
		}
	})
}

// undelete brings the present record back, and before it what it belongs to, if that is
// deleted, too.
func (p *recordPresenter) undelete(l core.Link) {
	above := p.sheet.Above
	if p.sheet.Record.Link() != l {
		above = nil
	}
	p.lanes.Run(func() func() {
		var err error
		if above != nil {
			err = p.store.Undelete(p.ctx, above.Link(), p.by)
		}
		if err == nil {
			err = p.store.Undelete(p.ctx, l, p.by)
		}
		return func() {
			p.view.ShowProblem(err)
			p.open(l)
		}
	})
}

// change does something to the store and shows the record anew.
func (p *recordPresenter) change(do func() error) {
	link := p.sheet.Record.Link()
	p.lanes.Run(func() func() {
		err := do()
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.open(link)
		}
	})
}

// delete deletes the present record; it can be undone.
func (p *recordPresenter) delete() {
	link, title := p.sheet.Record.Link(), p.sheet.Title
	p.lanes.Run(func() func() {
		along, err := p.store.DeleteRecord(p.ctx, link, p.by)
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowDeleted(link, title, along)
		}
	})
}

// find looks for records that a reference may point to.
func (p *recordPresenter) find(target core.Resource, text string, found func([]Line)) {
	p.lanes.Run(func() func() {
		lines, err := p.candidates(target, text)
		return func() {
			p.view.ShowProblem(err)
			found(lines)
		}
	})
}

// mostCandidates is how many records of a table are offered to choose from.
const mostCandidates = 50

// candidates returns records that a reference to target can lead to: to a super-entity, those
// for which it stands.
func (p *recordPresenter) candidates(target core.Resource, text string) (lines []Line, err error) {
	tables := target.Instances()
	several := tables != nil
	if !several {
		tables = []core.Resource{target}
	}
	for _, table := range tables {
		page, err := p.store.ListRecords(p.ctx, Query{Resource: table, Search: text, Limit: mostCandidates})
		if err != nil {
			return nil, err
		}
		for i := range page.Rows {
			line := NewLine(&page.Rows[i], nil)
			if several {
				line.Below = strings.TrimSuffix(words.One(table, nil)+"  ·  "+line.Below, "  ·  ")
			}
			lines = append(lines, line)
		}
	}
	return lines, nil
}
