package eden

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// Delete deletes one record through the resource's own controller. Eden validates a
// tombstone that is pushed as if it were a record, and refuses those of some tables for
// what they lack; this way it does not (spec eden-sync-protocol §17 W12, §18.1.9).
func (p *Peer) Delete(ctx context.Context, rec *core.Record) error {
	op := "delete " + string(rec.Resource)
	id, ok := localID(rec)
	if !ok {
		return p.problem(op, core.PeerRefused, fmt.Errorf("%q does not name a single record", rec.URL))
	}
	r, err := p.send(ctx, call{op: op, method: http.MethodDelete, url: p.at(nativePath(rec.Resource)+"/"+id+".xml", nil), once: true})
	if err != nil {
		return err
	}
	defer r.Close()
	if r.StatusCode != http.StatusOK {
		return p.refusal(op, r)
	}
	m, err := p.message(r)
	if err != nil {
		return p.messageTrouble(r, op, err)
	}
	if !m.OK() {
		return p.failed(op, r, m)
	}
	return nil
}

// localID is the number of a record at its server, at the end of the address under
// which that shows it. Only the record's own page will do, not one below its master.
func localID(rec *core.Record) (string, bool) {
	page, id, ok := cutLast(rec.URL, "/")
	if _, err := strconv.ParseUint(id, 10, 32); err != nil {
		return "", false
	}
	return id, ok && strings.HasSuffix(page, nativePath(rec.Resource))
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
