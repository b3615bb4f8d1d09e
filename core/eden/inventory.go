package eden

import (
	"context"
	"errors"
	"net/http"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// inventoryPage is how many masters one page of an inventory asks for. Without
// fields a record is some 200 bytes.
const inventoryPage = 1000

// maxSteps bounds how often an inventory steps back: a peer whose order changes
// with every request must not keep us for ever.
const maxSteps = 10

// Inventory lists all records of the task's resource and their components, by
// uuid and stamp, through the plain export of the resource's own controller: the
// only one that can leave out fields (spec s3xml-format §12.1). Pages overlap by
// one record: if the last one of a page does not show again, records have moved
// forward in between, and the page before is read once more. A line comes once,
// unless the peer's order is wild. What the controller hides (see Pull) is
// missing from the list: no reason to believe it deleted.
func (p *Peer) Inventory(ctx context.Context, task core.Task, yield func(core.InventoryLine) error) error {
	var list listing
	for start := 0; ; {
		page := listing{recent: list.recent, links: map[core.Link]bool{}}
		reply, err := p.inventoryPage(ctx, task, start, inventoryPage, func(rec *core.Record, master bool) error {
			return page.take(rec, master, yield)
		})
		if err != nil {
			return inventoryProblem(err)
		}
		moved := list.last != "" && !page.links[core.Link{Resource: task.Resource, UUID: list.last}]
		steps := list.steps
		list = page.turned()
		list.steps = steps
		switch {
		case !reply.Paged || reply.Masters < inventoryPage && !moved:
			return nil
		case moved && steps < maxSteps:
			p.opts.Log.Debug("Records moved between two pages", "repository", p.repo.Name, "resource", task.Resource, "start", start)
			list.steps, list.last = steps+1, ""
			start = max(start-inventoryPage, 0)
		case reply.Masters < inventoryPage:
			return nil
		default:
			start += reply.Masters - 1
		}
	}
}

// A listing is what the latest pages of an inventory had.
type listing struct {
	recent []map[core.Link]bool // pages before this one, a few
	links  map[core.Link]bool   // this page
	last   string               // uuid of its last master
	steps  int                  // how often it stepped back
}

// turned returns the listing for the page after this one.
func (l listing) turned() listing {
	const kept = 3 // a step back leads to pages that were handed over
	recent := append([]map[core.Link]bool{l.links}, l.recent...)
	return listing{recent: recent[:min(len(recent), kept)], last: l.last}
}

// take hands over the lines of one master that the latest pages did not have.
func (l *listing) take(rec *core.Record, master bool, yield func(core.InventoryLine) error) error {
	if !master {
		return nil
	}
	l.last = rec.UUID
	return rec.Walk(func(r *core.Record) error {
		link := r.Link()
		if link.IsZero() || l.links[link] {
			return nil
		}
		l.links[link] = true
		for _, page := range l.recent {
			if page[link] {
				return nil
			}
		}
		return yield(core.InventoryLine{Link: link, ModifiedOn: r.ModifiedOn, Deleted: r.Deleted, Master: r.Master})
	})
}

// Exceeds asks for one line of an inventory, the one after n. What the controller
// hides does not count.
func (p *Peer) Exceeds(ctx context.Context, task core.Task, n int) (bool, error) {
	found := false
	reply, err := p.inventoryPage(ctx, task, n, 1, func(_ *core.Record, master bool) error {
		found = found || master
		return nil
	})
	switch {
	case err != nil:
		return false, inventoryProblem(err)
	case !reply.Paged:
		return false, p.problem("compare "+string(task.Resource), core.UnknownResource, errors.New("pages are not known there"))
	}
	return found, nil
}

// inventoryPage fetches one page. A record that cannot even be read without its
// fields is left out: a pull will meet it.
func (p *Peer) inventoryPage(ctx context.Context, task core.Task, start, limit int, fn func(rec *core.Record, master bool) error) (replicate.PullReply, error) {
	var q query
	q.add("fields", "None")
	q.add("references", "None")
	q.add("maxdepth", "0")
	q.add("show_urls", "false")
	q.add("include_deleted", "True")
	q.add("msince", "1970-01-01T00:00:00")
	q.page(start, limit)
	q.plainFilters(task.Resource, task.Filters)
	c := call{op: "compare " + string(task.Resource), method: http.MethodGet, url: p.at(nativePath(task.Resource)+".xml", &q), long: true}
	req := replicate.PullRequest{Resource: task.Resource, Start: start, Limit: limit}
	return p.document(ctx, c, req, func(rec *core.Record, master bool, bad *replicate.BadRecord) error {
		if bad != nil {
			return nil
		}
		return fn(rec, master)
	})
}

// inventoryProblem makes UnknownResource of everything that says "not this way".
func inventoryProblem(err error) error {
	var problem *core.Problem
	if errors.As(err, &problem) && withoutController(problem) != nil {
		out := *problem
		out.Kind, out.Words = core.UnknownResource, ""
		return &out
	}
	return err
}
