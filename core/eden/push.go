package eden

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// Push sends one batch. It is never repeated after a broken connection: whether
// it arrived is not known then, and the engine reads back.
func (p *Peer) Push(ctx context.Context, req replicate.PushRequest) (replicate.PushReply, error) {
	op := "push " + string(req.Resource)
	if !req.Resource.Valid() || req.Resource.Private() {
		return replicate.PushReply{}, p.problem(op, core.UnknownResource, fmt.Errorf("%q is not a table to push", req.Resource))
	}
	if req.More != nil {
		return p.pushStream(ctx, op, req)
	}
	body, err := p.pushBody(req)
	if err != nil {
		return replicate.PushReply{}, &core.Problem{Op: op, Kind: core.Internal, Err: err}
	}
	if req.Enforce {
		reply, problem := p.pushTo(ctx, op, p.at(nativePath(req.Resource)+"/sync.xml", p.pushQuery(req, true)), body)
		if problem == nil || withoutController(problem) == nil {
			return reply, orNil(problem)
		}
	}
	reply, problem := p.pushTo(ctx, op, p.at("/sync/sync.xml", p.pushQuery(req, false)), body)
	if problem != nil {
		problem = p.explainPush(ctx, req, problem)
	}
	return reply, orNil(problem)
}

// orNil keeps a nil Problem from becoming an error that is not nil.
func orNil(p *core.Problem) error {
	if p == nil {
		return nil
	}
	return p
}

// pushBody writes the document: masters first, then what they refer to.
func (p *Peer) pushBody(req replicate.PushRequest) ([]byte, error) {
	var b bytes.Buffer
	p.mu.Lock()
	b.Grow(p.pushed + p.pushed/8)
	p.mu.Unlock()
	root := s3xml.NewRoot()
	root.Success, root.Results = true, len(req.Records)
	e := s3xml.NewEncoder(&b, root)
	for _, recs := range [][]core.Record{req.Records, req.Related} {
		for i := range recs {
			if err := e.Encode(&recs[i]); err != nil {
				return nil, err
			}
		}
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.pushed = min(b.Len(), 1<<20)
	p.mu.Unlock()
	return b.Bytes(), nil
}

// pushQuery has the parameters in Eden's order. Policies travel as stored here,
// the receiver swaps THIS and OTHER; ASK is our own and means nothing there.
func (p *Peer) pushQuery(req replicate.PushRequest, native bool) *query {
	var q query
	if !native {
		q.add("resource", string(req.Resource))
	}
	q.add("repository", p.node.UUID)
	if req.Strategy != 0 {
		q.add("strategy", req.Strategy.String())
	}
	if req.Update != "" {
		q.add("update_policy", string(req.Update))
	}
	if req.Conflict != "" && req.Conflict != core.PolicyAsk {
		q.add("conflict_policy", string(req.Conflict))
	}
	if req.Seals {
		q.add("seals", "1")
	}
	return &q
}

// The two ways to label a body so that a web2py on Python 3 reads it: bare
// text/xml is answered 500. The second one is slow there, but Eden's own.
var (
	asAttachment = http.Header{"Content-Type": {"text/xml"}, "Content-Disposition": {`attachment; filename="sync.xml"`}}
	asForm       = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
)

// pushTo posts the document, packed if the peer says that it can unpack it: what it then
// does not take for that it has as it is.
func (p *Peer) pushTo(ctx context.Context, op, url string, body []byte) (replicate.PushReply, *core.Problem) {
	c := call{op: op, method: http.MethodPost, url: url, body: body, header: asAttachment, long: true, once: true}
	if with := p.packsWith(); with != nil {
		small, err := packed(with, body)
		if err != nil {
			return replicate.PushReply{}, &core.Problem{Op: op, Kind: core.Internal, Err: err}
		}
		c.body, c.packed = small, with.Name
		reply, problem := p.pushAs(ctx, c)
		if !p.cannotUnpack(problem) {
			return reply, problem
		}
		c.body, c.packed = body, ""
	}
	return p.pushAs(ctx, c)
}

// pushAs posts the document; after a 500, by which the server took nothing, once
// more under the other label (spec eden-sync-protocol §18.1).
func (p *Peer) pushAs(ctx context.Context, c call) (replicate.PushReply, *core.Problem) {
	reply, problem := p.pushOnce(ctx, c)
	if statusOf(orNil(problem)) != http.StatusInternalServerError {
		return reply, problem
	}
	c.header = asForm
	return p.pushOnce(ctx, c)
}

func (p *Peer) pushOnce(ctx context.Context, c call) (replicate.PushReply, *core.Problem) {
	r, err := p.send(ctx, c)
	if err != nil {
		return replicate.PushReply{}, core.AsProblem(err)
	}
	defer r.Close()
	if r.StatusCode != http.StatusOK {
		return replicate.PushReply{}, p.pushRefusal(c.op, r)
	}
	switch r.form() {
	case formJSON:
	case formHTML:
		return replicate.PushReply{}, p.webPage(c.op, r)
	case formEmpty:
		return replicate.PushReply{}, p.problem(c.op, core.Truncated, &statusError{r.StatusCode, formEmpty, "empty body"})
	default:
		return replicate.PushReply{}, p.problem(c.op, core.NotEden, &statusError{r.StatusCode, r.form(), "no message"})
	}
	m, err := p.message(r)
	if err != nil {
		return replicate.PushReply{}, p.messageTrouble(r, c.op, err)
	}
	if !m.OK() {
		return replicate.PushReply{}, p.failed(c.op, r, m)
	}
	return pushReply(m), nil
}

// pushRefusal reads a status: a 400 with words is about the document, one without
// about the table.
func (p *Peer) pushRefusal(op string, r *reply) *core.Problem {
	problem := p.refusal(op, r)
	if problem.Kind == core.UnknownResource && problem.Peer != "" {
		problem.Kind = core.PeerRefused
	}
	return problem
}

// pushReply takes over what the peer said of single records, components and
// references included.
func pushReply(m s3xml.Message) replicate.PushReply {
	out := replicate.PushReply{Message: m.Message, Refused: map[core.Link]string{}}
	for _, refusal := range m.Tree {
		if !refusal.Link.IsZero() {
			out.Refused[refusal.Link] = refusal.Sentence()
		}
	}
	if len(m.Seals) > 0 {
		out.Seals = make(map[core.Seal]bool, len(m.Seals))
		for _, s := range m.Seals {
			out.Seals[s] = true
		}
	}
	return out
}

// explainPush finds out what a refusal of a push means. Under web2py's own server it comes
// without a word, and behind Eden's error page a missing registration and a missing right look
// alike; a GET that selects nothing tells the rights apart (spec eden-sync-protocol §3.4). Who
// may read a table and not change it has no trouble with the repository: only with that table.
func (p *Peer) explainPush(ctx context.Context, req replicate.PushRequest, problem *core.Problem) *core.Problem {
	if wordless(problem) {
		refusal := p.refusalBehind(ctx, req)
		if refusal == nil {
			return problem
		}
		problem = refusal
	}
	switch {
	case problem.Kind != core.Forbidden:
		return problem
	case problem.UnknownThere():
		return ofKind(problem, core.NotRegistered)
	case p.askRights(ctx, problem.Op, req.Resource) != nil:
		return problem
	}
	p.mu.Lock()
	registered := p.registered || !p.repo.Registered.IsZero() // once, at least: whoever took that back, its administrator must be asked
	p.mu.Unlock()
	if problem.Peer == "" && !registered {
		return ofKind(problem, core.NotRegistered)
	}
	return ofKind(problem, core.NoWriteRight)
}

// refusalBehind posts nothing at all to where a document met an answer without words, and
// returns what the peer says then if it takes no document of the table; nil if it takes them,
// or says as little. Where there is nothing to be read a second time, Eden's page of errors
// arrives.
func (p *Peer) refusalBehind(ctx context.Context, req replicate.PushRequest) *core.Problem {
	op := "push " + string(req.Resource)
	_, problem := p.pushOnce(ctx, call{op: op, method: http.MethodPost, url: p.at("/sync/sync.xml", p.pushQuery(req, false)), header: asAttachment, once: true})
	if problem == nil || problem.Kind != core.Forbidden && problem.Kind != core.NotAccepted {
		return nil
	}
	return problem
}

func ofKind(problem *core.Problem, kind core.Trouble) *core.Problem {
	other := *problem
	other.Kind = kind
	return &other
}

// askRights pulls what was modified after the end of time, and returns the
// problem if that is refused for lack of a login or a right, else nil.
func (p *Peer) askRights(ctx context.Context, op string, resource core.Resource) *core.Problem {
	var q query
	q.add("resource", string(resource))
	q.add("repository", p.node.UUID)
	q.add("msince", "2099-01-01T00:00:00")
	r, err := p.send(ctx, call{op: op, method: http.MethodGet, url: p.at("/sync/sync.xml", &q)})
	if err != nil {
		return nil
	}
	defer r.Close()
	problem := p.expectXML(op, r)
	if problem == nil {
		return nil
	}
	switch problem.Kind {
	case core.Unauthorized, core.NoPassword, core.Forbidden, core.NotAccepted:
		return problem
	}
	return nil
}
