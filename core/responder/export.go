package responder

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

const (
	// maxHeld is how many bytes of masters are held to count them; for more the
	// store counts first. A page of 1,400 with their components has about 2 MB.
	maxHeld = 3 << 20
	// referenceDepth is how far references are followed (spec §12.5).
	referenceDepth = 10
	// referenceBatch is how many referenced records are asked for at a time.
	referenceBatch = 500
)

// A document is one export: what to put into it and how.
type document struct {
	c       *call
	query   ExportQuery
	allowed resources
	root    s3xml.Root

	depth      int             // of referenced records that come along; 0: none
	fields     map[string]bool // data fields to write; nil: all
	references map[string]bool // reference fields to write; nil: all
	components map[string]bool // aliases or tables to nest; nil: all
	files      bool            // point uploads that lie here to us
	eden       bool            // an Eden calls
	peer       int64           // a calling Eden that is not told what it has; 0: everything is written

	counted bool // the masters were counted before they were read: they may have changed meanwhile

	enc    *s3xml.Encoder
	roll   roll                       // what comes along if it is referred to, and is not written twice
	wanted map[core.Resource][]string // referenced and not written yet
	top    string                     // the uuid of the top-level record being written
	keyed  map[core.Link]bool         // what super-keys point to, for a calling Eden
}

// write sends the document and returns how many masters it has. The error is
// *brokenOff if the answer had begun.
func (d *document) write(ctx context.Context) (masters int, err error) {
	d.root.URL = d.c.publicURL()
	out := d.c.newStream()
	if masters, err = d.writeMasters(ctx, out); err == nil {
		err = d.writeReferences(ctx)
	}
	if err == nil {
		err = d.enc.Close()
	}
	if err != nil {
		return masters, out.wrap(err)
	}
	return masters, out.close()
}

// begin makes the document empty.
func (d *document) begin(out *stream) {
	d.roll, d.wanted, d.keyed = make(roll), make(map[core.Resource][]string), make(map[core.Link]bool)
	d.enc = s3xml.NewEncoder(out, d.root)
}

// errMuch ends an attempt to hold all masters.
var errMuch = errors.New("too much to be held")

// writeMasters holds the masters until all of them are there, because the document
// says at its beginning how many they are.
func (d *document) writeMasters(ctx context.Context, out *stream) (int, error) {
	d.begin(out)
	d.enc.Hold()
	masters, err := d.export(ctx, d.query)
	switch {
	case errors.Is(err, errMuch):
		return d.writeCounted(ctx, out)
	case err != nil:
		return masters, err
	}
	return masters, d.enc.Release(masters)
}

// writeCounted has the store count the masters, and then reads them once more.
func (d *document) writeCounted(ctx context.Context, out *stream) (int, error) {
	q := d.query
	q.Bare = true
	// Without msince components do not matter for which masters are meant.
	q.NoComponents = q.NoComponents || q.Since == 0
	count, err := d.c.store.Export(ctx, q, func(*core.Record) error { return nil })
	if err != nil {
		return 0, err
	}
	d.counted, d.root.Results = true, count
	d.begin(out)
	q = d.query
	q.Limit = count // what arrived meanwhile is for the next pull
	masters, err := d.export(ctx, q)
	if err == nil && masters != count {
		err = errChanged
	}
	return masters, err
}

// errChanged breaks off a document whose announced count turned out wrong: the
// peer could not tell masters from the records that come along.
var errChanged = busy(http.StatusServiceUnavailable, "The records changed while they were being read; try again", time.Second)

// writeReferences sends the records that the masters refer to, and those that
// these refer to, each once. Only shared tables; no tombstones.
func (d *document) writeReferences(ctx context.Context) error {
	for depth := 0; depth < d.depth && len(d.wanted) > 0; depth++ {
		wanted := d.wanted
		d.wanted = make(map[core.Resource][]string)
		for _, resource := range sortedKeys(wanted) {
			unwritten := slices.DeleteFunc(wanted[resource], func(uuid string) bool { return d.roll.written(resource, uuid) })
			for uuids := range slices.Chunk(unwritten, referenceBatch) {
				q := ExportQuery{Resource: resource, UUIDs: uuids, NoComponents: true, Except: d.peer}
				q.Filters = d.filtersFor(resource)
				sent, err := d.export(ctx, q)
				if err == nil && d.peer != 0 && sent < len(uuids) {
					err = d.named(ctx, resource, uuids)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// filtersFor returns the filters that were named for another table than the
// master's: they hold wherever that table is exported (spec §9).
func (d *document) filtersFor(resource core.Resource) []core.Filter {
	var filters []core.Filter
	for _, f := range d.query.Filters {
		if f.Table == resource {
			filters = append(filters, f)
		}
	}
	return filters
}

func sortedKeys(m map[core.Resource][]string) []core.Resource {
	keys := make([]core.Resource, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// export writes what the query selects as top-level records. It ends with errMuch if they
// are held, and too much.
func (d *document) export(ctx context.Context, q ExportQuery) (masters int, err error) {
	if store, ok := d.c.store.(Elements); ok && d.peer == 0 && d.fields == nil && d.references == nil && !q.Resource.Private() {
		return store.ExportElements(ctx, q, d, func(uuid string, element func([]byte) ([]byte, error)) error {
			if err := d.next(q.Resource, uuid); err != nil {
				return err
			}
			return d.enc.Append(element)
		})
	}
	return d.c.store.Export(ctx, q, func(rec *core.Record) error {
		if err := d.next(rec.Resource, rec.UUID); err != nil {
			return err
		}
		if d.peer != 0 && !q.Bare {
			if err := d.lean(ctx, rec); err != nil {
				return err
			}
		}
		if err := d.dress(ctx, rec); err != nil {
			return err
		}
		return d.enc.Encode(rec)
	})
}

// next notes that a top-level record comes next.
func (d *document) next(resource core.Resource, uuid string) error {
	if d.enc.Held() > maxHeld {
		return errMuch
	}
	if d.depth > 0 {
		d.roll.write(resource, uuid)
	}
	d.top = uuid
	return nil
}

// Links reports whether a component that comes by itself says in a field whose it is: an Eden
// knows it by nothing else.
func (d *document) Links() bool { return d.eden && !d.query.Bare }

var _ Dress = (*document)(nil)

// dress dresses a record with its components.
func (d *document) dress(ctx context.Context, rec *core.Record) error {
	if err := d.Dress(ctx, rec); err != nil {
		return err
	}
	rec.Components = slices.DeleteFunc(rec.Components, func(part core.Record) bool { return !d.Carries(&part) })
	for i := range rec.Components {
		if err := d.dress(ctx, &rec.Components[i]); err != nil {
			return err
		}
	}
	return nil
}

// Dress turns a stored version into what travels: one hop further from its origin, without
// what is not asked for.
func (d *document) Dress(ctx context.Context, rec *core.Record) error {
	if rec.UUID == d.top && len(rec.Fields) > 0 && d.Links() {
		giveKey(rec)
	}
	rec.URL = "" // where some other peer shows the record is not for this one
	if rec.MCI >= 0 {
		rec.MCI++
	}
	if d.fields != nil || d.references != nil {
		rec.Fields = slices.DeleteFunc(rec.Fields, func(f core.Field) bool { return !d.wants(f) })
	}
	for i := range rec.Fields {
		if err := d.dressField(ctx, rec, &rec.Fields[i]); err != nil {
			return err
		}
	}
	return nil
}

// Carries reports whether a component goes along: if it is shared and asked for.
func (d *document) Carries(part *core.Record) bool {
	return !part.Resource.Private() && (d.components == nil || d.components[part.Alias] || d.components[defaultAlias(part.Resource)])
}

func defaultAlias(r core.Resource) string {
	_, name := r.Split()
	return name
}

func (d *document) wants(f core.Field) bool {
	if f.Value.Kind == core.Reference || f.Value.Kind == core.References {
		return d.references == nil || d.references[f.Name]
	}
	return d.fields == nil || d.fields[f.Name]
}

func (d *document) dressField(ctx context.Context, rec *core.Record, f *core.Field) error {
	switch f.Value.Kind {
	case core.Reference, core.References:
		if d.Follows(core.Resource(f.Value.Aux)) {
			d.Refer(&f.Value)
			if d.peer != 0 && core.IsSuperKey(f.Name) {
				d.keyed[core.Link{Resource: core.Resource(f.Value.Aux), UUID: f.Value.Str}] = true
			}
		}
	case core.File:
		if d.files {
			return d.c.pointHere(ctx, rec.Link(), f)
		}
	}
	return nil
}

// Follows reports whether records of the table that are referred to come along.
func (d *document) Follows(resource core.Resource) bool { return d.depth > 0 && d.allowed[resource] }

// Refer has what is referred to come along, unless it is in the document.
func (d *document) Refer(reference *core.Value) {
	resource := core.Resource(reference.Aux)
	for _, uuid := range reference.UUIDs() {
		if d.roll.want(resource, uuid) {
			d.wanted[resource] = append(d.wanted[resource], strings.Clone(uuid))
		}
	}
}
