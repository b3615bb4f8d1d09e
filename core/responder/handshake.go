package responder

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// handshake tells a registered peer which token a node of its identity gave us
// last, and remembers the new one if that belongs to its past. Otherwise one of
// the two nodes was restored, or there are two of one identity: the caller sees it
// and asks a person.
func (c *call) handshake(ctx context.Context) error {
	h, ok := core.ParseHandshake(c.req.Header.Get(core.HandshakeHeader))
	if !ok {
		return nil
	}
	peer, err := c.store.PeerByUUID(ctx, c.query.get("repository"))
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	remembered, err := c.store.Remembers(ctx, peer.ID)
	if err != nil {
		return err
	}
	if remembered != "" {
		c.w.Header().Set(core.HandshakeHeader, remembered)
	}
	if !h.Fits(remembered) {
		c.opts.Log.Warn("A peer has another past than we remember", "peer", peer.Name)
		return nil
	}
	return c.store.Remember(ctx, peer.ID, h.Next)
}
