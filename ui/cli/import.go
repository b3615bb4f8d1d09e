package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/core/sheet"
)

func (c *commands) importCommand() *cobra.Command {
	var resource string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Read records from a file: S3XML, CSV or XLSX",
		Long: `Reads records from a file, as edits of yours: they are sent with the next sync. All of the file is taken, or, if anything in it is wrong, nothing.

Records with a known uuid are changed, others are added. In CSV and XLSX the first row holds the names of the fields; a row without uuid is a new
record, an emptied cell clears its field, and references may be given by name. What a row does not mention stays as it is.`,
		Example: `  fieldsync import offices.xlsx --resource org_office --dry-run
  fieldsync import persons.xml`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&resource, "resource", "", "the table, for CSV and XLSX")
	cmd.Flags().BoolVarP(&dryRun, "dry-run", "n", false, "only say what would happen")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		im := &importing{store: n.Store, by: c.app.Person, dryRun: dryRun, now: core.MTimeOf(time.Now())}
		read, err := im.reader(ctx, args[0], resource)
		if err != nil {
			return err
		}
		f, err := openFile(args[0])
		if err != nil {
			return err
		}
		defer f.Close()
		err = n.Store.Import(ctx, func(tx intake.Tx) error {
			if err := read(ctx, tx, f); err != nil {
				return err
			}
			if dryRun {
				return errDryRun
			}
			return nil
		})
		if err != nil && !errors.Is(err, errDryRun) {
			return namedFile(err, args[0])
		}
		return c.showImport(im)
	})
	return c.withJSON(cmd)
}

// errDryRun rolls a rehearsed import back.
var errDryRun = errors.New("dry run")

// An importing applies the records of one file inside one transaction.
type importing struct {
	store  Store
	by     string
	dryRun bool
	now    core.MTime

	Read      int `json:"read"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Deleted   int `json:"deleted"`
	Unchanged int `json:"unchanged"`
}

func (c *commands) showImport(im *importing) error {
	if c.json {
		return c.printJSON(im)
	}
	would := ""
	if im.dryRun {
		would = "Nothing was changed; this would happen: "
	}
	c.say("%s%s read: %d new, %d changed, %d deleted, %d unchanged.", would, count(im.Read, "record"), im.Created, im.Updated, im.Deleted, im.Unchanged)
	return nil
}

type readFunc func(ctx context.Context, tx intake.Tx, f io.Reader) error

// reader chooses how to read the file and gathers what has to be known before
// the transaction begins.
func (im *importing) reader(ctx context.Context, name, resource string) (readFunc, error) {
	if ext := strings.ToLower(filepath.Ext(name)); ext == ".xml" || ext == ".s3xml" {
		return im.xml, nil
	}
	format, err := sheet.FormatOf(name)
	if err != nil {
		return nil, err
	}
	if resource == "" {
		return nil, core.Invalid("resource", "Say which table the rows belong to: --resource org_office")
	}
	t, err := table(resource)
	if err != nil {
		return nil, err
	}
	schema, err := im.store.Schema(ctx, t)
	if errors.Is(err, core.ErrNotFound) {
		return nil, core.Invalid("resource", fmt.Sprintf("Nothing is known of %s yet. Sync it once, so that its fields are known.", t))
	}
	if err != nil {
		return nil, err
	}
	names := &memory{find: lookupIn(ctx, im.store), found: make(map[string][]string)}
	if err := im.check(name, format, schema, names); err != nil {
		return nil, err
	}
	names.find = nil
	return func(ctx context.Context, tx intake.Tx, f io.Reader) error {
		return eachRow(f, format, schema, names.lookup, func(row sheet.Row) error { return im.row(ctx, tx, t, row) })
	}, nil
}

// check reads the whole file once before the transaction begins: most mistakes
// are found without having locked anything, and looking up a name may itself
// have to write the search index. The answers are remembered for the second
// reading.
func (im *importing) check(name string, format sheet.Format, schema core.Schema, names *memory) error {
	f, err := openFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return namedFile(eachRow(f, format, schema, names.lookup, func(sheet.Row) error { return nil }), name)
}

func eachRow(f io.Reader, format sheet.Format, schema core.Schema, lookup sheet.Lookup, do func(sheet.Row) error) error {
	r, err := sheet.NewReader(f, format, schema, lookup)
	if err != nil {
		return err
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(row); err != nil {
			return err
		}
	}
}

// A memory answers each question once by looking, then by heart; without find
// only by heart.
type memory struct {
	find  sheet.Lookup
	found map[string][]string
}

func (m *memory) lookup(resource core.Resource, text string) ([]string, error) {
	key := string(resource) + " " + text
	if uuids, known := m.found[key]; known || m.find == nil {
		return uuids, nil
	}
	uuids, err := m.find(resource, text)
	if err == nil {
		m.found[key] = uuids
	}
	return uuids, err
}

func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, &core.Problem{Op: "import", Kind: core.FileUnreadable, Subject: name, Err: err}
	}
	return f, nil
}

func (im *importing) xml(ctx context.Context, tx intake.Tx, f io.Reader) error {
	dec := s3xml.NewDecoder(f, s3xml.Limits{})
	var rec core.Record
	for {
		err := dec.Next(&rec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return xmlProblem(err)
		}
		if err := rec.Walk(func(r *core.Record) error { return im.put(ctx, tx, r) }); err != nil {
			return err
		}
	}
}

func xmlProblem(err error) error {
	var bad *s3xml.RecordError
	if errors.As(err, &bad) {
		return &core.Problem{Kind: core.FileUnreadable, Words: fmt.Sprintf("Line %d: the record %s cannot be read: %s.", bad.Line, bad.Record.UUID, strings.TrimSuffix(bad.Reason, ".")), Err: err}
	}
	var syntax *s3xml.SyntaxError
	if errors.As(err, &syntax) {
		return &core.Problem{Kind: core.FileUnreadable, Words: fmt.Sprintf("Line %d is not valid S3XML: %s.", syntax.Line, strings.TrimSuffix(syntax.Reason, ".")), Err: err}
	}
	return &core.Problem{Kind: core.FileUnreadable, Err: err}
}

// put applies one record of an S3XML file: what it does not mention stays.
func (im *importing) put(ctx context.Context, tx intake.Tx, rec *core.Record) error {
	im.Read++
	if rec.UUID == "" {
		rec.UUID = core.NewUUID()
	}
	present, err := tx.Record(ctx, rec.Link())
	if errors.Is(err, core.ErrNotFound) {
		if rec.Deleted {
			im.Unchanged++
			return nil
		}
		fresh := rec.Clone()
		fresh.Components = nil
		return im.keep(ctx, tx, fresh, &im.Created, "import new")
	}
	if err != nil {
		return err
	}
	next := present.Clone()
	next.Deleted, next.ReplacedBy = rec.Deleted, rec.ReplacedBy
	for _, f := range rec.Fields {
		next.Set(f)
	}
	if core.SameContent(&present, &next) {
		im.Unchanged++
		return nil
	}
	if rec.Deleted {
		return im.keep(ctx, tx, next, &im.Deleted, "import delete")
	}
	return im.keep(ctx, tx, next, &im.Updated, "import")
}

func (im *importing) row(ctx context.Context, tx intake.Tx, resource core.Resource, row sheet.Row) error {
	im.Read++
	rec := core.Record{Resource: resource, UUID: row.UUID}
	if row.UUID == "" {
		rec.UUID = core.NewUUID()
	} else {
		present, err := tx.Record(ctx, rec.Link())
		if err == nil {
			return im.update(ctx, tx, present, row)
		}
		if !errors.Is(err, core.ErrNotFound) {
			return err
		}
	}
	if row.Master != "" {
		master, err := im.master(ctx, resource, row.Master)
		if err != nil {
			return core.Invalid("master", fmt.Sprintf("Row %d, column master: there is no record %q here that it could belong to.", row.Line, row.Master))
		}
		rec.Master = master
	}
	row.Apply(&rec)
	return im.keep(ctx, tx, rec, &im.Created, "import new")
}

func (im *importing) update(ctx context.Context, tx intake.Tx, present core.Record, row sheet.Row) error {
	next := present.Clone()
	changed := row.Apply(&next)
	if present.Deleted {
		next.Deleted, next.ReplacedBy, changed = false, "", true
	}
	if !changed {
		im.Unchanged++
		return nil
	}
	return im.keep(ctx, tx, next, &im.Updated, "import")
}

// master finds the record a component belongs to: a sheet names only its uuid.
func (im *importing) master(ctx context.Context, component core.Resource, uuid string) (core.Link, error) {
	tables, err := im.store.Tables(ctx)
	if err != nil {
		return core.Link{}, err
	}
	for _, t := range tables {
		l := core.Link{Resource: t.Resource, UUID: uuid}
		if t.Resource == component {
			continue
		}
		if _, err := im.store.Record(ctx, l); err == nil {
			return l, nil
		}
	}
	return core.Link{}, core.ErrNotFound
}

// keep makes rec the present version, as an edit made now.
func (im *importing) keep(ctx context.Context, tx intake.Tx, rec core.Record, counter *int, rule string) error {
	*counter++
	if counter == &im.Created {
		rec.CreatedOn, rec.ModifiedOn = im.now, im.now
		rec.MCI = max(rec.MCI, 0) // a copy stays a copy
	}
	rec.ModifiedOn, rec.ModifiedBy = max(im.now, rec.ModifiedOn), ""
	return tx.Put(ctx, &rec, core.Change{Rule: rule, By: im.by, At: im.now})
}

// namedFile puts the file's name into a problem that does not know it.
func namedFile(err error, name string) error {
	var p *core.Problem
	if errors.As(err, &p) && p.Kind == core.FileUnreadable && p.Subject == "" {
		p.Subject = name
	}
	return err
}
