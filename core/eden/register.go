package eden

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// Register makes this node known at the peer and returns the peer's uuid (spec
// eden-sync-protocol §4). An Eden of before October 2016 knows only a GET; it is
// tried where the present form is not understood.
func (p *Peer) Register(ctx context.Context, node core.Node) (string, error) {
	name := node.Name
	if name == "" {
		name = node.UUID // without a name the peer fails with 500
	}
	body, err := json.Marshal(struct {
		UUID    string `json:"uuid"`
		Name    string `json:"name"`
		Apitype string `json:"apitype"`
	}{node.UUID, name, "eden"})
	if err != nil {
		return "", err
	}
	sender, problem := p.registration(ctx, call{op: "register", method: http.MethodPost, url: p.at("/sync/repository/register.json", nil),
		body: body, header: http.Header{"Content-Type": {"application/json"}}})
	if problem != nil && mayBeOld(problem) {
		sender, problem = p.registerOld(ctx, node, problem)
	}
	if problem != nil {
		return "", problem
	}
	p.mu.Lock()
	p.registered = true
	p.mu.Unlock()
	return sender, nil
}

// mayBeOld reports whether the answer can come from a server that does not know
// the POST. Under Eden's routes.py every such refusal may arrive without a word.
func mayBeOld(problem *core.Problem) bool {
	switch statusOf(problem) {
	case http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType, http.StatusNotImplemented:
		return true
	}
	return wordless(problem)
}

// registerOld tries the GET form. If that fails as well, the first answer counts,
// or, where that had no words, what a harmless GET says about our rights.
func (p *Peer) registerOld(ctx context.Context, node core.Node, first *core.Problem) (string, *core.Problem) {
	var q query
	q.add("repository", node.UUID)
	sender, problem := p.registration(ctx, call{op: "register", method: http.MethodGet, url: p.at("/sync/repository/register.xml", &q)})
	if problem == nil {
		return sender, nil
	}
	if slices.Contains([]core.Trouble{core.Unauthorized, core.NoPassword, core.Forbidden, core.Cancelled}, problem.Kind) {
		return "", problem
	}
	if wordless(first) {
		if rights := p.askRights(ctx, "register", "sync_config"); rights != nil {
			return "", rights
		}
	}
	return "", first
}

// registration sends one form and reads the message.
func (p *Peer) registration(ctx context.Context, c call) (string, *core.Problem) {
	r, err := p.send(ctx, c)
	if err != nil {
		return "", core.AsProblem(err)
	}
	defer r.Close()
	if r.StatusCode != http.StatusOK {
		problem := p.refusal(c.op, r)
		if problem.Kind == core.UnknownResource {
			problem.Kind = core.PeerRefused // a 400 is about the message here
		}
		return "", problem
	}
	switch r.form() {
	case formJSON:
	case formHTML:
		return "", p.webPage(c.op, r)
	default:
		return "", p.problem(c.op, core.NotEden, &statusError{r.StatusCode, r.form(), "no message"})
	}
	m, err := p.message(r)
	if err != nil {
		return "", p.messageTrouble(r, c.op, err)
	}
	if !m.OK() {
		return "", p.failed(c.op, r, m)
	}
	return m.Sender, nil
}

// messageTrouble is the problem of a message that cannot be read: broken off or
// no message at all.
func (p *Peer) messageTrouble(r *reply, op string, err error) *core.Problem {
	problem := p.troubleOf(r.body.ctx, op, err)
	if problem.Kind == core.Unreachable {
		if problem.Kind = core.Malformed; isBroken(err) {
			problem.Kind = core.Truncated
		}
	}
	return problem
}
