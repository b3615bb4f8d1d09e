package eden

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

var node = core.Node{UUID: "urn:uuid:11111111-2222-4333-8444-555555555555", Name: "field laptop 1"}

// quick are deadlines a test can wait for, and no pauses.
func quick() Options {
	return Options{Connect: 5 * time.Second, Answer: 5 * time.Second, Idle: 5 * time.Second, Small: 5 * time.Second, RetryWait: time.Millisecond, RetryMax: 20 * time.Millisecond}
}

func newPeer(t *testing.T, repo core.Repository, opts Options) *Peer {
	t.Helper()
	p, err := New(repo, node, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// connect returns an Eden where we are registered, and a peer for it.
func connect(t *testing.T) (*edentest.Server, *Peer) {
	t.Helper()
	s := edentest.New(t)
	s.Register(node.UUID)
	return s, newPeer(t, s.Repository(), quick())
}

// A pulled collects what a pull hands over.
type pulled struct {
	masters, others []core.Record
	bad             []replicate.BadRecord
	reply           replicate.PullReply
}

func pull(p *Peer, req replicate.PullRequest) (pulled, error) {
	return pullWith(context.Background(), p, req)
}

func pullWith(ctx context.Context, p *Peer, req replicate.PullRequest) (out pulled, err error) {
	out.reply, err = p.Pull(ctx, req, func(rec *core.Record, master bool, bad *replicate.BadRecord) error {
		switch {
		case bad != nil:
			out.bad = append(out.bad, *bad)
		case master:
			out.masters = append(out.masters, *rec)
		default:
			out.others = append(out.others, *rec)
		}
		return nil
	})
	return out, err
}

func uuids(recs []core.Record) []string {
	var out []string
	for _, r := range recs {
		out = append(out, r.UUID)
	}
	return out
}

// office makes a record of org_office modified n seconds after a fixed time.
func office(uuid, name string, n int) core.Record {
	rec := core.Record{Resource: "org_office", UUID: uuid, ModifiedOn: at(n), CreatedOn: at(0)}
	rec.Set(core.Field{Name: "name", Value: core.Text(name)})
	return rec
}

func at(n int) core.MTime {
	return core.MTimeOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second))
}

// wantKind fails unless err is a Problem of the kind with a sentence to read.
func wantKind(t *testing.T, err error, want core.Trouble) *core.Problem {
	t.Helper()
	var problem *core.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("got %v (%T), want a Problem of kind %d", err, err, want)
	}
	if problem.Kind != want {
		t.Fatalf("kind = %d, want %d: %v", problem.Kind, want, problem)
	}
	if problem.Message() == "" || problem.Op == "" {
		t.Errorf("the problem says nothing: %+v", problem)
	}
	return problem
}
