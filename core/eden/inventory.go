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

// Inventory lists uuid and stamp of all records of the task's resource and of
// their components through the plain export of the resource's own controller:
// the only one that can leave out fields (spec s3xml-format §12.1). Pages overlap
// by one record: if the last one of a page does not show again, records have
// moved in between, and the page before is read once more.
func (p *Peer) Inventory(ctx context.Context, task core.Task, yield func(core.InventoryLine) error) error {
	var before pageSeen
	for start := 0; ; {
		page := pageSeen{links: map[core.Link]bool{}}
		reply, err := p.inventoryPage(ctx, task, start, func(rec *core.Record, master bool) error {
			return page.take(rec, master, before, yield)
		})
		if err != nil {
			return inventoryProblem(err)
		}
		moved := before.last != "" && !page.links[core.Link{Resource: task.Resource, UUID: before.last}]
		switch {
		case !reply.Paged || reply.Masters < inventoryPage && !moved:
			return nil
		case moved && !before.again:
			p.opts.Log.Debug("Records moved between two pages", "repository", p.repo.Name, "resource", task.Resource, "start", start)
			start = max(start-inventoryPage, 0)
			before = pageSeen{links: before.links, again: true}
			continue
		case reply.Masters == 0:
			return nil
		}
		start += max(reply.Masters-1, 1)
		before = page
	}
}

// A pageSeen is what one page of an inventory had.
type pageSeen struct {
	links map[core.Link]bool
	last  string // uuid of the last master
	again bool   // the page is read for the second time
}

// take hands over the lines of one master, but for those of the page before.
func (s *pageSeen) take(rec *core.Record, master bool, before pageSeen, yield func(core.InventoryLine) error) error {
	if !master {
		return nil
	}
	s.last = rec.UUID
	return rec.Walk(func(r *core.Record) error {
		l := r.Link()
		if l.IsZero() || s.links[l] {
			return nil
		}
		s.links[l] = true
		if before.links[l] {
			return nil
		}
		return yield(core.InventoryLine{Link: l, ModifiedOn: r.ModifiedOn, Deleted: r.Deleted})
	})
}

// inventoryPage fetches one page. A record that cannot even be read without its
// fields is left out: a pull will meet it.
func (p *Peer) inventoryPage(ctx context.Context, task core.Task, start int, fn func(rec *core.Record, master bool) error) (replicate.PullReply, error) {
	var q query
	q.add("fields", "None")
	q.add("references", "None")
	q.add("maxdepth", "0")
	q.add("show_urls", "false")
	q.add("include_deleted", "True")
	q.add("msince", "1970-01-01T00:00:00")
	q.page(start, inventoryPage)
	q.plainFilters(task.Resource, task.Filters)
	c := call{op: "compare " + string(task.Resource), method: http.MethodGet, url: p.at(nativePath(task.Resource)+".xml", &q), long: true}
	req := replicate.PullRequest{Resource: task.Resource, Start: start, Limit: inventoryPage}
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
