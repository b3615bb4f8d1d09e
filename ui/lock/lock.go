package lock

import (
	"context"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Idle is how long the configuration stays open without a change.
const Idle = 5 * time.Minute

// After patience wrong tries in a row one has to wait, twice as long each time, at
// most longestWait.
const (
	patience    = 5
	firstWait   = 15 * time.Second
	longestWait = 5 * time.Minute
)

// shortest is how many characters a passcode needs.
const shortest = 4

// A Store keeps the hash of the passcode, "" for none.
type Store interface {
	Passcode(ctx context.Context) (string, error)
	SetPasscode(ctx context.Context, hash string) error
}

// A Lock is open or shut. Its methods may be called from any goroutine.
type Lock struct {
	store Store
	now   func() time.Time

	mu     sync.Mutex // guards the rest
	hash   string
	until  time.Time // open until then
	wrong  int
	closed time.Time // no try before then
}

// New returns a lock over the store; Load must be called before it keeps anything.
func New(store Store, now func() time.Time) *Lock { return &Lock{store: store, now: now} }

// Load reads whether there is a passcode.
func (l *Lock) Load(ctx context.Context) error {
	hash, err := l.store.Passcode(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.hash = hash
	}
	return err
}

// Set reports whether there is a passcode.
func (l *Lock) Set() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hash != ""
}

// Open reports whether the configuration may be seen and changed now.
func (l *Lock) Open() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hash == "" || l.now().Before(l.until)
}

// Left returns how long it stays open if nothing happens.
func (l *Lock) Left() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until.Sub(l.now())
}

// Touch keeps an open lock open for a while more: somebody is working.
func (l *Lock) Touch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now().Before(l.until) {
		l.until = l.now().Add(Idle)
	}
}

// Shut locks at once.
func (l *Lock) Shut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
}

// Try opens the lock with the passcode. The error is a Problem for the person; it
// takes a noticeable fraction of a second.
func (l *Lock) Try(passcode core.Secret) error {
	l.mu.Lock()
	hash, wait := l.hash, l.closed.Sub(l.now())
	l.mu.Unlock()
	if wait > 0 {
		return core.Invalid("passcode", tr.N("Too many wrong tries. Wait {{.N}} seconds.", int(wait/time.Second)+1))
	}
	ok := responder.VerifyPassword(hash, passcode)
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok {
		l.wrong, l.until = 0, l.now().Add(Idle)
		return nil
	}
	l.wrong++
	if over := l.wrong - patience; over >= 0 {
		l.closed = l.now().Add(min(firstWait<<min(over, 10), longestWait))
	}
	return core.Invalid("passcode", tr.L("That is not the passcode."))
}

// Change sets another passcode, or takes it away for "". The lock must be open,
// and stays open.
func (l *Lock) Change(ctx context.Context, passcode, again core.Secret) error {
	if !l.Open() {
		return core.Invalid("passcode", tr.L("Enter the present passcode first."))
	}
	hash := ""
	if passcode != "" {
		if trouble := Trouble(passcode); trouble != "" {
			return core.Invalid("passcode", trouble)
		}
		if passcode != again {
			return core.Invalid("again", tr.L("The two are not the same."))
		}
		var err error
		if hash, err = responder.HashPassword(passcode); err != nil {
			return err
		}
	}
	if err := l.store.SetPasscode(ctx, hash); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hash, l.until = hash, l.now().Add(Idle)
	return nil
}

// Trouble says what is wrong with a passcode as it is typed, "" if nothing.
func Trouble(passcode core.Secret) string {
	if n := len([]rune(passcode.Reveal())); n < shortest {
		return tr.N("At least {{.N}} characters.", shortest)
	}
	return ""
}
