package eden

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// Probe asks for the peer's sync_config record, which tells its identity without
// registering (spec eden-sync-protocol §4.2). An account that may not read it,
// or a peer that does not have it, still gives the clock.
func (p *Peer) Probe(ctx context.Context) (replicate.Identity, error) {
	const op = "probe"
	var q query
	q.add("resource", "sync_config")
	q.add("repository", p.node.UUID)
	c := call{op: op, method: http.MethodGet, url: p.at("/sync/sync.xml", &q)}
	if token := p.node.Handshake.String(); token != "" {
		c.header = http.Header{core.HandshakeHeader: {token}}
	}
	r, err := p.send(ctx, c)
	if err != nil {
		return replicate.Identity{}, err
	}
	defer r.Close()
	id := identityOf(r)
	if problem := p.expectXML(op, r); problem != nil {
		if answersAsEden(problem) {
			return id, nil
		}
		if problem.Kind == core.UnknownResource {
			problem.Kind = core.NotEden // nobody was asked for a record yet
		}
		return id, problem
	}
	id.UUID, err = configUUID(io.LimitReader(r.body, 1<<20))
	if err != nil {
		return id, p.inBody(r, op, err)
	}
	return id, nil
}

// answersAsEden reports whether a refusal is one that only an Eden gives: a JSON
// message saying that this account may not, or that there is no such table.
func answersAsEden(problem *core.Problem) bool {
	var e *statusError
	if !errors.As(problem, &e) {
		return false
	}
	switch problem.Kind {
	case core.Forbidden, core.NotAccepted:
		return true
	case core.UnknownResource:
		return e.form != formOther // Eden's own error page may stand in place of its message
	case core.PeerRefused:
		return e.form == formJSON
	}
	return false
}

// identityOf reads the head of an answer. The Date header has whole seconds, so
// half of one is added; the reply is taken to be made halfway through the wait.
func identityOf(r *reply) replicate.Identity {
	id := replicate.Identity{Server: r.Header.Get("Server"), Remembers: r.Header.Get(core.HandshakeHeader)}
	if id.Server == "" {
		id.Server = r.Header.Get("X-Powered-By")
	}
	at, told := peerTime(r)
	middle, known := r.middle()
	if told && known {
		id.Offset, id.OffsetKnown = at.Add(time.Second/2).Sub(middle), true
	}
	return id
}

func peerTime(r *reply) (time.Time, bool) {
	at, err := http.ParseTime(r.Header.Get("Date"))
	return at, err == nil
}

// configUUID finds the uuid of the first sync_config record. The document is
// small, and the s3xml package drops this table unread.
func configUUID(r io.Reader) (string, error) {
	d := xml.NewDecoder(r)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				return "", &core.Problem{Op: "probe", Kind: core.Malformed, Err: err}
			}
			return "", err
		}
		if start, ok := token.(xml.StartElement); ok && attr(start, "name") == "sync_config" {
			return attr(start, "uuid"), nil
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
