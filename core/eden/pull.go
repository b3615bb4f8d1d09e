package eden

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// yield takes one record of a pull.
type yield = func(rec *core.Record, master bool, bad *replicate.BadRecord) error

// A yieldError carries the caller's own error through the pull.
type yieldError struct{ err error }

// Error passes it on.
func (e *yieldError) Error() string { return e.err.Error() }

// Pull fetches one page through the resource's own controller, which can page,
// else everything through sync/sync, which cannot (spec eden-sync-protocol §5.1).
// That the former did not answer is remembered for the life of the Peer.
//
// The resource's own controller may hide records of the table (hrm/job_title
// showed 73 of 75, corpus 44): the engine's full comparison and a request with
// Limit 0 see them all.
func (p *Peer) Pull(ctx context.Context, req replicate.PullRequest, yield func(rec *core.Record, master bool, bad *replicate.BadRecord) error) (replicate.PullReply, error) {
	if !req.Resource.Valid() {
		return replicate.PullReply{}, p.problem("pull", core.UnknownResource, errors.New("not a table name"))
	}
	if len(req.UUIDs) > 0 {
		return p.pullUUIDs(ctx, req, yield)
	}
	if req.Limit <= 0 || p.usesSyncOnly(req.Resource) {
		return p.document(ctx, p.syncCall(req), req, yield)
	}
	reply, err := p.document(ctx, p.nativeCall(req), req, yield)
	problem := withoutController(err)
	if problem == nil {
		reply.Native = true
		return reply, err
	}
	if reply, err = p.document(ctx, p.syncCall(req), req, yield); err == nil {
		p.setSyncOnly(req.Resource, problem)
	}
	return reply, err
}

// withoutController returns the problem if err says that the resource has no
// controller of its own, or none for us; sync/sync may still serve it.
func withoutController(err error) *core.Problem {
	var problem *core.Problem
	if !errors.As(err, &problem) || problem.Kind == core.Portal {
		return nil
	}
	switch status := statusOf(problem); {
	case status >= 300 && status < 400,
		status == http.StatusBadRequest, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone,
		status == http.StatusMethodNotAllowed, status == http.StatusUnsupportedMediaType,
		status == http.StatusInternalServerError, status == http.StatusNotImplemented:
		return problem
	case status == http.StatusOK && (problem.Kind == core.WrongPath || problem.Kind == core.NotEden):
		return problem // a web page
	}
	return nil
}

// syncCall asks sync/sync, in Eden's own order of parameters.
func (p *Peer) syncCall(req replicate.PullRequest) call {
	var q query
	q.add("resource", string(req.Resource))
	q.add("repository", p.node.UUID)
	if !req.Since.IsZero() {
		q.add("msince", req.Since.String())
	}
	if req.SkipOwn {
		q.add("skip", "own")
	}
	q.add("include_deleted", "True")
	q.filters(req.Resource, req.Filters)
	return call{op: "pull " + string(req.Resource), method: http.MethodGet, url: p.at("/sync/sync.xml", &q), long: true}
}

// nativeCall asks the resource's own controller for a page. Without msince it
// answers by id, with it the newest first; in both orders a record that changes
// between two pages moves others at most towards the end, never past us.
func (p *Peer) nativeCall(req replicate.PullRequest) call {
	var q query
	q.add("repository", p.node.UUID)
	q.add("include_deleted", "True")
	if !req.Since.IsZero() {
		q.add("msince", req.Since.String())
	}
	if req.SkipOwn {
		q.add("skip", "own")
	}
	q.page(req.Start, req.Limit)
	q.filters(req.Resource, req.Filters)
	return call{op: "pull " + string(req.Resource), method: http.MethodGet, url: p.at(nativePath(req.Resource)+"/sync.xml", &q), long: true}
}

// pullUUIDs asks for single records, a few dozen in each URL. A peer that does
// not know the filter sends everything: what was not asked for is left out, and
// not counted.
func (p *Peer) pullUUIDs(ctx context.Context, req replicate.PullRequest, yield yield) (replicate.PullReply, error) {
	wanted := make(map[string]bool, len(req.UUIDs))
	for _, u := range req.UUIDs {
		wanted[u] = true
	}
	var total replicate.PullReply
	if req.Leads != nil {
		along, err := p.leads(ctx, req)
		if err != nil {
			return total, err
		}
		req.Along = along
	}
	base := len(p.syncCall(replicate.PullRequest{Resource: req.Resource, Filters: req.Filters}).url) + len("&[~]~.uuid__belongs=")
	for _, part := range chunks(req.UUIDs, req.Along, base) {
		left := 0
		one := replicate.PullRequest{Resource: req.Resource, Filters: append([]core.Filter{uuidFilter(part)}, req.Filters...)}
		reply, err := p.document(ctx, p.syncCall(one), one, func(rec *core.Record, master bool, bad *replicate.BadRecord) error {
			if master && rec != nil {
				if !wanted[rec.UUID] {
					left++
					return nil
				}
				delete(wanted, rec.UUID)
			}
			return yield(rec, master, bad)
		})
		total.Masters += reply.Masters - left
		total.Bytes += reply.Bytes
		total.Dropped += reply.Dropped
		total.PeerTime = reply.PeerTime
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// uuidFilter is the filter for the uuids; the value is escaped once more because
// a Filter holds what an administrator would type.
func uuidFilter(uuids []string) core.Filter {
	return core.Filter{Query: "~.uuid__belongs=" + escape(uuidList(uuids))}
}

// document fetches a document and hands over its records. A connection that
// breaks before the first record is tried again; after it, the engine's
// checkpoint says where to go on.
func (p *Peer) document(ctx context.Context, c call, req replicate.PullRequest, yield yield) (replicate.PullReply, error) {
	handed := 0
	req.Recognise = counting(req.Recognise, &handed)
	for try := 0; ; try++ {
		handed = 0
		reply, err := p.readDocument(ctx, c, req, func(rec *core.Record, master bool, bad *replicate.BadRecord) error {
			handed++
			if err := yield(rec, master, bad); err != nil {
				return &yieldError{err}
			}
			return nil
		})
		var own *yieldError
		if errors.As(err, &own) {
			return reply, own.err
		}
		if handed > 0 || try >= p.opts.Retries || !core.IsKind(err, core.Truncated) || !pause(ctx, p.opts.RetryWait<<try) {
			return reply, err
		}
	}
}

// counting counts the elements that r is told of, and carries its errors through.
func counting(r *replicate.Recognition, handed *int) *replicate.Recognition {
	if r == nil || r.Ask == nil {
		return r
	}
	own := func(err error) error {
		if err != nil {
			return &yieldError{err}
		}
		return nil
	}
	return &replicate.Recognition{
		Key: r.Key,
		Ask: func(records []core.Sighting) error { return own(r.Ask(records)) },
		Pass: func(records []core.Sighting, master bool) error {
			*handed++
			return own(r.Pass(records, master))
		},
	}
}

// pause waits for d and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// readDocument makes one attempt.
func (p *Peer) readDocument(ctx context.Context, c call, req replicate.PullRequest, yield yield) (replicate.PullReply, error) {
	r, err := p.send(ctx, c)
	if err != nil {
		return replicate.PullReply{}, err
	}
	defer r.Close()
	var out replicate.PullReply
	out.PeerTime, _ = peerTime(r)
	if problem := p.expectXML(c.op, r); problem != nil {
		return out, problem
	}
	d := s3xml.NewDecoder(r.body, s3xml.Limits{})
	err = decode(d, req, &out, yield)
	out.Bytes, out.Dropped = r.body.n, d.Dropped()
	if err != nil {
		var own *yieldError
		if errors.As(err, &own) {
			return out, err
		}
		return out, p.inBody(r, c.op, err)
	}
	return out, nil
}

// decode hands over the records of a document. The first of them, as many as
// the root says, are masters; where it does not say, those of the table asked
// for. Referenced records of the same table follow after the masters.
func decode(d *s3xml.Decoder, req replicate.PullRequest, out *replicate.PullReply, yield yield) error {
	root, err := d.Root()
	if err != nil {
		return err
	}
	masters := root.Results
	if masters >= 0 && root.Limit >= 0 {
		masters = min(masters, root.Limit) // before 2021 results counted all matches
	}
	if req.Recognise != nil {
		d.Recognise(req.Recognise.Key, req.Recognise.Ask)
	}
	isMaster := func(l core.Link, n int) bool { return l.Resource == req.Resource && (masters < 0 || n < masters) }
	for n := 0; ; n++ {
		if known, err := d.Pass(); err != nil || len(known) > 0 {
			if err == nil {
				master := isMaster(known[0].Link, n)
				out.Masters += count(master)
				err = req.Recognise.Pass(known, master)
			}
			if err != nil {
				return err
			}
			continue
		}
		var room *core.Room
		if req.Room != nil {
			room = req.Room()
		}
		d.Lend(room)
		rec := &room.Records(1)[0]
		err := d.Next(rec)
		if err == nil {
			master := isMaster(rec.Link(), n)
			out.Masters += count(master)
			if err := yield(rec, master, nil); err != nil {
				return err
			}
			continue
		}
		var bad *s3xml.RecordError
		switch {
		case errors.Is(err, io.EOF):
			// start and limit come back on the root where they were honoured.
			out.Paged = req.Limit > 0 && root.Limit >= 0 && out.Masters <= req.Limit
			return nil
		case errors.As(err, &bad):
			master := masters < 0 && bad.Record.Resource == req.Resource || n < masters
			out.Masters += count(master)
			err = yield(nil, master, badRecord(bad))
		default:
			return err
		}
		if err != nil {
			return err
		}
	}
}

func badRecord(e *s3xml.RecordError) *replicate.BadRecord {
	return &replicate.BadRecord{Link: e.Record, Reason: e.Reason, Err: e, Content: e.Content}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
