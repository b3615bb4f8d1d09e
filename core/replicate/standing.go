package replicate

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// stand makes sure that this node is the only one of its identity and has not
// gone back in time, as far as can be told here, and prepares the handshake by
// which a Fieldsync at the other end can tell more (PROMISES 5).
func (r *run) stand(ctx context.Context) error {
	standing, err := r.Store.Standing(ctx)
	if err != nil {
		return err
	}
	if p := standing.Problem(); p != nil {
		return p
	}
	if r.opts.DryRun {
		return nil
	}
	r.node.Handshake, err = r.Store.Handshake(ctx, r.repo.ID, r.begins)
	return err
}

// recognise compares what the peer remembers of us with our own past: a token
// that we gave it, but not lately, means that the peer went back in time; one that
// we do not know, that we did, or that another node has our identity.
func (r *run) recognise(ctx context.Context, id Identity) error {
	h := r.node.Handshake
	switch {
	case !r.own || h.Next == "":
		return nil
	case id.Remembers == "" && !h.Adopt:
		// It did not know us yet, or begins to remember now: what was given it
		// before may still be under way.
		return nil
	case h.Fits(id.Remembers) && !h.Adopt && h.Confirmed != "" && id.Remembers != h.Confirmed:
		// It took what it remembers in a run of which nobody heard that it did, or after it had
		// forgotten us: what both agreed on is looked for first.
		r.greeted = true
		return nil
	case h.Fits(id.Remembers):
		r.remembered = !h.Adopt
		return r.Store.Confirmed(ctx, r.repo.ID, h.Next)
	}
	gave, since, err := r.Store.Gave(ctx, r.repo.ID, id.Remembers)
	if err != nil {
		return err
	}
	if since {
		return r.greetAgain(ctx, id.Remembers)
	}
	if gave {
		return &core.Problem{Kind: core.WentBack, Subject: r.repo.Name, Err: fmt.Errorf("it remembers an older handshake")}
	}
	return &core.Problem{Kind: core.NodeWentBack, Err: fmt.Errorf("%s remembers another handshake than ours", r.repo.Name)}
}

// forgot reports whether a Fieldsync that has remembered our runs is not known to remember the last
// one: it may have been restored from a backup of before it ever heard of us.
func (r *run) forgot() bool { return r.own && !r.remembered && r.node.Handshake.Confirmed != "" }

// greetAgain greets a peer by the token that it remembers, which the greeting did not
// name: its answer was lost, and more runs than a greeting names have reached nobody
// since. It has not taken the new token, by which a restoring to before this run
// would be recognised. Every time it remembers a younger one, so that this ends.
func (r *run) greetAgain(ctx context.Context, remembered string) (err error) {
	if err = r.Store.Confirmed(ctx, r.repo.ID, remembered); err != nil {
		return err
	}
	if r.node.Handshake, err = r.Store.Handshake(ctx, r.repo.ID, nil); err != nil {
		return err
	}
	if r.peer, err = r.Connect(r.repo, r.node); err != nil {
		return err
	}
	id, err := r.probe(ctx)
	if err != nil {
		return err
	}
	if err := r.identify(ctx, id); err != nil {
		return err
	}
	return r.recognise(ctx, id)
}

// settle ends what a person's word about who is who allows, and has a peer count as one that
// remembers us, once a run has seen everything. A table that could not be read now is read by
// the next run.
func (r *run) settle(ctx context.Context) error {
	if r.opts.DryRun || len(r.opts.Resources) > 0 || r.worst != nil && r.worst.Retryable() {
		return nil
	}
	if r.greeted {
		return r.Store.Confirmed(ctx, r.repo.ID, r.node.Handshake.Next)
	}
	if asked := r.node.Handshake.Adopt || r.repo.TakeOlder; !asked {
		return nil
	}
	r.repo.TakeOlder = false
	return r.Store.Settled(ctx, r.repo.ID)
}
