package responder

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

const (
	// verifiedFor is how long a login is believed without another Argon2 run:
	// a peer sends its password with every request.
	verifiedFor = 10 * time.Minute
	maxVerified = 1024
	maxUserName = 256 // bytes
	// argonRuns bounds the memory that logins take at a time.
	argonRuns = 2
)

// logins checks user names and passwords.
type logins struct {
	store Store
	now   func() time.Time
	key   [32]byte      // of this process; the cache is worthless without it
	runs  chan struct{} // a place for each Argon2 run
	slow  *slowdown

	decoyOnce sync.Once
	decoy     string // a hash for users that do not exist

	mu       sync.Mutex // guards verified
	verified map[[32]byte]time.Time
}

func newLogins(store Store, now func() time.Time) *logins {
	l := &logins{store: store, now: now, runs: make(chan struct{}, argonRuns), slow: newSlowdown(now), verified: make(map[[32]byte]time.Time)}
	_, _ = rand.Read(l.key[:]) // never fails (documented)
	return l
}

// check returns the account that the request logs in with, or the answer that
// refuses it. An unknown user costs as much time as a wrong password.
func (l *logins) check(req *http.Request) (core.Account, error) {
	user, pass, ok := req.BasicAuth()
	if !ok || user == "" || len(user) > maxUserName {
		return core.Account{}, unauthorized()
	}
	password := core.Secret(pass)
	account, err := l.store.Account(req.Context(), user)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return core.Account{}, err
	}
	exists := err == nil && !account.Disabled
	proof := l.proof(user, password, account.Hash)
	if exists && l.isVerified(proof) {
		return account, nil
	}
	address, name := "address "+addressKey(req.RemoteAddr), "account "+user
	if wait := max(l.slow.wait(address), l.slow.wait(name)); wait > 0 {
		return core.Account{}, busy(http.StatusTooManyRequests, "Too many failed logins; wait a little", wait)
	}
	right, err := l.verify(req, account.Hash, password, exists)
	if err != nil {
		return core.Account{}, err
	}
	if !right {
		l.slow.failed(address)
		l.slow.failed(name)
		return core.Account{}, unauthorized()
	}
	l.slow.succeeded(name)
	l.remember(proof)
	return account, nil
}

// verify runs Argon2 once, for an account that exists or not.
func (l *logins) verify(req *http.Request, hash string, password core.Secret, exists bool) (bool, error) {
	select {
	case l.runs <- struct{}{}:
		defer func() { <-l.runs }()
	case <-req.Context().Done():
		return false, req.Context().Err()
	}
	if !exists {
		l.decoyOnce.Do(func() { l.decoy, _ = HashPassword(core.Secret(rand.Text())) })
		VerifyPassword(l.decoy, password)
		return false, nil
	}
	return VerifyPassword(hash, password), nil
}

// proof identifies a login without holding the password. The stored hash is
// part of it: a changed password ends what was believed before.
func (l *logins) proof(user string, password core.Secret, hash string) (p [32]byte) {
	mac := hmac.New(sha256.New, l.key[:])
	for _, s := range []string{user, password.Reveal(), hash} {
		_, _ = mac.Write([]byte(s)) // a hash takes everything
		_, _ = mac.Write([]byte{0})
	}
	copy(p[:], mac.Sum(nil))
	return p
}

func (l *logins) isVerified(proof [32]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.verified[proof]
	return ok && l.now().Before(until)
}

func (l *logins) remember(proof [32]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.verified) >= maxVerified {
		clear(l.verified)
	}
	l.verified[proof] = l.now().Add(verifiedFor)
}
