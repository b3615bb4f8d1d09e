package inspect

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// Offer asks a server which of the tables it has and shows to this account, one
// after the other: Eden has no list of them. Each answer is handed to tell as soon
// as it is known: nil that it has the table, or what it said instead. Of one that it
// lacks and that later Edens have by another name, that one is asked for, too. A Problem
// of the connection ends it.
func Offer(ctx context.Context, connect Connect, node core.Node, r core.Repository, list []core.Resource, tell func(core.Resource, error)) error {
	peer, err := connect(r, node)
	if err != nil {
		return err
	}
	for len(list) > 0 {
		resource := list[0]
		list = list[1:]
		_, err := peer.Pull(ctx, replicate.PullRequest{Resource: resource, Limit: 1}, func(*core.Record, bool, *replicate.BadRecord) error { return nil })
		if err != nil && !ofTable(err) {
			return err
		}
		tell(resource, err)
		if now := resource.Renamed(); now != "" && core.IsKind(err, core.UnknownResource) {
			list = append([]core.Resource{now}, list...)
		}
	}
	return nil
}

// ofTable reports whether a trouble is one of the table asked for, and not of the
// connection.
func ofTable(err error) bool {
	switch core.AsProblem(err).Kind {
	case core.UnknownResource, core.Forbidden, core.NoReadRight, core.WrongPath, core.ServerFault, core.Malformed, core.PeerRefused:
		return true
	}
	return false
}
