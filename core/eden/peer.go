// Package eden is one peer over HTTP: a Sahana Eden, or another Fieldsync that
// speaks like one. It is the only place that knows URLs, status codes and what a
// server says when it means something else (spec eden-sync-protocol §3).
package eden

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/hashicorp/go-retryablehttp"
)

var _ replicate.Peer = (*Peer)(nil)

// Options are what a Peer may be told; the zero value of each is its default.
type Options struct {
	// UserAgent is sent with every request. Default "Fieldsync".
	UserAgent string

	// Connect bounds name look-up, connection and TLS handshake, each. 15 s.
	Connect time.Duration
	// Answer bounds the wait for the first byte of a reply to a pull or a push:
	// an Eden takes minutes to put a big table together. 5 min.
	Answer time.Duration
	// Idle bounds the silence inside a reply. 60 s.
	Idle time.Duration
	// Small bounds a small request as a whole: registration, probe, schema. 60 s.
	Small time.Duration

	// Retries is how often a request that changes nothing is repeated after a
	// broken connection. 2; negative: never.
	Retries int
	// RetryWait is the pause before the first repetition. 1 s.
	RetryWait time.Duration
	// RetryMax is the longest pause a peer may ask for (Retry-After) and get;
	// above it the request ends as Busy. 20 s.
	RetryMax time.Duration

	// MaxReply bounds a document, unpacked, in bytes. 8 GiB.
	MaxReply int64
	// MaxMessage bounds replies that are held in memory. 32 MiB.
	MaxMessage int64

	Log *slog.Logger
	Now func() time.Time
	// Transport, if set, may wrap the transport; for tests.
	Transport func(http.RoundTripper) http.RoundTripper
}

func (o Options) filled() Options {
	fill(&o.UserAgent, "Fieldsync")
	fill(&o.Connect, 15*time.Second)
	fill(&o.Answer, 5*time.Minute)
	fill(&o.Idle, time.Minute)
	fill(&o.Small, time.Minute)
	fill(&o.Retries, 2)
	fill(&o.RetryWait, time.Second)
	fill(&o.RetryMax, 20*time.Second)
	fill(&o.MaxReply, 8<<30)
	fill(&o.MaxMessage, 32<<20)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func fill[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// A Peer is a repository while we talk to it. Its methods may be called from
// several goroutines.
type Peer struct {
	repo core.Repository
	node core.Node
	opts Options
	base *url.URL
	hush *strings.Replacer // see newHush
	// client sends once; retrying repeats what changes nothing. Both are the
	// same http.Client below.
	client   *http.Client
	retrying *retryablehttp.Client

	mu         sync.Mutex             // guards the rest
	plain      map[core.Resource]bool // resources whose own controller does not answer
	registered bool                   // Register succeeded in the life of this Peer
	pushed     int                    // bytes of the last push, a MiB at most: the next one is about as large
	unpacks    *packing.Coding        // what it says that it unpacks; nil: nothing, as any Eden
	plainOnly  bool                   // it does not, whatever it says
}

// New returns the peer of a repository. The error is a Problem about a setting:
// the address, the proxy or the CA file.
func New(repo core.Repository, node core.Node, opts Options) (*Peer, error) {
	address, err := core.NormalizeURL(repo.URL)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, core.Invalid("url", "This is not a web address. An example: https://hub.example.org/eden.")
	}
	p := &Peer{repo: repo, node: node, opts: opts.filled(), base: base, hush: newHush(repo, node), plain: map[core.Resource]bool{}}
	if err := p.buildClient(); err != nil {
		return nil, err
	}
	return p, nil
}

// Close gives up idle connections. The Peer may be used again afterwards: after
// a sleep or a change of network that is the way to fresh connections.
func (p *Peer) Close() { p.client.CloseIdleConnections() }

// usesSyncOnly reports whether the resource's own controller was found not to
// answer.
func (p *Peer) usesSyncOnly(r core.Resource) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plain[r]
}

func (p *Peer) setSyncOnly(r core.Resource, why *core.Problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plain[r] = true
	p.opts.Log.Debug("The resource has no controller of its own", "repository", p.repo.Name, "resource", r, "reason", why.Err)
}
