package app

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/ui/cli"
)

var _ cli.Store = replica{}

// A replica is the store as the commands ask for it. It stands here because ui
// and storage do not know each other: it only translates their queries.
type replica struct{ *storage.DB }

// Log returns log rows, newest first.
func (r replica) Log(ctx context.Context, q cli.LogQuery) ([]core.LogEntry, error) {
	return r.DB.Log(ctx, storage.LogQuery{Repository: q.Repository, Resource: q.Resource, Run: q.Run, Since: q.Since, Until: q.Until, Limit: q.Limit})
}

// Conflicts returns conflicts, newest first.
func (r replica) Conflicts(ctx context.Context, repo int64, openOnly bool) ([]core.Conflict, error) {
	return r.DB.Conflicts(ctx, storage.ConflictQuery{Repository: repo, OpenOnly: openOnly})
}

// ResolveConflicts decides many conflicts by one rule.
func (r replica) ResolveConflicts(ctx context.Context, repo int64, resource core.Resource, rule core.ConflictRule, by string) (int, error) {
	return r.DB.ResolveConflicts(ctx, storage.ConflictQuery{Repository: repo, Record: core.Link{Resource: resource}}, rule, by)
}

// Unsent counts what one repository lacks.
func (r replica) Unsent(ctx context.Context, repo int64) (int, error) {
	all, err := r.DB.Unsent(ctx)
	return all[repo], err
}

// Tables returns the resources that have records here.
func (r replica) Tables(ctx context.Context) ([]cli.Table, error) {
	counts, err := r.Resources(ctx)
	tables := make([]cli.Table, 0, len(counts))
	for _, c := range counts {
		tables = append(tables, cli.Table{Resource: c.Resource, Records: c.Records, Deleted: c.Deleted})
	}
	return tables, err
}

// ResourcesHere returns the resources of which there are live records here.
func (r replica) ResourcesHere(ctx context.Context) ([]core.Resource, error) {
	counts, err := r.Resources(ctx)
	here := make([]core.Resource, 0, len(counts))
	for _, c := range counts {
		here = append(here, c.Resource)
	}
	return here, err
}

// Named returns records in which the words occur.
func (r replica) Named(ctx context.Context, resource core.Resource, words string, limit int) ([]core.Record, error) {
	return r.Records(ctx, cli.RecordQuery{Resource: resource, Words: words, Limit: limit})
}

// pageSize is how many records a list reads at a time.
const pageSize = 500

// Records returns records in the order of their names.
func (r replica) Records(ctx context.Context, q cli.RecordQuery) ([]core.Record, error) {
	if q.Resource == "" {
		rows, err := r.Search(ctx, q.Words, q.Limit)
		return records(nil, rows), err
	}
	query := storage.Query{Resource: q.Resource, Search: q.Words, Limit: pageSize}
	switch {
	case q.Deleted:
		query.Only = storage.MarkDeleted
	case q.Unsent:
		query.Only = storage.MarkUnsent
	}
	var found []core.Record
	for {
		page, err := r.List(ctx, query)
		if err != nil {
			return nil, err
		}
		found = records(found, page.Rows)
		if query.After = page.Next; query.After == "" || q.Limit > 0 && len(found) >= q.Offset+q.Limit {
			break
		}
	}
	found = found[min(q.Offset, len(found)):]
	if q.Limit > 0 {
		found = found[:min(q.Limit, len(found))]
	}
	return found, nil
}

func records(to []core.Record, rows []storage.ListRow) []core.Record {
	for i := range rows {
		to = append(to, rows[i].Record)
	}
	return to
}

// Save makes rec the present version, as an edit of a person.
func (r replica) Save(ctx context.Context, rec core.Record, seen core.Hash, by string) error {
	return r.edit(ctx, storage.EditRequest{Action: storage.EditSave, Record: rec, Seen: seen, By: by})
}

// Delete makes the record a tombstone, and returns how many components went along.
func (r replica) Delete(ctx context.Context, l core.Link, by string) (along int, err error) {
	err = r.edit(ctx, storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: l.Resource, UUID: l.UUID}, By: by, Along: &along})
	return along, err
}

// Undelete brings a deleted record back.
func (r replica) Undelete(ctx context.Context, l core.Link, by string) error {
	return r.edit(ctx, storage.EditRequest{Action: storage.EditRestore, Record: core.Record{Resource: l.Resource, UUID: l.UUID}, By: by})
}

func (r replica) edit(ctx context.Context, req storage.EditRequest) error {
	_, _, err := r.Edit(ctx, req)
	return err
}

// Restore makes a version of the history the present one.
func (r replica) Restore(ctx context.Context, version int64, by string) error {
	_, _, err := r.RestoreVersion(ctx, version, by, 0)
	return err
}

// RunIDs returns the ids of runs that changed something here.
func (r replica) RunIDs(ctx context.Context, begin string) ([]string, error) {
	return r.DB.RunIDs(ctx, begin, 2)
}

// Deliveries hands over what was proved to be at repositories.
func (r replica) Deliveries(ctx context.Context, q cli.DeliveryQuery, yield func(core.Delivery) error) error {
	return r.DB.Deliveries(ctx, storage.DeliveryQuery{Repository: q.Repository, Run: q.Run, Since: q.Since, Until: q.Until}, yield)
}

// CopyNow makes a checked copy of the database.
func (r replica) CopyNow(ctx context.Context) (string, error) {
	return r.SafetyCopy(ctx, storage.BackupDaily)
}

// Copies lists the copies of the database.
func (r replica) Copies(ctx context.Context) ([]cli.Backup, error) {
	list, err := r.Backups(ctx)
	out := make([]cli.Backup, 0, len(list))
	for _, b := range list {
		out = append(out, cli.Backup{Path: b.Path, Made: core.MTimeOf(b.Made), Reason: b.Reason, Size: b.Size})
	}
	return out, err
}

// Examine looks the database over.
func (r replica) Examine(ctx context.Context) ([]eden.Finding, error) {
	return findings(r.Doctor(ctx))
}

// Mend puts right what is safe to put right.
func (r replica) Mend(ctx context.Context) ([]eden.Finding, error) { return findings(r.DB.Mend(ctx)) }

func findings(checks []storage.Check, err error) ([]eden.Finding, error) {
	findings := make([]eden.Finding, 0, len(checks))
	for _, c := range checks {
		f := eden.Finding{Name: c.Name, OK: c.OK, Message: c.Said.String()}
		if c.Mendable || c.Rebuildable {
			f.Hint = "fieldsync doctor --mend puts it right."
		}
		findings = append(findings, f)
	}
	return findings, err
}
