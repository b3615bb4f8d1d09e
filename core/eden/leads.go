package eden

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// leads adds to what is to be named along with single records those of their own table to which
// they, and their components, point there now, and into which they were merged. The plain export
// of the resource's own controller shows them: a filter in it is for the records that are asked
// for alone (Eden: S3ResourceTree.export_identities). Where there is no such controller, nothing
// is added.
func (p *Peer) leads(ctx context.Context, req replicate.PullRequest) (map[string][]string, error) {
	if p.usesSyncOnly(req.Resource) {
		return req.Along, nil
	}
	along := maps.Clone(req.Along)
	if along == nil {
		along = make(map[string][]string)
	}
	base := len(p.leadsCall(req.Resource, nil).url)
	for _, part := range chunks(req.UUIDs, nil, base) {
		one := replicate.PullRequest{Resource: req.Resource}
		_, err := p.document(ctx, p.leadsCall(req.Resource, part), one, func(rec *core.Record, master bool, _ *replicate.BadRecord) error {
			if rec == nil || !master {
				return nil
			}
			req.Leads[rec.Link()] = rec.ModifiedOn
			add := func(to core.Link) {
				if to.Resource == req.Resource && to.UUID != "" && to.UUID != rec.UUID && !slices.Contains(along[rec.UUID], to.UUID) {
					along[rec.UUID] = append(slices.Clone(along[rec.UUID]), to.UUID)
				}
			}
			return rec.Walk(func(r *core.Record) error {
				add(core.Link{Resource: r.Resource, UUID: r.ReplacedBy})
				for _, to := range r.PointsTo() {
					add(to)
				}
				return nil
			})
		})
		if problem := withoutController(err); problem != nil {
			p.setSyncOnly(req.Resource, problem)
			clear(req.Leads) // what the parts before showed is not named along either
			return req.Along, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return along, nil
}

// leadsCall asks what records point to, and for nothing else of them.
func (p *Peer) leadsCall(resource core.Resource, uuids []string) call {
	var q query
	q.add("fields", "None")
	q.add("maxdepth", "0")
	q.add("show_urls", "false")
	q.add("include_deleted", "True")
	q.add("~.uuid__belongs", uuidList(uuids))
	return call{op: "pull " + string(resource), method: http.MethodGet, url: p.at(nativePath(resource)+".xml", &q), long: true}
}
