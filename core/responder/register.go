package responder

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

const (
	maxRegistration = 64 << 10 // bytes
	maxPeerName     = 64       // characters, as in Eden
)

// register answers POST sync/repository/register.json (spec eden-sync-protocol
// §4.2). A new peer is stored but may neither push nor pull before an
// administrator accepts it.
func register(ctx context.Context, c *call) error {
	var body struct {
		UUID string `json:"uuid"`
		Name string `json:"name"`
	}
	data, err := io.ReadAll(http.MaxBytesReader(c.w, c.req.Body, maxRegistration))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return c.refuseRegistration(ctx, badRequest("Invalid parameters: "+err.Error()))
	}
	return c.register(ctx, body.UUID, body.Name)
}

// registerOld answers GET sync/repository/register.xml?repository=, the form
// before October 2016, in which the name is the uuid.
func registerOld(ctx context.Context, c *call) error {
	return c.register(ctx, c.query.get("repository"), "")
}

func (c *call) register(ctx context.Context, uuid, name string) error {
	node, err := c.store.Node(ctx)
	if err != nil {
		return err
	}
	switch {
	case uuid == "":
		return c.refuseRegistration(ctx, handled("No repository identifier specified", node.UUID))
	case !core.ValidUUID(uuid):
		return c.refuseRegistration(ctx, badRequest("Invalid parameters: this uuid cannot be used"))
	case uuid == node.UUID:
		return c.refuseRegistration(ctx, badRequest("Invalid parameters: this uuid is that of the repository you are calling"))
	}
	peer, message, err := c.enrol(ctx, uuid, peerName(name))
	if err != nil {
		return err
	}
	c.journal.called(c.account.Name, uuid)
	if err := c.journal.note(ctx, peer, core.LogEntry{Time: c.now, Run: core.NewUUID(), Mode: "register", Action: "none",
		Result: core.ResultSuccess, Message: message}); err != nil {
		return err
	}
	writeMessage(c.w, http.StatusOK, s3xml.Message{Status: "success", StatusCode: "200", Message: message, Sender: node.UUID})
	return nil
}

// enrol stores a new peer, or what is new of a known one.
func (c *call) enrol(ctx context.Context, uuid, name string) (core.Repository, string, error) {
	peer, err := c.store.PeerByUUID(ctx, uuid)
	if errors.Is(err, core.ErrNotFound) {
		if name == "" {
			name = peerName(uuid)
		}
		peer, err = c.store.AddPeer(ctx, core.Repository{UUID: uuid, Name: name, LastConnected: c.now,
			AcceptPush: c.opts.Welcome, AllowPull: c.opts.Welcome})
		return peer, core.LogRegistered, err
	}
	if err != nil {
		return peer, "", err
	}
	if name != "" && !peer.Active() { // the name of a peer that we call is our administrator's
		if err := c.store.RenamePeer(ctx, peer.ID, name); err != nil {
			return peer, "", err
		}
		if peer, err = c.store.PeerByUUID(ctx, uuid); err != nil {
			return peer, "", err
		}
	}
	if c.opts.Welcome && !(peer.AcceptPush && peer.AllowPull) {
		peer.AcceptPush, peer.AllowPull = true, true
		if err := c.store.SaveRepository(ctx, peer); err != nil {
			return peer, "", err
		}
	}
	peer.LastConnected = c.now
	return peer, "Registration update successful", c.store.Connected(ctx, peer.ID, c.now)
}

func (c *call) refuseRegistration(ctx context.Context, a *answer) error {
	err := c.journal.note(ctx, core.Repository{}, core.LogEntry{Time: c.now, Run: core.NewUUID(), Mode: "register", Action: "none",
		Result: core.ResultError, Remote: true, Message: a.message})
	return errors.Join(a, err)
}

// peerName makes a name fit to be shown.
func peerName(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	for utf8.RuneCountInString(s) > maxPeerName {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
