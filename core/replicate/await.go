package replicate

import (
	"context"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// await takes out of what is sent next the deletions that go after others: those of records to
// which something points at an Eden that is deleted or changed here, too. An Eden deletes nothing
// that a living record points to, or it empties what points to it and dates that anew, so that
// what was entered here before loses against it. They go when every table had its turn
// (pushWaiting). A Fieldsync puts all deletions off by itself.
func (p *pusher) await(ctx context.Context, out []core.Outgoing) ([]core.Outgoing, error) {
	if p.own || p.insists || p.opts.DryRun || !slices.ContainsFunc(out, func(o core.Outgoing) bool { return deletes(&o.Record) }) {
		return out, nil
	}
	if p.after == nil {
		var err error
		p.waiting = make(map[core.Link]bool)
		if p.after, err = p.Store.Awaiting(ctx, p.task, core.MTimeOf(p.now())); err != nil {
			return nil, err
		}
	}
	if len(p.unread) > 0 {
		p.awaitUnread(out)
	}
	if len(p.after) == 0 {
		return out, nil
	}
	var now []core.Outgoing
	for _, o := range out {
		p.putOff(&o)
		if o.Parts.Len() > 0 {
			now = append(now, o)
		}
	}
	return now, nil
}

// awaitUnread has all deletions go after others, as long as there are tables of which nobody knows
// what points there to what is deleted.
func (p *pusher) awaitUnread(out []core.Outgoing) {
	for i := range out {
		_ = out[i].Record.Walk(func(r *core.Record) error { // never fails: fn does not
			if r.Deleted {
				p.after[r.Link()] = true
			}
			return nil
		})
	}
}

// latest is how an edit is dated at most: before the deletions that go after it, by which an Eden
// may empty and date it anew. In the same second nothing would tell.
func (p *pusher) latest(b *batch) core.MTime {
	if len(p.waits)+len(p.waiting) > 0 {
		return b.began.Add(-time.Second)
	}
	return b.began
}

// deletes reports whether a record is sent as deleted, or one below it.
func deletes(rec *core.Record) bool {
	if rec.Deleted {
		return true
	}
	for i := range rec.Components {
		if deletes(&rec.Components[i]) {
			return true
		}
	}
	return false
}

// putOff takes the deletions that go after others out of a record with its components.
func (p *pusher) putOff(o *core.Outgoing) {
	o.Parts.DeleteFunc(func(l core.Link) bool {
		if p.after[l] {
			p.waiting[l] = true
		}
		return p.after[l]
	})
	p.prune(&o.Record)
}

func (p *pusher) prune(rec *core.Record) {
	rec.Components = slices.DeleteFunc(rec.Components, func(c core.Record) bool { return p.after[c.Link()] })
	for i := range rec.Components {
		p.prune(&rec.Components[i])
	}
}

// pushWaiting pushes the deletions that went after others, the tables that point to others
// first, as often as fewer are left to wait. What still waits then, for what does not go or in
// a circle, goes all the same: the Eden's word counts.
func (r *run) pushWaiting(ctx context.Context, tasks []core.Task) error {
	for len(r.waits) > 0 {
		before := r.waits
		r.waits = make(map[int64]int)
		for _, task := range slices.Backward(tasks) {
			if before[task.ID] == 0 {
				continue
			}
			if err := r.pushTask(ctx, task); err != nil {
				return err
			}
		}
		r.insists = total(r.waits) >= total(before)
	}
	r.insists = true
	return nil
}

func total(of map[int64]int) (n int) {
	for _, many := range of {
		n += many
	}
	return n
}
