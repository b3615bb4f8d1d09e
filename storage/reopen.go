package storage

import (
	"context"
	"errors"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// ruleReopened stands in the history of what a decision was taken back from.
const ruleReopened = "decision taken back"

// ReopenConflicts takes what a person decided about conflicts back, all in one: our versions
// are again what they were, and the questions open. One of which something has become since
// stays decided: the record was changed, or sent, or asked about anew. It returns how many
// are open again.
func (db *DB) ReopenConflicts(ctx context.Context, ids []int64, by string) (reopened int, err error) {
	err = db.inTx(ctx, "reopen conflicts", func(t *tx) error {
		reopened = 0
		for _, id := range ids {
			c, err := conflictByID(ctx, t.q(), id)
			if err != nil {
				return err
			}
			stands, err := t.decisionStands(&c)
			if err != nil {
				return err
			}
			if !stands {
				continue
			}
			if err := t.reopen(&c, by); err != nil {
				return err
			}
			reopened++
		}
		return nil
	})
	return reopened, err
}

// decisionStands reports whether the present version is the one that a person's decision
// left, and the repository is not known to have anything but what was decided about.
func (t *tx) decisionStands(c *core.Conflict) (bool, error) {
	if c.Open() || c.Decision != decidedByPerson {
		return false, nil
	}
	if _, err := t.OpenConflict(t.ctx, c.RepositoryID, c.Record); !errors.Is(err, core.ErrNotFound) {
		return false, err
	}
	past, err := t.view().history(c.Record)
	if err != nil || len(past) == 0 {
		return false, err
	}
	if last := past[0].Change; !strings.HasPrefix(last.Rule, rulePerson) || last.At != c.Resolved {
		return false, nil
	}
	head, err := t.Head(t.ctx, c.RepositoryID, c.Record)
	there := c.There()
	return err == nil && head.HasBase && head.BaseHash == there.Hash(), err
}

// reopen puts our version back, and what was agreed on before the question.
func (t *tx) reopen(c *core.Conflict, by string) error {
	present, err := t.Record(t.ctx, c.Record)
	if err != nil {
		return err
	}
	stamp := max(t.now, present.ModifiedOn+1)
	ours := asEdit(present, &c.Ours)
	ours.ModifiedOn, ours.ModifiedBy = stamp, c.Ours.ModifiedBy
	if err := t.Put(t.ctx, &ours, core.Change{Rule: ruleReopened, By: by, At: t.now}); err != nil {
		return err
	}
	if c.Base != nil {
		err = t.SetBase(t.ctx, c.RepositoryID, c.Base, core.SeqNone)
	} else {
		err = t.forgetBase(c.RepositoryID, c.Record)
	}
	if err != nil {
		return err
	}
	delete(t.conflicts, c.RepositoryID)
	return t.exec(`UPDATE conflict SET decision = '', winner = '', resolved = 0 WHERE id = ?`, c.ID)
}

// forgetBase removes what was agreed on about a record: nothing ever was.
func (t *tx) forgetBase(repo int64, l core.Link) error {
	tb := t.catalog.tables[l.Resource]
	at, err := t.locate(tb, l)
	if err != nil {
		return err
	}
	delete(t.expected, l)
	return t.exec(`DELETE FROM base WHERE repository_id = ? AND resource_id = ? AND record_id = ?`, repo, tb.id, at.id)
}
