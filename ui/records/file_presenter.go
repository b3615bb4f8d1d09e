package records

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/sheet"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui/async"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Matching is a file about to be read: what each of its columns is.
type Matching struct {
	File     transfer.File
	Resource core.Resource
	Headings []sheet.Heading // none for S3XML, which says so itself
	// Choices are the fields a column may be, with their plain names.
	Choices, Labels []string
	Needed          []string // those of them that every record must have
}

// Fields are the columns as the header names them.
func (m Matching) Fields() []string {
	if m.Headings == nil {
		return nil
	}
	out := make([]string, len(m.Headings))
	for i, h := range m.Headings {
		out[i] = h.Field
	}
	return out
}

type fileView interface {
	ShowMatching(Matching)
	// ShowRehearsal says what reading the file would do; ok: it can be done.
	ShowRehearsal(sentence string, ok bool, records int)
	ShowTaken(sentence string)
	ShowWritten(sentence string)
	ShowProblem(error)
}

// A filePresenter reads records from files and writes them to files.
type filePresenter struct {
	ctx   context.Context // the window's life
	store Store
	lanes async.Lanes
	now   func() time.Time
	by    string
	view  fileView

	ticket async.Ticket
}

// look opens a file and asks what its columns are.
func (p *filePresenter) look(file transfer.File, r core.Resource) {
	p.lanes.Run(func() func() {
		m, err := p.matching(file, r)
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowMatching(m)
		}
	})
}

func (p *filePresenter) matching(file transfer.File, r core.Resource) (m Matching, err error) {
	m = Matching{File: file, Resource: r}
	if !transfer.IsSheet(file.Name) {
		return m, nil
	}
	if m.Headings, err = transfer.Look(p.ctx, p.store, file, r); err != nil {
		return m, err
	}
	schema, err := schemaOf(p.ctx, p.store, r)
	if err != nil {
		return m, err
	}
	m.Choices, m.Labels = append(m.Choices, ""), append(m.Labels, tr.L("– leave out –"))
	for _, name := range sheet.Choices(schema) {
		f, known := schema.Field(name)
		label := words.Field(name, &schema)
		switch {
		case !known && name == "uuid":
			label = tr.L("Which record it is (uuid)")
		case !known:
			label = tr.L("What it belongs to (uuid)")
		case words.Technical(f):
			continue
		case f.Required:
			m.Needed = append(m.Needed, name)
			label += " *"
		}
		m.Choices, m.Labels = append(m.Choices, name), append(m.Labels, label)
	}
	m.guess(&schema)
	return m, nil
}

// guess matches columns that are named as this program names a field.
func (m *Matching) guess(schema *core.Schema) {
	for i, h := range m.Headings {
		for _, name := range m.Choices[1:] {
			if h.Field == "" && words.Called(h.Name, name, schema) && !slices.Contains(m.Fields(), name) {
				m.Headings[i].Field = name
			}
		}
	}
}

func (p *filePresenter) order(m Matching, fields []string, dryRun bool) transfer.Order {
	return transfer.Order{Resource: m.Resource, Fields: slices.Clone(fields), By: p.by, DryRun: dryRun, Now: core.MTimeOf(p.now())}
}

// rehearse finds out what reading the file would do. Only the answer to the last
// question is shown.
func (p *filePresenter) rehearse(m Matching, fields []string) {
	ticket, order := p.ticket.Next(), p.order(m, fields, true)
	p.lanes.Run(func() func() {
		r, err := transfer.Read(p.ctx, p.store, m.File, order)
		return func() {
			switch {
			case ticket != p.ticket:
			case err != nil:
				p.view.ShowRehearsal(words.Message(err), false, 0)
			default:
				said := slices.DeleteFunc([]string{reportWords(r), leftOutWords(order.Fields), m.lackWords(order.Fields, r.Created)}, func(s string) bool { return s == "" })
				p.view.ShowRehearsal(strings.Join(said, " "), r.Read > r.Unchanged, r.Read-r.Unchanged)
			}
		}
	})
}

// take reads the file; all of it or nothing.
func (p *filePresenter) take(m Matching, fields []string) {
	order := p.order(m, fields, false)
	p.lanes.Run(func() func() {
		r, err := transfer.Read(p.ctx, p.store, m.File, order)
		waits, unknown := p.store.ListRecords(p.ctx, Query{Resource: m.Resource, Mark: MarkUnsent, Limit: 1})
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowTaken(takenWords(r, unknown != nil || len(waits.Rows) > 0))
		}
	})
}

// takenWords says what became of a file, and that it goes to a server if one takes it.
func takenWords(r transfer.Report, waits bool) string {
	what := tr.D{"What": reportWords(r)}
	if waits {
		return tr.L("Taken over: {{.What}} It is sent with the next sync.", what)
	}
	return tr.L("Taken over: {{.What}}", what)
}

// lackWords names what new records need and no column of the file fills.
func (m Matching) lackWords(fields []string, created int) string {
	var lack []string
	for i, name := range m.Choices {
		if created > 0 && slices.Contains(m.Needed, name) && !slices.Contains(fields, name) {
			lack = append(lack, strings.TrimSuffix(m.Labels[i], " *"))
		}
	}
	if len(lack) == 0 {
		return ""
	}
	return tr.L("No column fills what every new record needs: {{.Fields}}. The server will refuse records without it.", tr.D{"Fields": strings.Join(lack, tr.L(", "))})
}

// leftOutWords says how much of a file is not taken over.
func leftOutWords(fields []string) string {
	n := 0
	for _, f := range fields {
		if f == "" {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return tr.N("{{.N}} columns are left out.", n)
}

// reportWords says what became of a file's records: "12 records in the file: 3 new, 1
// changed, 8 unchanged."
func reportWords(r transfer.Report) string {
	what := words.Tally(core.Counts{Created: r.Created, Updated: r.Updated, Deleted: r.Deleted, Unchanged: r.Unchanged})
	if what == "" {
		return tr.L("There are no records in the file.")
	}
	return tr.N("{{.N}} records in the file: {{.What}}.", r.Read, tr.D{"What": what})
}

// write writes all records of a kind to a file.
func (p *filePresenter) write(r core.Resource, name string, format transfer.Format) {
	p.lanes.Run(func() func() {
		n := 0
		err := transfer.Replace(name, func(w io.Writer) (err error) {
			n, err = transfer.Write(p.ctx, p.store, r, format, false, w)
			return err
		})
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowWritten(tr.N("{{.N}} records written to {{.File}}.", n, tr.D{"File": name}))
		}
	})
}
