package replicate

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// attachSingly hands over by itself each record whose file an Eden left out, and each that
// it refused, perhaps for want of its file: on Python 2 it does not read an address that
// holds the file (data:), as it does on Python 3. found is then what stands there
// afterwards.
func (p *pusher) attachSingly(ctx context.Context, b *batch, reply PushReply, found map[core.Link]*core.Record) error {
	var with []core.Link
	for _, l := range b.order {
		if hasFile(b.sent[l].wire) && !b.sent[l].wire.Deleted {
			with = append(with, l)
		}
	}
	bases, err := p.basesOf(ctx, with)
	if err != nil {
		return err
	}
	var links []core.Link
	for _, l := range with {
		rec := filesLeft(b.sent[l].wire, found[l], bases[l], reply.Refused[l] != "")
		if rec == nil {
			continue
		}
		if master := b.sent[l].rec.Master; !master.IsZero() { // it goes with its master, which it leaves as it is
			there := found[master]
			if there == nil {
				continue
			}
			rec = &core.Record{Resource: master.Resource, UUID: master.UUID, MCI: there.MCI, ModifiedOn: there.ModifiedOn, Components: []core.Record{*rec}}
		}
		if err := p.peer.Attach(ctx, rec); err == nil {
			links = append(links, l)
			delete(reply.Refused, l)
		} else if p.Log != nil { // that the file is missing is said
			p.Log.Debug("Not attached", "run", p.report.ID, "resource", l.Resource, "uuid", l.UUID, "err", err)
		}
	}
	for _, chunk := range byResource(links, fetchChunk) {
		if err := p.findAgain(ctx, chunk, found); err != nil {
			return err
		}
	}
	return nil
}

// filesLeft returns what is to be handed over of a record whose files did not arrive, or
// that was refused and is not there; nil if nothing is, or somebody may have changed it since.
func filesLeft(sent, there, base *core.Record, refused bool) *core.Record {
	rec := *sent
	rec.Components = nil
	inline := func(f core.Field) bool { return f.Value.Kind == core.File && strings.HasPrefix(f.Value.Str, "data:") }
	switch {
	case there == nil:
		if !refused || !slices.ContainsFunc(sent.Fields, inline) {
			return nil
		}
		return &rec
	case there.ModifiedOn != sent.ModifiedOn:
		return nil
	}
	dropped, _ := mismatches(sent, there, base)
	rec.Fields = slices.DeleteFunc(slices.Clone(sent.Fields), func(f core.Field) bool { return !inline(f) || !slices.Contains(dropped, f.Name) })
	if len(rec.Fields) == 0 {
		return nil
	}
	return &rec
}

// attach puts the content of a file that the peer does not have into the
// document: it can fetch it neither from a laptop nor, perhaps, from the server
// it came from. A data: URL is what Eden stores (spec eden-observed). A file
// that is too large stays out, and left says so; what came with an address and is
// too large, or not here, goes as that address.
func (p *pusher) attach(ctx context.Context, r, base *core.Record) (left string, err error) {
	for i := len(r.Fields) - 1; i >= 0; i-- {
		f := r.Fields[i]
		if f.Value.Kind != core.File || base != nil && core.SameValue(base.Value(f.Name), f.Value) {
			continue
		}
		a, content, err := p.Store.Attachment(ctx, r.Link(), f.Name)
		if errors.Is(err, core.ErrNotFound) {
			continue
		}
		if err != nil {
			return left, err
		}
		if int64(len(content)) > p.tuning.FileSize {
			if f.Value.Str != "" { // the peer may reach the place where it lies
				continue
			}
			left = fmt.Sprintf("The file %s was not sent: it has %d MiB, and at most %d MiB can be sent. Everything else was.", f.Value.Aux, len(content)>>20, p.tuning.FileSize>>20)
			r.Unset(f.Name)
			continue
		}
		kind := mime.TypeByExtension(filepath.Ext(a.Name))
		if kind == "" {
			kind = "application/octet-stream"
		}
		r.Fields[i].Value.Str = "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)
	}
	return left, nil
}
