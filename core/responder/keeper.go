package responder

import (
	"context"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// retryListening is how long after a place could not be taken it is tried again:
// the other program may have ended, the network come up.
const retryListening = 30 * time.Second

// A Keeper answers peers as long as an administrator wants it, and follows what is
// changed about it. Serve must be running for anything to happen.
type Keeper struct {
	// Settings reads whether and where peers are to be answered.
	Settings func(context.Context) (core.Serving, error)
	Store    Store
	Options  Options // the certificate is the keeper's own
	Dir      string  // where the certificate is kept

	asked chan chan State
}

// A State is how answering peers goes.
type State struct {
	On          bool
	URL         string // for a peer; "" while nobody listens
	Fingerprint string // of the certificate; "" without one
	Err         error  // why nobody listens although it is on
}

// NewKeeper returns a keeper over the store.
func NewKeeper(settings func(context.Context) (core.Serving, error), store Store, opts Options, dir string) *Keeper {
	return &Keeper{Settings: settings, Store: store, Options: opts, Dir: dir, asked: make(chan chan State)}
}

// Apply reads the settings again and says how it goes then.
func (k *Keeper) Apply(ctx context.Context) (State, error) {
	answer := make(chan State, 1)
	select {
	case k.asked <- answer:
	case <-ctx.Done():
		return State{}, ctx.Err()
	}
	select {
	case s := <-answer:
		return s, nil
	case <-ctx.Done():
		return State{}, ctx.Err()
	}
}

// Serve keeps to the settings until ctx ends; requests under way are let finish.
func (k *Keeper) Serve(ctx context.Context) error {
	retry := time.NewTicker(retryListening)
	defer retry.Stop()
	now := k.follow(ctx, nil)
	for {
		select {
		case <-ctx.Done():
			now.end()
			return nil
		case answer := <-k.asked:
			now = k.follow(ctx, now)
			answer <- now.state
		case err := <-now.ended: // it broke: begun again at the next tick
			now.stop()
			now.state.Err, now.state.URL, now.ended = err, "", nil
		case <-retry.C:
			if now.state.On && (now.state.Err != nil || now.ended == nil) {
				now = k.follow(ctx, now)
			}
		}
	}
}

// An attendance is one stretch of answering with the same settings.
type attendance struct {
	settings core.Serving
	state    State
	stop     context.CancelFunc
	ended    chan error // has one value when it ended; nil while nobody listens
}

func (a *attendance) end() {
	if a == nil || a.ended == nil {
		return
	}
	a.stop()
	a.state.Err = <-a.ended
}

func same(a, b core.Serving) bool {
	return a.On == b.On && a.Address == b.Address && slices.Equal(a.Hosts, b.Hosts)
}

// follow leaves what goes on as it is if the settings are the same.
func (k *Keeper) follow(ctx context.Context, was *attendance) *attendance {
	var settings core.Serving
	err := core.Careful(k.Options.Log, "looking whether peers are answered", func() (err error) {
		settings, err = k.Settings(ctx)
		return err
	})
	if was != nil && err == nil && was.ended != nil && same(was.settings, settings) {
		return was
	}
	was.end()
	now := &attendance{settings: settings, state: State{On: settings.On, Err: err}}
	if err != nil || !settings.On {
		return now
	}
	stand, err := Listen(ctx, Place{Address: settings.Address, Hosts: settings.Hosts, Dir: k.Dir})
	if err != nil {
		now.state.Err = err
		return now
	}
	opts := k.Options
	opts.Prefix, opts.Certificate = Prefix, stand.Certificate
	now.state.URL = stand.URL
	if stand.Certificate != nil {
		now.state.Fingerprint = stand.Certificate.Fingerprint()
	}
	serving, stop := context.WithCancel(ctx)
	now.stop, now.ended = stop, make(chan error, 1)
	ended := now.ended
	go func() {
		ended <- core.Careful(opts.Log, "answering peers", func() error { return New(k.Store, opts).Serve(serving, stand.Listener) })
	}()
	return now
}
