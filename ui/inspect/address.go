package inspect

import (
	"context"
	"net/url"

	"github.com/fieldsync/fieldsync/core"
)

// edenPath is where most servers have their Sahana Eden.
const edenPath = "/eden"

// Complete returns the repository with the end of its address added, if somebody left it
// out: there is no Sahana Eden at the address itself, and one below it. Else it comes back
// as it is.
func Complete(ctx context.Context, connect Connect, node core.Node, r core.Repository) core.Repository {
	address, err := url.Parse(r.URL)
	if err != nil || address.Path != "" || !elsewhere(probe(ctx, connect, node, r)) {
		return r
	}
	below := r
	below.URL += edenPath
	if err := probe(ctx, connect, node, below); err == nil || core.IsKind(err, core.Unauthorized) || core.IsKind(err, core.NoPassword) {
		return below
	}
	return r
}

func probe(ctx context.Context, connect Connect, node core.Node, r core.Repository) error {
	peer, err := connect(r, node)
	if err == nil {
		_, err = peer.Probe(ctx)
	}
	return err
}

// elsewhere reports whether something answered that is no Sahana Eden.
func elsewhere(err error) bool {
	return core.IsKind(err, core.WrongPath) || core.IsKind(err, core.NotEden) || core.IsKind(err, core.Portal)
}
