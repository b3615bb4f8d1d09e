package responder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// receive answers a push (spec eden-sync-protocol §6.2): the body's records are
// applied page by page, and the answer names each one that was not taken over.
func (c *call) receive(ctx context.Context, resource core.Resource) error {
	peer, allowed, err := c.writer(ctx, resource)
	if err != nil {
		return c.refusePush(ctx, resource, err)
	}
	imp := &importer{c: c, peer: peer, resource: resource, allowed: allowed, run: core.NewUUID()}
	if err := imp.prepare(ctx); err != nil {
		return err
	}
	arrived := context.WithoutCancel(ctx) // what has arrived is applied and judged, though the peer may have gone
	err = c.documents(func(r io.Reader) error { return imp.document(arrived, r) })
	err = errors.Join(err, imp.release(arrived))
	ctx, cancel := unhurried(ctx)
	defer cancel()
	imp.announce()
	if err != nil {
		a := broken(err, imp.counts.Received)
		return errors.Join(a, c.journal.note(ctx, peer, imp.logEntry(core.ResultFatal, a.message, err.Error())))
	}
	if err := c.journal.connected(ctx, peer.UUID, c.now); err != nil {
		return err
	}
	result, message := core.ResultSuccess, "Data received from peer"
	if len(imp.refusals) > 0 {
		result, message = core.ResultWarning, imp.summary()
	}
	if err := imp.remark(ctx); err != nil {
		return err
	}
	e := imp.logEntry(result, message, imp.details())
	e.Counts = &imp.counts
	if err := c.journal.note(ctx, peer, e); err != nil {
		return err
	}
	writeMessage(c.w, http.StatusOK, imp.reply())
	return nil
}

// writer returns the peer that pushes, if it may, and what it may push.
func (c *call) writer(ctx context.Context, resource core.Resource) (core.Repository, resources, error) {
	if err := checkResource(resource); err != nil {
		return core.Repository{}, nil, err
	}
	peer, err := c.store.PeerByUUID(ctx, c.query.get("repository"))
	if errors.Is(err, core.ErrNotFound) {
		return peer, nil, forbidden(core.RegistrationRequired)
	}
	if err != nil {
		return peer, nil, err
	}
	c.journal.called(c.account.Name, peer.UUID)
	if !peer.AcceptPush {
		return peer, nil, forbidden(core.AcceptanceRequired)
	}
	allowed, err := c.allowed(ctx, peer)
	if err == nil && !allowed[resource] {
		err = notShared(resource)
	}
	return peer, allowed, err
}

// refusePush logs that a known peer was refused.
func (c *call) refusePush(ctx context.Context, resource core.Resource, cause error) error {
	peer, err := c.store.PeerByUUID(ctx, c.query.get("repository"))
	if err != nil {
		return cause
	}
	logErr := c.journal.note(ctx, peer, core.LogEntry{Time: c.now, Run: core.NewUUID(), Resource: nameOrNone(resource), Mode: "push", Action: "receive",
		Result: core.ResultFatal, Remote: true, Message: asAnswer(cause).message})
	return errors.Join(cause, logErr)
}

// broken turns what ended a document into the answer. What was applied before
// is said, because it stays.
func broken(err error, applied int) *answer {
	var a *answer
	var syntax *s3xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		a = badRequest("XML Parse error: " + syntax.Reason + ", line " + strconv.Itoa(syntax.Line))
		a.cause = err
	case errors.Is(err, io.ErrUnexpectedEOF):
		a = badRequest("XML Parse error: the document broke off")
		a.cause = err
	case packing.IsFault(err):
		a = badRequest("XML Parse error: the packed document is broken")
		a.cause = err
	default:
		a = asAnswer(err)
	}
	if applied > 0 {
		b := *a
		b.message += fmt.Sprintf(" (the %d records before it were received)", applied)
		return &b
	}
	return a
}

// announce tells the program which resources changed.
func (imp *importer) announce() {
	for resource := range imp.changed {
		imp.c.opts.Events.Emit(event.Changed{Resource: resource})
	}
}

// maxRemarks bounds how many records get rows of their own in the log of a push.
const maxRemarks = 20

// remark writes a row for each record that was not taken over.
func (imp *importer) remark(ctx context.Context) error {
	for i, r := range imp.refusals {
		if i == maxRemarks {
			break
		}
		e := imp.logEntry(core.ResultWarning, core.LogNotTaken, r.Error)
		e.Resource, e.UUID = nameOrNone(r.Link.Resource), r.Link.UUID
		if err := imp.c.journal.note(ctx, imp.peer, e); err != nil {
			return err
		}
	}
	return nil
}

func (imp *importer) logEntry(result core.Result, message, details string) core.LogEntry {
	return core.LogEntry{Time: imp.c.now, Run: imp.run, Resource: string(imp.resource), Mode: "push", Action: "receive",
		Result: result, Remote: result != core.ResultSuccess, Message: message, Details: details}
}

// offset is the peer's clock minus ours: by the Date header if the peer sends
// one, else as last measured. Less than two seconds are the network's.
func (c *call) offset(peer core.Repository) time.Duration {
	date, err := http.ParseTime(c.req.Header.Get("Date"))
	if err != nil {
		return time.Duration(peer.ClockOffset) * time.Second
	}
	offset := date.Sub(c.now.Time())
	if offset.Abs() < 2*time.Second {
		return 0
	}
	return offset
}
