package replicate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// Columns are what the peer's tables were found to have, as far as there was reason
// to ask, and what they have no more.
type columns struct {
	has  map[core.Resource]map[string]bool // nil: the peer does not tell
	lost map[core.Resource][]string
}

// known is for intake.Rules where nothing can be asked: what was not asked is there.
func (c *columns) known(r core.Resource) (has map[string]bool, asked bool) { return c.has[r], true }

// needed is for intake.Rules where the peer can be asked.
func (c *columns) needed(r core.Resource) (has map[string]bool, asked bool) {
	has, asked = c.has[r]
	return has, asked
}

// note remembers a field that the peer has no column for.
func (c *columns) note(r core.Resource, field string) {
	if slices.Contains(c.lost[r], field) {
		return
	}
	if c.lost == nil {
		c.lost = make(map[core.Resource][]string)
	}
	c.lost[r] = append(c.lost[r], field)
}

// askColumns asks once in a run which fields a table of the peer has. If the
// question itself is lost, nothing may be decided.
func (r *run) askColumns(ctx context.Context, resource core.Resource) error {
	has, err := r.peer.Columns(ctx, resource)
	if err != nil {
		return err
	}
	if r.columns.has == nil {
		r.columns.has = make(map[core.Resource]map[string]bool)
	}
	r.columns.has[resource] = has
	return nil
}

// returned looks whether columns that the peer had lost are there again. What was
// done in them at the peer until they went, or while they were away, has an old stamp
// and would never come: their tables are pulled as a whole.
func (r *run) returned(ctx context.Context) error {
	if r.own || r.opts.DryRun {
		return nil
	}
	lost, err := r.Store.LostColumns(ctx, r.repo.ID)
	if err != nil {
		return err
	}
	for _, resource := range slices.Sorted(maps.Keys(lost)) {
		if err := r.askColumns(ctx, resource); err != nil {
			if ends(err) {
				return err
			}
			continue // its task says what is wrong
		}
		has := r.columns.has[resource]
		back := slices.DeleteFunc(lost[resource], func(f string) bool { return !has[f] })
		if len(back) == 0 {
			continue
		}
		if err := r.Store.ColumnsReturned(ctx, r.repo.ID, resource, back); err != nil {
			return err
		}
	}
	return nil
}

// asking returns rules that end with intake.Unasked where the peer must be asked. A
// Fieldsync loses no column, and a dry run need not be so exact.
func (r *run) asking(rules intake.Rules) intake.Rules {
	if !r.own && !r.opts.DryRun {
		rules.Columns = r.columns.needed
	}
	return rules
}

// applyAll decides about records in one transaction; in several where the peer has
// to be asked in between.
func (r *run) applyAll(ctx context.Context, rules *intake.Rules, recs []*core.Record) (counts core.Counts, err error) {
	for at, done := 0, 0; at < len(recs); {
		var unasked *intake.Unasked
		err := r.Store.Import(ctx, func(tx intake.Tx) error {
			for ; at < len(recs); at, done = at+1, 0 {
				c, err := intake.Continue(ctx, tx, rules, intake.Received{Record: recs[at], Done: done})
				if unasked, err = intake.AsUnasked(err); err != nil {
					return err
				}
				counts.Add(c)
				if unasked != nil {
					done = unasked.Done
					return nil //nolint:nilerr // a question, which is asked below; what was decided stays
				}
			}
			return nil
		})
		if err == nil && unasked != nil {
			err = r.askColumns(ctx, unasked.Resource)
		}
		if err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// logLost says which columns the peer has lost of a task's tables, once a run.
func (r *run) logLost(ctx context.Context, mode string) {
	for resource, fields := range r.columns.lost {
		slices.Sort(fields)
		r.log(ctx, core.LogEntry{Resource: string(resource), Mode: mode, Direction: "outgoing", Action: "import", Result: core.ResultWarning,
			Message: fmt.Sprintf("%s has no place any more for %d fields of this table. What stands in them is kept on this laptop, and sent when there is a place again.", r.repo.Name, len(fields)),
			Details: strings.Join(fields, ", ")})
	}
	r.columns.lost = nil
}
