package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// maxFetches is how often the content of one upload is asked for in vain.
const maxFetches = 5

const attachmentColumns = `resource, uuid, field, url, name, path, size, sha256, attempts, failed`

func scanAttachment(scan func(...any) error) (core.Attachment, error) {
	var a core.Attachment
	err := scan(&a.Record.Resource, &a.Record.UUID, &a.Field, &a.URL, &a.Name, &a.Path, &a.Size, &a.SHA256, &a.Attempts, &a.Failed)
	return a, err
}

// WantedAttachments returns uploads of the repository's records whose content is
// not here yet and was not asked for too often; and, with their path, those whose
// content is here and whose address there is news.
func (db *DB) WantedAttachments(ctx context.Context, repo int64, limit int) (out []core.Attachment, err error) {
	some := false
	err = db.readBriefly(ctx, "list tables with files", func(v *view) error {
		tables, err := v.tablesWithFiles(repo)
		some = len(tables) > 0
		return err
	})
	if err != nil || !some {
		return nil, err
	}
	err = db.read(ctx, "list wanted files", func(v *view) error {
		tables, err := v.tablesWithFiles(repo)
		for _, tb := range tables {
			if err == nil {
				out, err = v.wanted(out, tb, repo, limit)
			}
		}
		return err
	})
	return out, err
}

// tablesWithFiles returns the tables of the repository's tasks that have uploads, those of
// components too.
func (v *view) tablesWithFiles(repo int64) (tables []*table, err error) {
	tasks, err := v.tasks(repo)
	for _, task := range tasks {
		for _, tb := range v.catalog.tree(task.Resource) {
			if slices.ContainsFunc(tb.columns, func(c *column) bool { return c.kind == core.File }) && !slices.Contains(tables, tb) {
				tables = append(tables, tb)
			}
		}
	}
	return tables, err
}

func (v *view) wanted(out []core.Attachment, tb *table, repo int64, limit int) ([]core.Attachment, error) {
	for _, c := range tb.columns {
		if c.kind != core.File || limit > 0 && len(out) >= limit {
			continue
		}
		name := "''"
		if c.aux != "" {
			name = "ifnull(r." + c.aux + ", '')"
		}
		query := fmt.Sprintf(`SELECT r._uuid, r.%s, %s, r._id FROM %s r JOIN base b ON b.repository_id = ? AND b.resource_id = %d AND b.record_id = r._id
WHERE r.%s <> '' AND r._deleted = 0`, c.sql, name, tb.sql, tb.id, c.sql)
		var found []core.Attachment
		var ids []int64
		err := each(v.ctx, v.q, query, []any{repo}, func(rows *sql.Rows) error {
			var uuid any
			var id int64
			a := core.Attachment{Field: c.field}
			err := rows.Scan(&uuid, &a.URL, &a.Name, &id)
			ids = append(ids, id)
			a.Record = core.Link{Resource: tb.resource, UUID: uuidText(uuid)}
			found = append(found, a)
			return err
		})
		if err != nil {
			return out, err
		}
		for i, a := range found {
			have, err := v.attachment(a.Record, a.Field)
			if err != nil && !errors.Is(err, core.ErrNotFound) {
				return out, err
			}
			switch {
			case have.URL == a.URL && (have.Path != "" || have.Attempts >= maxFetches):
				continue
			case have.URL == a.URL:
				a.Attempts, a.Failed = have.Attempts, have.Failed
			case have.URL == "" && have.Path != "" && have.Name == a.Name: // added here; has the peer it now?
				delivered, err := v.fileDelivered(tb, ids[i], a)
				if err != nil {
					return out, err
				}
				if delivered {
					a.Path, a.Size, a.SHA256 = have.Path, have.Size, have.SHA256
				}
			}
			if out = append(out, a); limit > 0 && len(out) >= limit {
				break
			}
		}
	}
	return out, nil
}

// fileDelivered reports whether the file that was added here last under that name was
// delivered: else what the peer has under the name is another one, that of a version
// which a conflict was decided for.
func (v *view) fileDelivered(tb *table, id int64, a core.Attachment) (bool, error) {
	delivered, met := false, false
	err := each(v.ctx, v.q, `SELECT payload, undelivered FROM history WHERE resource_id = ? AND record_id = ? ORDER BY id DESC`, []any{tb.id, id}, func(rows *sql.Rows) error {
		var payload []byte
		var undelivered bool
		if err := rows.Scan(&payload, &undelivered); err != nil || met {
			return err
		}
		rec, err := decodeRecord(payload)
		if value := rec.Value(a.Field); err == nil && value.Kind == core.File && value.Str == "" && value.Aux == a.Name {
			delivered, met = !undelivered, true
		}
		return err
	})
	return delivered, err
}

func (v *view) attachment(l core.Link, field string) (core.Attachment, error) {
	a, err := scanAttachment(v.q.QueryRowContext(v.ctx, `SELECT `+attachmentColumns+` FROM attachment WHERE resource = ? AND uuid = ? AND field = ?`,
		string(l.Resource), l.UUID, field).Scan)
	return a, notFound(err)
}

// FetchAttachment stores the content that fetch writes; see replicate.Store. It
// goes to the disk as it comes.
func (db *DB) FetchAttachment(ctx context.Context, a core.Attachment, fetch func(io.Writer) error) error {
	dir := filepath.Join(db.dir, "files")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return problem("store file", err)
	}
	// Always the same name: what a kill leaves behind is written over next time.
	name := sha256.Sum256([]byte(string(a.Record.Resource) + " " + a.Record.UUID + " " + a.Field))
	temp, err := os.OpenFile(filepath.Join(dir, "incoming-"+hex.EncodeToString(name[:8])), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return problem("store file", err)
	}
	defer func() { _ = removeIfThere(temp.Name()) }() // gone, if it was stored
	sum := sha256.New()
	counted := &counter{w: io.MultiWriter(temp, sum)}
	if err := fetch(counted); err != nil {
		_ = temp.Close()
		if counted.err != nil {
			return problem("store file", counted.err)
		}
		a.Failed = err.Error()
		return db.noteAttachment(ctx, a)
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return problem("store file", err)
	}
	a.SHA256, a.Size, a.Failed = hex.EncodeToString(sum.Sum(nil)), counted.n, ""
	a.Path = attachmentPath(a.SHA256)
	full := filepath.Join(db.dir, filepath.FromSlash(a.Path))
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return problem("store file", err)
	}
	if err := rename(temp.Name(), full); err != nil {
		return problem("store file", err)
	}
	return db.noteAttachment(ctx, a)
}

// A counter counts what is written and remembers trouble with that.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(b []byte) (n int, err error) {
	n, c.err = c.w.Write(b)
	c.n += int64(n)
	return n, c.err
}

// attachmentPath is where content lies, relative to the data folder.
func attachmentPath(sum string) string { return filepath.ToSlash(filepath.Join("files", sum[:2], sum)) }

// SaveAttachment stores the content of an upload field, or, without content, why
// it was not fetched. The content lies under files/ in the data folder by its
// SHA-256, and is complete before the database speaks of it.
func (db *DB) SaveAttachment(ctx context.Context, a core.Attachment, content []byte) error {
	if content != nil {
		sum := sha256.Sum256(content)
		a.SHA256, a.Size = hex.EncodeToString(sum[:]), int64(len(content))
		a.Path = attachmentPath(a.SHA256)
		if err := db.writeFile(a.Path, content); err != nil {
			return problem("store file", err)
		}
		a.Failed = ""
	}
	return db.noteAttachment(ctx, a)
}

func (db *DB) noteAttachment(ctx context.Context, a core.Attachment) error {
	return db.inTx(ctx, "store file", func(t *tx) error {
		return t.exec(`INSERT OR REPLACE INTO attachment (`+attachmentColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, string(a.Record.Resource), a.Record.UUID, a.Field,
			a.URL, a.Name, a.Path, a.Size, a.SHA256, int64(a.Attempts), a.Failed)
	})
}

func (db *DB) writeFile(path string, content []byte) error {
	full := filepath.Join(db.dir, filepath.FromSlash(path))
	if info, err := os.Stat(full); err == nil && info.Size() == int64(len(content)) {
		return nil // the same content is here already
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return err
	}
	return writePrivate(full, content)
}

// Attachment returns the content of an upload field that lies here;
// core.ErrNotFound.
func (db *DB) Attachment(ctx context.Context, l core.Link, field string) (a core.Attachment, content []byte, err error) {
	err = db.read(ctx, "read file", func(v *view) error {
		a, err = v.attachment(l, field)
		return err
	})
	if err == nil && a.Path == "" {
		err = core.ErrNotFound
	}
	if err != nil {
		return a, nil, err
	}
	content, err = os.ReadFile(filepath.Join(db.dir, filepath.FromSlash(a.Path)))
	if errors.Is(err, os.ErrNotExist) {
		err = core.ErrNotFound
	}
	return a, content, problem("read file", err)
}
