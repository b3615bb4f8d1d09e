package responder

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// SkipOwn is the value of the parameter skip by which a peer that is sure of its own
// past asks not to be sent again what stands here as it sent it.
const SkipOwn = "own"

// identity is the one private resource that a peer may ask for: of it our uuid
// and nothing else, so that a peer learns who answers without registering (spec
// eden-sync-protocol §4.2).
const identity core.Resource = "sync_config"

// send answers a pull (spec §5.2, §12). native is the resource's own
// controller, where pages work and tombstones must be asked for.
func (c *call) send(ctx context.Context, resource core.Resource, native bool) error {
	if resource == identity {
		return c.sendIdentity(ctx)
	}
	peer, allowed, err := c.reader(ctx, resource)
	if err != nil {
		return c.refusePull(ctx, resource, err)
	}
	d := &document{c: c, allowed: allowed, depth: referenceDepth, files: true}
	start, limit, err := d.ask(ctx, peer, resource, native)
	if err != nil {
		return c.refusePull(ctx, resource, err)
	}
	seq, err := c.store.Seq(ctx)
	if err != nil {
		return err
	}
	masters, err := d.write(ctx)
	ctx, cancel := unhurried(ctx)
	defer cancel()
	if err != nil {
		logErr := c.journal.note(ctx, peer, core.LogEntry{Time: c.now, Run: core.NewUUID(), Resource: string(resource), Mode: "pull", Action: "send",
			Result: core.ResultError, Message: fmt.Sprintf("Broken off after %d records", masters), Details: err.Error()})
		return errors.Join(err, logErr)
	}
	named := c.query.get("repository") != "" // else it may be another one, with the account of this one
	p := pull{seq: seq, began: c.now, since: d.query.Since, whole: d.whole() && named}
	if after, err := c.store.Seq(ctx); d.counted && (err != nil || after != seq) {
		p.whole = false // the last ones may have been pushed out by what arrived
	}
	if err := c.sent(ctx, peer, d, p, start, limit, masters); err != nil {
		// The answer is complete; only our notes about it are not.
		c.opts.Log.Error("Note about a pull lost", "peer", peer.Name, "resource", resource, "err", err)
	}
	return nil
}

// sent notes what the peer was given, once for all pages of a pull; of single
// records only in the program's log.
func (c *call) sent(ctx context.Context, peer core.Repository, d *document, p pull, start, limit, masters int) error {
	resource := d.query.Resource
	if err := c.journal.connected(ctx, peer.UUID, c.now); err != nil {
		return err
	}
	if len(d.query.UUIDs) > 0 {
		// A peer that proves what it sent asks many times a second: a row for
		// each would bury the log, and cost more than the answer.
		c.opts.Log.Info("Records sent by uuid", "peer", peer.Name, "resource", resource, "records", masters)
		return nil
	}
	all, done := c.journal.page(pullKey{peer.ID, resource}, p, start, limit, masters)
	if !done {
		return nil
	}
	if err := c.journal.served(ctx, pullKey{peer.ID, resource}, all); err != nil {
		return err
	}
	if c.fromEden() {
		if err := c.store.Asked(ctx, peer.ID, resource, Asking{Since: all.since, Sent: all.sent}); err != nil {
			return err
		}
	}
	return c.journal.note(ctx, peer, core.LogEntry{Time: c.now, Run: core.NewUUID(), Resource: string(resource), Mode: "pull", Action: "send",
		Result: core.ResultSuccess, Message: fmt.Sprintf("Data sent to peer (records: %d)", all.sent)})
}

// whole reports whether the peer asked for everything that changed, tombstones
// and components included.
func (d *document) whole() bool {
	return len(d.query.Filters) == 0 && d.query.Deleted && !d.query.NoComponents && d.components == nil
}

// ask reads the parameters of a pull. Unknown ones are ignored.
func (d *document) ask(ctx context.Context, peer core.Repository, resource core.Resource, native bool) (start, limit int, err error) {
	q := d.c.query
	d.query = ExportQuery{Resource: resource, Deleted: true}
	d.root = s3xml.NewRoot()
	if d.query.Since, err = q.msince(); err != nil {
		return 0, 0, err
	}
	if skip, _ := q.lookup("skip"); skip == SkipOwn {
		d.query.Except = peer.ID
	}
	if d.query.Filters, d.query.UUIDs, err = q.filters(resource, native); err != nil {
		return 0, 0, err
	}
	d.eden = d.c.fromEden()
	if d.eden && len(d.query.UUIDs) == 0 {
		goesOn, err := d.c.journal.goesOn(ctx, pullKey{peer.ID, resource}, d.query.Since)
		if err != nil {
			return 0, 0, err
		}
		if goesOn {
			d.query.Except, d.peer = peer.ID, peer.ID
		}
	}
	d.askComponents()
	if !native {
		return 0, 0, nil // sync/sync knows no pages (spec §5.1)
	}
	if d.root.Start, d.root.Limit, err = q.page(); err != nil {
		return 0, 0, err
	}
	_, d.query.Deleted = q.lookup("include_deleted")
	d.query.Start, d.query.Limit = max(d.root.Start, 0), max(d.root.Limit, 0)
	if d.root.Limit == 0 {
		return 0, 0, badRequest("limit must be at least 1")
	}
	return d.query.Start, d.query.Limit, nil
}

// askComponents reads mcomponents: "None", or the aliases to nest.
func (d *document) askComponents() {
	d.components = listParameter(d.c.query, "mcomponents")
	if d.components != nil && len(d.components) == 0 {
		d.query.NoComponents, d.components = true, nil
	}
}

func (c *call) sendIdentity(ctx context.Context) error {
	node, err := c.store.Node(ctx)
	if err != nil {
		return err
	}
	if err := c.handshake(ctx); err != nil {
		return err
	}
	// The encoder refuses private tables, rightly. This one record is the
	// exception, and has nothing but its name.
	var uuid strings.Builder
	if err := xml.EscapeText(&uuid, []byte(node.UUID)); err != nil {
		return err
	}
	out := c.newStream()
	_, err = fmt.Fprintf(out, "<?xml version='1.0' encoding='utf-8'?>\n"+
		`<s3xml success="true" results="1"><resource name="%s" uuid="%s" mci="1"/></s3xml>`, identity, uuid.String())
	if err != nil {
		return out.wrap(err)
	}
	return out.close()
}

// refusePull logs that a known peer was refused. Strangers do not fill the log.
func (c *call) refusePull(ctx context.Context, resource core.Resource, cause error) error {
	peer, err := c.store.PeerByUUID(ctx, c.query.get("repository"))
	if err != nil {
		return cause
	}
	logErr := c.journal.note(ctx, peer, core.LogEntry{Time: c.now, Run: core.NewUUID(), Resource: nameOrNone(resource), Mode: "pull", Action: "send",
		Result: core.ResultFatal, Remote: true, Message: asAnswer(cause).message})
	return errors.Join(cause, logErr)
}

// nameOrNone keeps what is no resource's name out of the log's column.
func nameOrNone(resource core.Resource) string {
	if resource.Valid() {
		return string(resource)
	}
	return "none"
}
