// Package responder is the passive side: it answers a peer that registers,
// pulls and pushes, be it a Sahana Eden or another Fieldsync (spec
// eden-sync-protocol §18.2, DESIGN §6). It knows paths, status codes and
// accounts; what is applied and how is decided by package intake.
//
// Nothing is given to, or taken from, a peer that an administrator has not
// accepted; only shared resources travel, never accounts or settings.
package responder

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/packing"
)

// Options are what an administrator or a test may choose. The zero value of
// each field means the default named with it.
type Options struct {
	Prefix string // application path, default "/eden"; paths without it are answered too
	Realm  string // of the login, default "fieldsync"
	// URL is our public address with the prefix, for links in documents; by
	// default what the caller called us.
	URL string

	MaxBody       int64         // bytes of one request, default 64 MiB
	MaxHeader     int           // bytes of all headers, default 32 KiB
	MaxConcurrent int           // requests at a time, default 32
	Rate          float64       // requests a second from one address, default 100
	Burst         int           // and at once, default 400
	HeaderTimeout time.Duration // to receive the headers, default 10 s
	ReadTimeout   time.Duration // without a byte of the body, default 1 min
	WriteTimeout  time.Duration // without taking a byte of the answer, default 2 min
	IdleTimeout   time.Duration // between requests, default 2 min
	Grace         time.Duration // for requests under way when serving ends, default 10 s

	// Certificate makes it TLS. Without one only loopback is served, unless
	// Insecure insists.
	Certificate *Certificate
	Insecure    bool

	// Welcome accepts every peer that registers, at once: for the practice
	// repository, never for real data.
	Welcome bool

	// Page is how many top-level records of a push are read before they are applied,
	// all or none of them, default 500. Of pages that come quickly one after the other
	// several are applied in one transaction, until it has Import records, default
	// 20,000, or somebody here waits to write.
	Page, Import int
	// InTurn makes one goroutine read a push and apply it, for tests that must be able
	// to replay.
	InTurn bool

	Now    func() time.Time // the clock, default time.Now
	Log    *slog.Logger     // default: nowhere
	Events *event.Bus       // told of log rows and of changed resources; may be nil
}

func (o Options) filled() Options {
	set(&o.Prefix, "/eden")
	o.Prefix = "/" + strings.Trim(o.Prefix, "/")
	set(&o.Realm, "fieldsync")
	set(&o.MaxBody, 64<<20)
	set(&o.MaxHeader, 32<<10)
	set(&o.Page, pageRecords)
	set(&o.Import, 40*pageRecords)
	set(&o.MaxConcurrent, 32)
	set(&o.Rate, 100)
	set(&o.Burst, 400)
	set(&o.HeaderTimeout, 10*time.Second)
	set(&o.ReadTimeout, time.Minute)
	set(&o.WriteTimeout, 2*time.Minute)
	set(&o.IdleTimeout, 2*time.Minute)
	set(&o.Grace, 10*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// A Responder answers peers. It is an http.Handler; Serve also owns a listener.
type Responder struct {
	store   Store
	opts    Options
	logins  *logins
	limits  *limits
	journal *journal
}

// New returns a responder that answers from store.
func New(store Store, opts Options) *Responder {
	opts = opts.filled()
	return &Responder{
		store:   store,
		opts:    opts,
		logins:  newLogins(store, opts.Now),
		limits:  newLimits(opts),
		journal: newJournal(store, opts),
	}
}

// A call is one request with what is known about it.
type call struct {
	*Responder
	w       http.ResponseWriter
	req     *http.Request
	path    string // below the prefix, without slashes at the ends
	query   query
	account core.Account
	now     core.MTime
	body    *patient // of a push, once it is being read
}

// ServeHTTP answers one request.
func (r *Responder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h := w.Header()
	h.Set("Server", "Fieldsync")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Accept-Encoding", packing.Accepted) // in requests to come
	if req.Body == http.NoBody {
		// The server goes on reading while we work, to notice that the caller
		// has gone; at the deadline it would take a slow answer for that.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // where there are none, none is in the way
	}
	c := &call{Responder: r, w: w, req: req, now: core.MTimeOf(r.opts.Now())}
	var err error
	bug := core.Careful(r.opts.Log, "an answer", func() error { err = c.answer(req.Context()); return nil })
	switch {
	case bug != nil: // told in the log; the answer may have begun, and is not to be taken for whole
		panic(http.ErrAbortHandler)
	case err != nil:
		c.fail(err)
	}
}

// answer lets the request through one gate after the other.
func (c *call) answer(ctx context.Context) error {
	switch c.req.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut:
	default:
		return notAllowed("GET, POST, PUT")
	}
	if wait := c.limits.tooMany(c.req.RemoteAddr); wait > 0 {
		return busy(http.StatusTooManyRequests, "Too many requests", wait)
	}
	leave, err := c.limits.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	c.account, err = c.logins.check(c.req)
	if err != nil {
		return err
	}
	if c.query, err = parseQuery(c.req.URL.RawQuery); err != nil {
		return err
	}
	handler, err := c.route()
	if err != nil {
		return err
	}
	return handler(ctx, c)
}

// fail answers with what went wrong. Once an answer has begun, all that can be
// done is to break it off, so that it is not taken for whole.
func (c *call) fail(err error) {
	var begun *brokenOff
	if errors.As(err, &begun) {
		c.opts.Log.Warn("Answer broken off", "path", c.req.URL.Path, "err", err)
		panic(http.ErrAbortHandler)
	}
	a := asAnswer(err)
	if a.status >= http.StatusInternalServerError {
		c.opts.Log.Error("Request failed", "path", c.req.URL.Path, "err", err)
	} else {
		c.opts.Log.Info("Request refused", "path", c.req.URL.Path, "status", a.status, "account", c.account.Name, "reason", a.message)
	}
	a.write(c.w, c.opts.Realm)
}
