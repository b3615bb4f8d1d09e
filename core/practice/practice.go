// Package practice is a repository to try everything on: a responder on this
// computer's loopback, inside the program, with invented but lively records of
// a relief operation. It can also let a colleague change something, or make a
// conflict, so that one sees what Fieldsync does.
package practice

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
)

// The login of the practice repository. It guards nothing: the records are
// invented, and only this computer reaches them.
const (
	Username               = "field.worker@example.org"
	Password   core.Secret = "practice"
	Name                   = "Practice repository"
	pathPrefix             = "/eden"
)

// Options are what may be chosen. The zero value of each means the default.
type Options struct {
	Now  func() time.Time // the clock, default time.Now
	Seed uint64           // of the sample data; the same seed, the same records and UUID
	Log  *slog.Logger     // default: nowhere
}

// A Practice is a running practice repository.
type Practice struct {
	store *memory.Store
	now   func() time.Time
	node  core.Node
	url   string

	stop  context.CancelFunc
	ended chan error

	mu  sync.Mutex // guards rng: colleagues come one at a time
	rng *rand.Rand
}

// Start makes the sample data and serves it until ctx ends or Close is called.
func Start(ctx context.Context, opts Options) (*Practice, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	p := &Practice{
		now:   opts.Now,
		node:  core.Node{UUID: nodeUUID(opts.Seed), Name: Name},
		rng:   rand.New(rand.NewPCG(opts.Seed, 0xc011ea6e)),
		ended: make(chan error, 1),
	}
	if err := p.fill(ctx, opts.Seed); err != nil {
		return nil, fmt.Errorf("practice data: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("practice repository: %w", err)
	}
	p.url = "http://" + listener.Addr().String() + pathPrefix
	ctx, p.stop = context.WithCancel(ctx)
	r := responder.New(p.store, responder.Options{Prefix: pathPrefix, Welcome: true, Now: opts.Now, Log: opts.Log,
		Rate: 10000, Burst: 10000, Grace: time.Second})
	p.run(opts.Log, func() error { return r.Serve(ctx, listener) })
	return p, nil
}

// run answers until that ends. A bug in it ends the practice repository alone.
func (p *Practice) run(log *slog.Logger, serve func() error) {
	go func() { p.ended <- core.Careful(log, "the practice repository", serve) }()
}

func nodeUUID(seed uint64) string {
	return core.UUIDPrefix + uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "fieldsync practice %d", seed)).String()
}

func (p *Practice) fill(ctx context.Context, seed uint64) error {
	p.store = memory.New(p.node, p.now)
	hash, err := responder.HashPassword(Password)
	if err != nil {
		return err
	}
	p.store.SaveAccount(core.Account{Name: Username, Hash: hash, Created: core.MTimeOf(p.now())})
	p.store.Share(Resources()...)
	for _, s := range schemas() {
		p.store.SaveSchema(s)
		p.store.Share(s.Resource)
	}
	return p.store.Fill(ctx, sample(seed, core.MTimeOf(p.now())))
}

// Is reports whether r is a practice repository, running or not: its records are
// invented, and must reach no other server.
func Is(r core.Repository) bool {
	if r.UUID == nodeUUID(0) {
		return true
	}
	u, err := url.Parse(r.URL)
	return err == nil && r.Username == Username && u.Hostname() == "127.0.0.1"
}

// Close ends the repository and waits for it. What was in it is gone.
func (p *Practice) Close() error {
	p.stop()
	err := <-p.ended
	p.ended <- nil // a second Close returns at once
	return err
}

// URL is the address to register, with its path.
func (p *Practice) URL() string { return p.url }

// UUID is the repository's identity.
func (p *Practice) UUID() string { return p.node.UUID }

// Repository returns the settings to reach the practice repository.
func (p *Practice) Repository() core.Repository {
	return core.Repository{Name: Name, URL: p.url, Username: Username, Password: Password, Proxy: "none"}
}

// Record returns the repository's own version of a record, without components;
// core.ErrNotFound.
func (p *Practice) Record(link core.Link) (core.Record, error) {
	return p.store.Record(context.Background(), link)
}

// Records returns the living records of a resource, without components.
func (p *Practice) Records(resource core.Resource) []core.Record { return p.store.Records(resource) }

// Log returns what the repository has logged about its peers, oldest first.
func (p *Practice) Log() []core.LogEntry { return p.store.Log() }

// Store is the repository's store, for a test that looks deeper.
func (p *Practice) Store() *memory.Store { return p.store }
