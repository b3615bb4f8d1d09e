package transfer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/core/sheet"
)

// A File is what somebody wants to read: the name tells the format, and the
// content is asked for twice.
type File struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// Content is a File that lies in memory.
func Content(name string, content []byte) File {
	return File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}

// An Order says how to read a file.
type Order struct {
	// Resource is the table of the rows, for CSV and XLSX.
	Resource core.Resource
	// Fields say for each column of a table which field it is, "" for a column
	// to leave out; nil: as the first row says.
	Fields []string
	By     string // the person
	DryRun bool   // only say what would happen
	Now    core.MTime
}

// A Report counts what became of the records of a file.
type Report struct {
	Read      int `json:"read"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Deleted   int `json:"deleted"`
	Unchanged int `json:"unchanged"`
}

// errDryRun rolls a rehearsed import back.
var errDryRun = errors.New("dry run")

// Read takes all records of a file over, or none if anything is wrong with it:
// then the error is a Problem that says where. Records with a known uuid are
// changed, others are added; what a file does not mention stays as it is.
func Read(ctx context.Context, store Store, file File, order Order) (Report, error) {
	node, err := store.Node(ctx)
	if err != nil {
		return Report{}, err
	}
	im := &importing{store: store, Order: order, node: node}
	read, err := im.reader(ctx, file)
	if err != nil {
		return im.Report, err
	}
	f, err := file.open()
	if err != nil {
		return im.Report, err
	}
	defer f.Close()
	err = store.Import(ctx, func(tx intake.Tx) error {
		im.Report = Report{}
		if err := read(ctx, tx, f); err != nil {
			return err
		}
		if order.DryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return im.Report, namedFile(err, file.Name)
	}
	return im.Report, nil
}

// Look reads the first row of a table and a few of the others, without changing
// anything, so that a person can say what each column is.
func Look(ctx context.Context, store Store, file File, resource core.Resource) ([]sheet.Heading, error) {
	format, err := sheet.FormatOf(file.Name)
	if err != nil {
		return nil, err
	}
	schema, err := schemaOf(ctx, store, resource)
	if err != nil {
		return nil, err
	}
	f, err := file.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	headings, err := sheet.Headings(f, format, schema)
	return headings, namedFile(err, file.Name)
}

// IsSheet reports whether a file is a table by its name, rather than S3XML.
func IsSheet(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext != ".xml" && ext != ".s3xml"
}

func (f File) open() (io.ReadCloser, error) {
	r, err := f.Open()
	if err != nil {
		return nil, &core.Problem{Op: "import", Kind: core.FileUnreadable, Subject: f.Name, Err: err}
	}
	return r, nil
}

// An importing applies the records of one file inside one transaction.
type importing struct {
	Order
	Report

	store Store
	node  core.Node
}

type readFunc func(ctx context.Context, tx intake.Tx, f io.Reader) error

// reader chooses how to read the file and gathers what has to be known before
// the transaction begins.
func (im *importing) reader(ctx context.Context, file File) (readFunc, error) {
	if !IsSheet(file.Name) {
		return im.xml, nil
	}
	format, err := sheet.FormatOf(file.Name)
	if err != nil {
		return nil, err
	}
	schema, err := schemaOf(ctx, im.store, im.Resource)
	if err != nil {
		return nil, err
	}
	names := &memory{find: LookupIn(ctx, im.store), found: make(map[string][]core.Link)}
	if err := im.check(file, format, schema, names); err != nil {
		return nil, err
	}
	names.find = nil
	return func(ctx context.Context, tx intake.Tx, f io.Reader) error {
		return im.eachRow(f, format, schema, names.lookup, func(row sheet.Row) error { return im.row(ctx, tx, row) })
	}, nil
}

func schemaOf(ctx context.Context, store Store, r core.Resource) (core.Schema, error) {
	schema, err := store.Schema(ctx, r)
	if errors.Is(err, core.ErrNotFound) {
		return schema, core.Invalid("resource", "Nothing is known of %s yet. Sync it once, so that its fields are known.", r)
	}
	return schema, err
}

// check reads the whole file once before the transaction begins: most mistakes
// are found without having locked anything, and looking up a name may itself
// have to write the search index. The answers are remembered for the second
// reading.
func (im *importing) check(file File, format sheet.Format, schema core.Schema, names *memory) error {
	f, err := file.open()
	if err != nil {
		return err
	}
	defer f.Close()
	return namedFile(im.eachRow(f, format, schema, names.lookup, func(sheet.Row) error { return nil }), file.Name)
}

func (im *importing) eachRow(f io.Reader, format sheet.Format, schema core.Schema, lookup sheet.Lookup, do func(sheet.Row) error) error {
	r, err := sheet.NewReader(f, format, schema, lookup, im.Fields)
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
	found map[string][]core.Link
}

func (m *memory) lookup(resource core.Resource, text string) ([]core.Link, error) {
	key := string(resource) + " " + text
	if links, known := m.found[key]; known || m.find == nil {
		return links, nil
	}
	links, err := m.find(resource, text)
	if err == nil {
		m.found[key] = links
	}
	return links, err
}

func (im *importing) xml(ctx context.Context, tx intake.Tx, f io.Reader) error {
	dec := s3xml.NewDecoder(f, s3xml.Limits{})
	var room core.Room // of one record after the other
	dec.Lend(&room)
	var rec core.Record
	for {
		room.Empty()
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
