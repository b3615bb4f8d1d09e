package replicate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// OwnServer is what a Fieldsync answers in the Server header.
const OwnServer = "Fieldsync"

// clockNoise is what cannot be told from no difference at all: the Date header
// has whole seconds and travels for a while.
const clockNoise = 2 * time.Second

// connect finds out who answers, and how far the clocks are apart.
func (r *run) connect(ctx context.Context) error {
	r.progress("", event.StepConnect, 0, 0)
	r.verbose = r.Log != nil && r.Log.Enabled(ctx, slog.LevelDebug)
	node, err := r.Store.Node(ctx)
	if err != nil {
		return err
	}
	r.node = node
	if err := r.stand(ctx); err != nil {
		return r.refused(ctx, "check identity", err)
	}
	if r.peer, err = r.Connect(r.repo, r.node); err != nil {
		return r.refused(ctx, "connect", err)
	}
	id, err := r.probe(ctx)
	if err != nil {
		return r.refused(ctx, "connect", err)
	}
	if err := r.identify(ctx, id); err != nil {
		return r.refused(ctx, "connect", err)
	}
	r.own = id.Server == OwnServer
	if err := r.recognise(ctx, id); err != nil {
		return r.refused(ctx, "check identity", err)
	}
	r.clock(ctx, id)
	return nil
}

// probe asks who answers. What lies outside the database learns of the handshake
// meanwhile: that is files of its own, which the disk is waited for.
func (r *run) probe(ctx context.Context) (Identity, error) {
	token := r.node.Handshake.Next
	if token == "" {
		return r.peer.Probe(ctx)
	}
	if r.tuning.InTurn {
		if err := r.Store.BearWitness(ctx, token); err != nil {
			return Identity{}, err
		}
		return r.peer.Probe(ctx)
	}
	borne := make(chan error, 1)
	go func() { borne <- core.Caught(func() error { return r.Store.BearWitness(ctx, token) }) }()
	id, err := r.peer.Probe(ctx)
	return id, cmp.Or(<-borne, err)
}

// identify refuses a peer that is not the one we know: its records would be
// taken for changes (PROMISES 4). One that another repository leads to as well is refused, too:
// what is agreed on with a server is remembered once.
func (r *run) identify(ctx context.Context, id Identity) error {
	if id.UUID == "" {
		return nil
	}
	if id.UUID == r.node.UUID {
		return core.Invalid("url", "This address leads back to this Fieldsync itself.")
	}
	if r.repo.UUID != "" && r.repo.UUID != id.UUID {
		return &core.Problem{Kind: core.IdentityChanged, Subject: r.repo.Name,
			Err: fmt.Errorf("expected %s, found %s", r.repo.UUID, id.UUID)}
	}
	if r.repo.UUID == "" {
		switch other, err := r.Store.PeerByUUID(ctx, id.UUID); {
		case err == nil && other.ID != r.repo.ID:
			return core.Invalid("url", "This is the same server as %s, which is set up already. Give %s this address, and remove the other one.", other.Name, other.Name)
		case err != nil && !errors.Is(err, core.ErrNotFound):
			return err
		}
	}
	r.repo.UUID = id.UUID
	return nil
}

// clock measures the difference of the clocks. Beyond a day times decide nothing
// until somebody confirms: NEWER becomes a question (PROMISES 6).
func (r *run) clock(ctx context.Context, id Identity) {
	if !id.OffsetKnown {
		r.offset = time.Duration(r.repo.ClockOffset) * time.Second
		return
	}
	if r.offset = id.Offset.Round(time.Second); r.offset.Abs() <= clockNoise {
		r.offset = 0
	}
	r.repo.ClockOffset = int64(r.offset / time.Second)
	if r.offset.Abs() <= core.MaxClockDifference || r.opts.Confirm {
		return
	}
	r.trusted = false
	p := &core.Problem{Kind: core.ClockWrong, Subject: r.repo.Name}
	r.log(ctx, core.LogEntry{Resource: "none", Mode: "none", Direction: "outgoing", Action: "check clock", Result: core.ResultWarning,
		Message: p.Sentence(), Details: fmt.Sprintf("offset %s", r.offset)})
}

// register makes us known at the peer, which a push needs.
func (r *run) register(ctx context.Context) error {
	sender, err := r.peer.Register(ctx, r.node)
	if err != nil {
		return r.refused(ctx, "request registration", err)
	}
	if err := r.identify(ctx, Identity{UUID: sender}); err != nil {
		return r.refused(ctx, "request registration", err)
	}
	r.repo.Registered, r.repo.RegisteredAs, r.registered = core.MTimeOf(r.now()), r.node.Name, true
	r.log(ctx, core.LogEntry{Resource: "none", Mode: "register", Direction: "outgoing", Action: "request registration", Result: core.ResultSuccess,
		Message: core.LogRegistered})
	return r.Store.SaveRepository(ctx, r.repo)
}

// introduced does what a peer lets those do who have registered. One that has forgotten us, as
// when it was restored from a backup of before, is told once more, and asked again.
func (r *run) introduced(ctx context.Context, do func() error) error {
	err := do()
	if !core.AsProblem(err).UnknownThere() || r.opts.DryRun || r.registered {
		return err
	}
	if err := r.register(ctx); err != nil {
		return err
	}
	return do()
}

// refused logs a trouble that belongs to no task and returns it.
func (r *run) refused(ctx context.Context, action string, err error) error {
	p := core.AsProblem(err)
	mode := "login"
	if action == "request registration" {
		mode = "register"
	}
	r.log(ctx, core.LogEntry{Resource: "none", Mode: mode, Direction: "outgoing", Action: action, Result: p.Result(), Remote: p.Remote(),
		Message: p.Sentence(), Details: p.Error()})
	r.grave(p)
	return p
}

// peerNow is the time by the peer's clock.
func (r *run) peerNow() core.MTime { return core.MTimeOf(r.now().Add(r.offset)) }
