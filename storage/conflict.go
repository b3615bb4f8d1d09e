package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// AddConflict stores c and returns its id; see intake.Tx.
func (t *tx) AddConflict(_ context.Context, c core.Conflict) (int64, error) {
	if err := t.known(c.RepositoryID); err != nil {
		return 0, err
	}
	err := t.exec(`DELETE FROM conflict WHERE repository_id = ? AND resource = ? AND uuid = ? AND winner = ''`,
		c.RepositoryID, string(c.Record.Resource), c.Record.UUID)
	if err != nil {
		return 0, err
	}
	clashes, err := json.Marshal(c.Clashes)
	if err != nil {
		return 0, err
	}
	lacks := ""
	if len(c.Lacks) > 0 {
		list, err := json.Marshal(c.Lacks)
		if err != nil {
			return 0, err
		}
		lacks = string(list)
	}
	var base []byte
	if c.Base != nil {
		base = appendRecord(nil, c.Base)
	}
	if c.Found == 0 {
		c.Found = t.now
	}
	var id int64
	err = t.q().QueryRowContext(context.WithoutCancel(t.ctx), `INSERT INTO conflict (run, repository_id, resource, uuid, found, clashes, base, ours, theirs, lacks, decision, winner, resolved)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, c.Run, c.RepositoryID, c.Record.Resource, c.Record.UUID, int64(c.Found), string(clashes), base,
		appendRecord(nil, &c.Ours), appendRecord(nil, &c.Theirs), lacks, c.Decision, c.Winner, int64(c.Resolved)).Scan(&id)
	delete(t.conflicts, c.RepositoryID)
	return id, err
}

// A ConflictQuery selects conflicts; the zero value all.
type ConflictQuery struct {
	Repository int64 // 0: all
	Record     core.Link
	OpenOnly   bool
	Before     int64 // only ids below it: the id of the last one of the page before
	Limit      int   // 0: all
}

const conflictColumns = `id, run, repository_id, resource, uuid, found, clashes, base, ours, theirs, lacks, decision, winner, resolved`

// Conflicts returns conflicts, newest first.
func (db *DB) Conflicts(ctx context.Context, q ConflictQuery) (out []core.Conflict, err error) {
	err = db.read(ctx, "list conflicts", func(v *view) error {
		query := `SELECT ` + conflictColumns + ` FROM conflict WHERE (?1 = 0 OR repository_id = ?1) AND (?2 = 0 OR winner = '') AND (?3 = 0 OR id < ?3)
AND (?4 = '' OR resource = ?4 AND uuid = ?5) ORDER BY id DESC LIMIT ?6`
		args := []any{q.Repository, number(q.OpenOnly), q.Before, q.Record.Resource, q.Record.UUID, limitOf(q.Limit)}
		err := each(brief(ctx), v.q, query, args, func(rows *sql.Rows) error {
			c, err := scanConflict(rows.Scan)
			out = append(out, c)
			return err
		})
		for i := range out {
			err = errors.Join(err, v.renew(&out[i]))
		}
		return err
	})
	return out, err
}

// renew gives a conflict that is open our present version: it may have been edited since.
// Where both sides have deleted it by now nothing is left to be chosen, and the version
// before the deletion says what it was about.
func (v *view) renew(c *core.Conflict) error {
	if !c.Open() {
		return nil
	}
	ours, err := v.find(c.Record)
	switch {
	case errors.Is(err, core.ErrNotFound):
		return nil
	case err != nil:
		return err
	case ours.state != stateAbsent && !(ours.rec.Deleted && c.Theirs.Deleted):
		c.Renew(&ours.rec)
	}
	return nil
}

// Conflict returns one conflict; core.ErrNotFound.
func (db *DB) Conflict(ctx context.Context, id int64) (c core.Conflict, err error) {
	err = db.read(ctx, "read conflict", func(v *view) error {
		if c, err = conflictByID(ctx, v.q, id); err != nil {
			return err
		}
		return v.renew(&c)
	})
	return c, err
}

func conflictByID(ctx context.Context, q querier, id int64) (core.Conflict, error) {
	c, err := scanConflict(q.QueryRowContext(ctx, `SELECT `+conflictColumns+` FROM conflict WHERE id = ?`, id).Scan)
	return c, notFound(err)
}

func scanConflict(scan func(...any) error) (core.Conflict, error) {
	var c core.Conflict
	var clashes, lacks string
	var base, ours, theirs []byte
	err := scan(&c.ID, &c.Run, &c.RepositoryID, &c.Record.Resource, &c.Record.UUID, &c.Found, &clashes, &base, &ours, &theirs, &lacks, &c.Decision, &c.Winner, &c.Resolved)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(clashes), &c.Clashes); err != nil {
		return c, fmt.Errorf("conflict %d: %w", c.ID, err)
	}
	if lacks != "" {
		if err := json.Unmarshal([]byte(lacks), &c.Lacks); err != nil {
			return c, fmt.Errorf("conflict %d: %w", c.ID, err)
		}
	}
	if base != nil {
		rec, err := decodeRecord(base)
		if err != nil {
			return c, err
		}
		c.Base = &rec
	}
	if c.Ours, err = decodeRecord(ours); err != nil {
		return c, err
	}
	c.Theirs, err = decodeRecord(theirs)
	return c, err
}

// What a person may decide about a conflict.
const (
	WinnerOurs   = "ours"
	WinnerTheirs = "theirs"
	WinnerBoth   = "both"
)

// ResolveConflict carries out a person's decision: winner is "ours", "theirs" or
// "both", for which mixed is the version that shall stand. The repository's base
// becomes its version; ours, unless theirs stands, gets a new seq and a time not
// older than theirs, so that it is delivered like any edit. A conflict that was
// decided may be decided again: that is an edit. seen, if not zero, is the content of
// ours that the person saw: if an open one has another by now, the decision is refused
// with a Problem InvalidSetting of field "record". core.ErrNotFound if there is none;
// a Problem InvalidSetting for another winner.
func (db *DB) ResolveConflict(ctx context.Context, id int64, winner string, mixed *core.Record, seen core.Hash, by string) error {
	if winner != WinnerOurs && winner != WinnerTheirs && (winner != WinnerBoth || mixed == nil) {
		return core.Invalid("winner", "Choose ours, theirs, or a mixture of both.")
	}
	return db.inTx(ctx, "resolve conflict", func(t *tx) error {
		c, err := conflictByID(ctx, t.q(), id)
		if err != nil {
			return err
		}
		if err := t.view().renew(&c); err != nil {
			return err
		}
		if c.Open() && !seen.IsZero() && seen != c.Ours.Hash() {
			return changedMeanwhile()
		}
		return t.resolve(&c, winner, mixed, by)
	})
}

// changedMeanwhile refuses what somebody made of a version that is not the present one.
func changedMeanwhile() error {
	return core.Invalid("record", "This record was changed in the meantime. Look at it again, then make your change.")
}

// resolve makes the winner our version and closes the conflict.
func (t *tx) resolve(c *core.Conflict, winner string, mixed *core.Record, by string) error {
	if err := t.settle(c, winner, mixed, by); err != nil {
		return err
	}
	delete(t.conflicts, c.RepositoryID)
	return t.exec(`UPDATE conflict SET ours = ?, decision = ?, winner = ?, resolved = ? WHERE id = ?`,
		appendRecord(nil, &c.Ours), decidedByPerson, winner, int64(t.now), c.ID)
}

// decidedByPerson stands as the decision of conflicts that somebody decided, and rulePerson,
// with the winner, in the history of what that replaced.
const (
	decidedByPerson = "person"
	rulePerson      = "conflict person "
)

// decidedByDeletion stands as the decision of conflicts about what is deleted on both sides
// by now.
const decidedByDeletion = "deleted on both sides"

// closeBuried closes the conflicts about a record that is deleted here now in which it is
// deleted at the repository: there is nothing left to decide. What became of it there, if
// that is told, holds here too.
func (t *tx) closeBuried(rec *core.Record) error {
	repositories, err := t.allRepositories()
	if err != nil {
		return err
	}
	for _, repo := range repositories {
		open, err := t.openConflicts(repo)
		if err != nil {
			return err
		}
		if !open[rec.Link()] {
			continue
		}
		c, err := t.OpenConflict(t.ctx, repo, rec.Link())
		if err != nil {
			return err
		}
		if !c.Theirs.Deleted {
			continue
		}
		delete(t.conflicts, repo)
		if err := t.exec(`UPDATE conflict SET decision = ?, winner = ?, resolved = ? WHERE id = ?`,
			decidedByDeletion, WinnerTheirs, int64(t.now), c.ID); err != nil {
			return err
		}
		if rec.ReplacedBy == "" && c.Theirs.ReplacedBy != "" {
			if err := t.Put(t.ctx, &c.Theirs, core.Change{Rule: "deleted on both sides, merged there", Origin: repo, At: t.now}); err != nil {
				return err
			}
		}
		if err := t.SetBase(t.ctx, repo, &c.Theirs, core.SeqCurrent); err != nil {
			return err
		}
	}
	return nil
}

// settle makes the winner our version.
func (t *tx) settle(c *core.Conflict, winner string, mixed *core.Record, by string) error {
	if !c.Open() {
		return t.settleAgain(c, winner, mixed, by)
	}
	change := core.Change{Rule: rulePerson + winner, By: by, At: t.now}
	there := c.There()
	if winner == WinnerTheirs {
		change.Origin = c.RepositoryID
		theirs := c.Theirs.Clone()
		moved, err := t.keepPlace(c, &theirs)
		if err != nil {
			return err
		}
		if theirs.ModifiedOn > t.now.Add(core.MaxClockDifference) { // chosen for what it says, not for its date
			theirs.ModifiedOn = t.now
		}
		if err := t.datedAfterOurs(&theirs); err != nil {
			return err
		}
		if err := t.Put(t.ctx, &theirs, change); err != nil {
			return err
		}
		seq := core.SeqCurrent
		if len(c.Lacks) > 0 || moved {
			seq = core.SeqNone
		}
		return t.SetBase(t.ctx, c.RepositoryID, &there, seq)
	}
	present, err := t.Record(t.ctx, c.Record)
	if err != nil {
		return err
	}
	if winner == WinnerBoth {
		present = asEdit(present, mixed)
		present.ModifiedOn++ // whoever has seen the former one hears of it, and of what it has no more
	}
	present.ModifiedOn = max(t.now, c.Theirs.ModifiedOn, present.ModifiedOn)
	present.ModifiedBy = by
	if c.Base != nil {
		present.TakeOwner(c.Base, &c.Theirs)
	}
	if c.MovedThere(present.Master) {
		present.Follow(&c.Theirs)
	}
	if err := t.Put(t.ctx, &present, change); err != nil {
		return err
	}
	return t.SetBase(t.ctx, c.RepositoryID, &there, core.SeqNone)
}

// keepPlace leaves a version of a component that somebody moved here only below the record that it
// is below here: the repository is still to be told of that.
func (t *tx) keepPlace(c *core.Conflict, theirs *core.Record) (moved bool, err error) {
	ours, err := t.Record(t.ctx, c.Record)
	if errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	if moved = err == nil && !ours.Deleted && c.MovedHere(ours.Master); moved {
		theirs.Follow(&ours)
	}
	return moved, err
}

// datedAfterOurs dates a version that is to replace ours after it, where others pull from us:
// they have seen ours, with its stamp.
func (t *tx) datedAfterOurs(rec *core.Record) error {
	var serves bool
	if err := t.q().QueryRowContext(t.ctx, `SELECT EXISTS (SELECT 1 FROM shared)`).Scan(&serves); err != nil || !serves {
		return err
	}
	ours, err := t.Record(t.ctx, rec.Link())
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if ours.ModifiedOn <= t.now.Add(core.MaxClockDifference) {
		rec.ModifiedOn = max(rec.ModifiedOn, ours.ModifiedOn+1)
	}
	return err
}

// settleAgain makes the winner of a conflict that was decided before our version: an
// edit like any other, for since then what was decided may have been agreed on.
func (t *tx) settleAgain(c *core.Conflict, winner string, mixed *core.Record, by string) error {
	content := map[string]*core.Record{WinnerOurs: &c.Ours, WinnerTheirs: &c.Theirs, WinnerBoth: mixed}[winner]
	present, err := t.Record(t.ctx, c.Record)
	if err != nil {
		return err
	}
	if core.SameContent(&present, content) {
		return nil
	}
	present = asEdit(present, content)
	present.ModifiedOn, present.ModifiedBy = max(t.now, present.ModifiedOn+1), by
	return t.Put(t.ctx, &present, core.Change{Rule: rulePerson + winner, By: by, At: t.now})
}

// RestoreLost makes the repository's version of a decided conflict, which ours was
// preferred to, the present one: a change like any other, which is sent. It returns
// the version that now stands; changed is false if the content was the same.
// core.ErrNotFound.
func (db *DB) RestoreLost(ctx context.Context, id int64, by string, offset time.Duration) (rec core.Record, changed bool, err error) {
	err = db.inTx(ctx, "restore lost version", func(t *tx) error {
		c, err := conflictByID(ctx, t.q(), id)
		if err != nil {
			return err
		}
		rec, changed, err = t.restore(&c.Theirs, by, offset)
		return err
	})
	return rec, changed, err
}

// asEdit returns the present version with the content of another one: whose it
// is and where it came from stays.
func asEdit(present core.Record, content *core.Record) core.Record {
	before := present
	present.Deleted, present.ReplacedBy = content.Deleted, content.ReplacedBy
	present.Fields, present.Attrs, present.Unknown = content.Fields, content.Attrs, content.Unknown
	present.FollowKey(&before)
	return present.Clone()
}

func limitOf(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}

// OpenConflict returns the conflict about the record that waits for a person;
// core.ErrNotFound.
func (t *tx) OpenConflict(_ context.Context, repo int64, l core.Link) (core.Conflict, error) {
	c, err := scanConflict(t.q().QueryRowContext(t.ctx, `SELECT `+conflictColumns+` FROM conflict WHERE repository_id = ? AND resource = ? AND uuid = ? AND winner = ''`,
		repo, string(l.Resource), l.UUID).Scan)
	return c, notFound(err)
}
