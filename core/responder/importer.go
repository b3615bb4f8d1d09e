package responder

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

const (
	maxRefusals = 10000                 // named in one answer
	importTime  = time.Second           // after which a transaction takes no further page: other processes want to write, too
	importWait  = 50 * time.Millisecond // for a further page, at most
)

// An importer applies one push.
type importer struct {
	c        *call
	peer     core.Repository
	resource core.Resource // the one the push is for
	allowed  resources
	run      string

	own      map[core.Resource]core.Rules // of the tasks for the peer
	transfer core.Rules                   // what the sender asks for
	rules    map[core.Resource]*intake.Rules
	now      *page // the page being applied
	item     *item // and of it
	position int   // top-level records seen so far

	armed bool                // deletions are put off
	held  map[core.Link]*item // until they are judged

	sealing bool   // the peer wants the seals of what stands here as it came
	shown   *shown // which columns an Eden's own push shows; nil: who pushes is another program
	results
	more int // refusals beyond maxRefusals
}

// prepare reads what the rules depend on.
func (imp *importer) prepare(ctx context.Context) error {
	tasks, err := imp.c.store.Tasks(ctx, imp.peer.ID)
	if err != nil {
		return err
	}
	imp.own, imp.rules = make(map[core.Resource]core.Rules, len(tasks)), make(map[core.Resource]*intake.Rules)
	imp.changed, imp.held = make(map[core.Resource]bool), make(map[core.Link]*item)
	for _, t := range tasks {
		imp.own[t.Resource] = t.Rules()
	}
	imp.transfer = transferred(imp.c.query)
	_, imp.sealing = imp.c.query.lookup("seals")
	if !imp.sealing && ofAnEden(imp.c.query) {
		imp.shown = newShown()
	}
	return nil
}

// transferred reads the policies that came with the push, as seen from here:
// what is THIS for the sender is OTHER for us (spec eden-sync-protocol §10).
// What is missing or unknown is Eden's default; ASK means that the sender wants
// to ask its own person, so ours stays until then.
func transferred(q query) core.Rules {
	rules := core.Rules{Strategy: core.StrategyAll, Update: core.PolicyNewer, Conflict: core.PolicyNewer, Merge: true}
	if s := knownMethods(q.get("strategy")); s != 0 {
		rules.Strategy = s
	}
	if p, err := core.ParsePolicy(q.get("update_policy")); err == nil && p != core.PolicyAsk {
		rules.Update = p.Swapped()
	}
	if p, err := core.ParsePolicy(q.get("conflict_policy")); err == nil {
		if rules.Conflict = p.Swapped(); p == core.PolicyAsk {
			rules.Conflict = core.PolicyThis
		}
	}
	return rules
}

func knownMethods(text string) (s core.Strategy) {
	for word := range strings.SplitSeq(text, ",") {
		if m, err := core.ParseStrategy(word); err == nil && word != "" {
			s |= m
		}
	}
	return s
}

// rulesFor returns how records of a resource are applied: by the task for the
// peer and this resource, else the one for the resource of the push, else as
// the sender asks.
func (imp *importer) rulesFor(ctx context.Context, resource core.Resource) (*intake.Rules, error) {
	if r, ok := imp.rules[resource]; ok {
		return r, nil
	}
	served, err := imp.c.store.LastServed(ctx, imp.peer.ID, resource)
	if err != nil {
		return nil, err
	}
	rules, ok := imp.own[resource]
	if !ok {
		rules, ok = imp.own[imp.resource]
	}
	if !ok {
		rules = imp.transfer
	}
	offset := imp.c.offset(imp.peer)
	r := &intake.Rules{
		Repository: imp.peer.ID, Run: imp.run, Peer: imp.peer.Name, Rules: rules, Own: imp.own,
		Offset: offset, Now: imp.c.now.Add(offset),
		Partial: true, Passive: true, Based: imp.sealing, ServedSeq: served.Seq, Hasher: new(core.Hasher),
		Hold: imp.hold, Told: func(rec *core.Record, v core.Verdict) { imp.tell(imp.now, imp.item, rec.Link(), v) },
		Conflict: func(c core.Conflict) { imp.now.winners[c.Record] = c.Winner },
	}
	if imp.sealing {
		r.Stands = imp.seal
	}
	if imp.shown != nil {
		r.Shows = imp.shown.column
	}
	imp.rules[resource] = r
	return r, nil
}

// document applies one document, page by page. A page that cannot be read to
// its end is not applied.
func (imp *importer) document(ctx context.Context, r io.Reader) error {
	pages := imp.read(r)
	defer func() {
		pages.close()
		imp.counts.Dropped += pages.decoder.Dropped()
	}()
	for p := pages.next(); p != nil; {
		if p.err != nil {
			return p.err
		}
		err := imp.arm(ctx, p)
		if err == nil {
			p, err = imp.apply(ctx, p, pages)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// apply stores a page, and those behind it that are there in time, in one transaction.
// It returns the page that follows, nil at the end.
func (imp *importer) apply(ctx context.Context, p *page, pages *pages) (next *page, err error) {
	if len(p.items) == 0 {
		return pages.next(), nil
	}
	if err := imp.loadRules(ctx, p); err != nil {
		return nil, err
	}
	var applied []*page
	began := imp.c.opts.Now()
	err = imp.c.store.Import(ctx, func(tx intake.Tx) error {
		for masters := 0; ; p, next = next, nil {
			masters += len(p.items)
			if err := imp.applyPage(ctx, tx, p); err != nil {
				return err
			}
			pages.rooms.Leave(p.room, p.counts)
			applied = append(applied, p)
			if len(p.uploads) > 0 || masters >= imp.c.opts.Import || imp.c.opts.Now().Sub(began) >= importTime || imp.c.store.Awaited() {
				return nil
			}
			if next = pages.soon(); !imp.fits(next) {
				return nil
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, a := range applied {
		imp.conclude(a)
	}
	for _, a := range applied {
		if err := imp.keepUploads(ctx, a); err != nil {
			return nil, err
		}
	}
	if next == nil {
		next = pages.next()
	}
	return next, nil
}

func (imp *importer) applyPage(ctx context.Context, tx intake.Tx, p *page) error {
	imp.now = p
	imp.shown.look(p)
	for i := range p.items {
		if err := imp.applyItem(ctx, tx, p, &p.items[i]); err != nil {
			return err
		}
	}
	p.items = nil // what is asked for later has been noted
	return nil
}

// fits reports whether a page can be applied in the transaction under way: that it is
// there, and the rules for all that is in it are.
func (imp *importer) fits(p *page) bool {
	if p == nil || p.err != nil {
		return false
	}
	for i := range p.items {
		if r := p.items[i].rec.Resource; imp.allowed[r] && imp.rules[r] == nil {
			return false
		}
	}
	return true
}

// loadRules fetches the rules of a page before its transaction begins.
func (imp *importer) loadRules(ctx context.Context, p *page) error {
	if _, err := imp.rulesFor(ctx, imp.resource); err != nil {
		return err
	}
	for i := range p.items {
		if r := p.items[i].rec.Resource; imp.allowed[r] {
			if _, err := imp.rulesFor(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (imp *importer) applyItem(ctx context.Context, tx intake.Tx, p *page, it *item) error {
	if it.bad == nil {
		it.bad = unfit(it.rec)
	}
	if it.bad == nil {
		it.bad = p.takeUploads(it.rec)
	}
	if it.bad != nil {
		return imp.reject(ctx, tx, p, it)
	}
	if rule := imp.excluded(it.rec); rule != "" {
		imp.skip(p, it, rule)
		return nil
	}
	if it.rec.Resource == imp.resource {
		p.masters++
	}
	imp.item = it
	counts, err := intake.Apply(ctx, tx, imp.rules[it.rec.Resource], it.rec)
	p.counts.Add(counts)
	return err
}

// seal notes what stands here as it came, for a peer that wants to know; see
// intake.Rules.Stands.
func (imp *importer) seal(l core.Link, content core.Hash, modifiedOn core.MTime) {
	imp.now.seals = append(imp.now.seals, core.SealOf(l, content, modifiedOn))
}

// unfit says what makes a well-formed record impossible to store, nil if
// nothing does.
func unfit(rec *core.Record) *s3xml.RecordError {
	var bad *s3xml.RecordError
	_ = rec.Walk(func(r *core.Record) error { // never fails: fn does not
		if bad == nil && !core.ValidUUID(r.UUID) {
			bad = &s3xml.RecordError{Element: "resource", Record: rec.Link(), Reason: fmt.Sprintf("%.128q cannot be a uuid", r.UUID),
				Content: string(s3xml.AppendRecord(nil, rec))}
		}
		return nil
	})
	return bad
}

// reject sets a record aside that cannot be read.
func (imp *importer) reject(ctx context.Context, tx intake.Tx, p *page, it *item) error {
	counts, err := intake.Reject(ctx, tx, imp.rules[imp.resource], it.bad.Record, it.bad.Reason, it.bad.Error(), it.bad.Content)
	p.counts.Add(counts)
	imp.tell(p, it, it.bad.Record, core.Verdict{State: core.StateQuarantined, Rule: it.bad.Reason})
	return err
}

// ruleStub marks records that only name the target of a reference: Eden needs
// them for its super-keys (spec §7); we do not.
const ruleStub = "only a name"

// excluded says why a record is not for us, "" if it is.
func (imp *importer) excluded(rec *core.Record) string {
	switch {
	case !imp.allowed[rec.Resource]:
		return fmt.Sprintf("%s is not shared", rec.Resource)
	case isStub(rec):
		return ruleStub
	}
	return ""
}

// isStub reports whether a record is only named. A Fieldsync dates that as it has last seen it.
func isStub(rec *core.Record) bool {
	undated := rec.ModifiedOn == 0 || rec.MCI == core.MCIUnknown && rec.CreatedOn == 0
	return undated && !rec.Deleted && len(rec.Fields) == 0 && len(rec.Components) == 0 && rec.Unknown == ""
}

// skip counts a record and its components as filtered.
func (imp *importer) skip(p *page, it *item, rule string) {
	_ = it.rec.Walk(func(rec *core.Record) error { // never fails: fn does not
		p.counts.Count(core.StateFiltered)
		imp.tell(p, it, rec.Link(), core.Verdict{State: core.StateFiltered, Rule: rule})
		return nil
	})
}

// conclude makes a committed page count.
func (imp *importer) conclude(p *page) {
	imp.counts.Add(p.counts)
	imp.masters += p.masters
	imp.seals = append(imp.seals, p.seals...)
	imp.created, imp.updated, imp.deleted = append(imp.created, p.created...), append(imp.updated, p.updated...), append(imp.deleted, p.deleted...)
	for resource := range p.changed {
		imp.changed[resource] = true
	}
	for _, r := range p.refusals {
		imp.refuse(r)
	}
}

func (imp *importer) refuse(r s3xml.Refusal) {
	if len(imp.refusals) >= maxRefusals {
		imp.more++
		return
	}
	imp.refusals = append(imp.refusals, r)
}

// refusal says why what the peer sent does not stand here, "" if it does.
func refusal(v core.Verdict, winner string) string {
	switch v.State {
	case core.StateKept:
		if v.Rule == core.RuleOnlyHere {
			return "" // the peer sent what it was given: it asked for no change
		}
		return "Not taken over, the version here stays: " + v.Rule
	case core.StateConflict:
		switch winner {
		case "ours":
			return "Not taken over, changed on both sides: " + v.Rule
		case "":
			return "Changed on both sides: a person here will decide"
		}
	case core.StateFiltered:
		if v.Rule != ruleStub {
			return "Not taken over: " + v.Rule
		}
	case core.StateQuarantined:
		return v.Rule
	}
	return ""
}

// reply is the message that ends a push (spec §11.10). Eden's active side does
// not look at it; a Fieldsync does.
func (imp *importer) reply() s3xml.Message {
	m := s3xml.Message{Status: "success", StatusCode: "200", Records: imp.masters,
		Created: imp.created, Updated: imp.updated, Deleted: imp.deleted, Seals: imp.seals}
	if len(imp.refusals) > 0 {
		m.Message, m.Tree = imp.summary(), imp.refusals
	}
	return m
}

// summary is one sentence about what was not taken over.
func (imp *importer) summary() string {
	first := imp.refusals[0]
	return fmt.Sprintf("%d of %d records were not taken over; the first: %s (%s %s)",
		len(imp.refusals)+imp.more, imp.counts.Received, first.Error, first.Link.Resource, first.Link.UUID)
}

// details are the counts and the first refusals, for the log.
func (imp *importer) details() string {
	var b strings.Builder
	b.WriteString(imp.counts.String())
	for i, r := range imp.refusals {
		if i == 20 {
			fmt.Fprintf(&b, "\n… and %d more", len(imp.refusals)-i+imp.more)
			break
		}
		fmt.Fprintf(&b, "\n%s %s: %s", r.Link.Resource, r.Link.UUID, r.Error)
	}
	return b.String()
}
