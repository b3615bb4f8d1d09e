package transfer

import (
	"context"
	"errors"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/core/sheet"
)

func xmlProblem(err error) error {
	var bad *s3xml.RecordError
	if errors.As(err, &bad) {
		return &core.Problem{Kind: core.FileUnreadable, Words: "Line %d: the record %s cannot be read: %s.", Values: []any{bad.Line, bad.Record.UUID, strings.TrimSuffix(bad.Reason, ".")}, Err: err}
	}
	var syntax *s3xml.SyntaxError
	if errors.As(err, &syntax) {
		return &core.Problem{Kind: core.FileUnreadable, Words: "Line %d is not valid S3XML: %s.", Values: []any{syntax.Line, strings.TrimSuffix(syntax.Reason, ".")}, Err: err}
	}
	return &core.Problem{Kind: core.FileUnreadable, Err: err}
}

// put applies one record of an S3XML file: what it does not mention stays.
func (im *importing) put(ctx context.Context, tx intake.Tx, rec *core.Record) error {
	im.Read++
	if rec.UUID == "" {
		rec.UUID = im.node.NewUUID()
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
	next.FollowKey(&present)
	if core.SameContent(&present, &next) {
		im.Unchanged++
		return nil
	}
	if rec.Deleted {
		return im.keep(ctx, tx, next, &im.Deleted, "import delete")
	}
	return im.keep(ctx, tx, next, &im.Updated, "import")
}

func (im *importing) row(ctx context.Context, tx intake.Tx, row sheet.Row) error {
	im.Read++
	rec := core.Record{Resource: im.Resource, UUID: row.UUID}
	if row.UUID == "" {
		rec.UUID = im.node.NewUUID()
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
		master, err := im.master(ctx, im.Resource, row.Master)
		if err != nil {
			return core.Invalid("master", "Row %d, column master: there is no record %q here that it could belong to.", row.Line, row.Master)
		}
		rec.Master = master
	}
	row.Apply(&rec)
	return im.keep(ctx, tx, rec, &im.Created, "import new")
}

func (im *importing) update(ctx context.Context, tx intake.Tx, present core.Record, row sheet.Row) error {
	next := present.Clone()
	changed := row.Apply(&next)
	next.FollowKey(&present)
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
	here, err := im.store.ResourcesHere(ctx)
	if err != nil {
		return core.Link{}, err
	}
	for _, r := range here {
		l := core.Link{Resource: r, UUID: uuid}
		if r == component {
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
		rec.CreatedOn, rec.ModifiedOn = im.Now, im.Now
		rec.MCI = max(rec.MCI, 0) // a copy stays a copy
	}
	rec.ModifiedOn, rec.ModifiedBy = max(im.Now, rec.ModifiedOn), ""
	return tx.Put(ctx, &rec, core.Change{Rule: rule, By: im.By, At: im.Now})
}

// namedFile puts the file's name into a problem that does not know it.
func namedFile(err error, name string) error {
	var p *core.Problem
	if errors.As(err, &p) && p.Kind == core.FileUnreadable && p.Subject == "" {
		p.Subject = name
	}
	return err
}
