package responder_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
)

func TestAPasswordBelongsToItsHashOnly(t *testing.T) {
	hash, err := responder.HashPassword("größe 42")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=7168,t=5,p=1$") {
		t.Fatal(hash, err)
	}
	for _, tt := range []struct {
		hash     string
		password core.Secret
		want     bool
	}{
		{hash, "größe 42", true},
		{"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$vbqfNwKklYfUPy5bla8XRyEfLPcfsq22/nKez/mjWDk", "größe 42", true}, // of other costs
		{hash, "größe 43", false},
		{hash, "", false},
		{"", "größe 42", false},
		{"größe 42", "größe 42", false},
		{strings.Replace(hash, "argon2id", "argon2i", 1), "größe 42", false},
		{strings.Replace(hash, "m=7168", "m=999999999", 1), "größe 42", false},
		{hash[:len(hash)-4], "größe 42", false},
	} {
		if got := responder.VerifyPassword(tt.hash, tt.password); got != tt.want {
			t.Errorf("VerifyPassword(%q) = %v, want %v", tt.hash, got, tt.want)
		}
	}
	if again, err := responder.HashPassword("größe 42"); err != nil || again == hash {
		t.Error("two hashes of one password are the same", err)
	}
	if _, err := responder.HashPassword(""); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("an empty password: %v", err)
	}
}

func (s *site) login(name, pass string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.http.URL+"/eden/sync/sync.xml?resource=sync_config", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(name, pass)
	return s.do(http.MethodGet, "/eden/sync/sync.xml?resource=sync_config", "", "Authorization", req.Header.Get("Authorization"))
}

func TestWithoutAValidLoginNothingIsTold(t *testing.T) {
	s := newSite(t, nil)
	s.store.SaveAccount(core.Account{Name: "gone", Hash: hashed(), Disabled: true})
	for name, r := range map[string]reply{
		"no login":               s.get("/eden/sync/sync.xml?"+toOrganisations, "Authorization", ""),
		"no login, unknown path": s.get("/eden/nothing/here.xml", "Authorization", ""),
		"wrong password":         s.login(user, "nope"),
		"unknown user":           s.login("ghost@example.com", "testing"),
		"disabled account":       s.login("gone", "testing"),
		"not Basic":              s.get("/eden/sync/sync.xml", "Authorization", "Bearer x"),
	} {
		if r.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), `Basic realm="fieldsync"`) {
			t.Errorf("%s: %s %q", name, r.Status, r.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestRepeatedFailuresHaveToWait(t *testing.T) {
	s := newSite(t, nil)
	for i := range 5 {
		if r := s.login("guesser", "wrong"); r.StatusCode != http.StatusUnauthorized {
			t.Fatalf("attempt %d: %s", i+1, r.Status)
		}
	}
	r := s.login("guesser", "wrong")
	wait, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if r.StatusCode != http.StatusTooManyRequests || err != nil || wait < 1 {
		t.Fatalf("%s, Retry-After %q", r.Status, r.Header.Get("Retry-After"))
	}
	if r := s.login(user, password.Reveal()); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("another account from the same address: %s", r.Status)
	}
	s.clock.pass(time.Duration(wait) * time.Second)
	if r := s.login(user, password.Reveal()); r.StatusCode != http.StatusOK {
		t.Errorf("after the wait: %s %s", r.Status, r.body)
	}
	s.login("guesser", "wrong")
	if longer, err := strconv.Atoi(s.login("guesser", "wrong").Header.Get("Retry-After")); err != nil || longer <= wait {
		t.Errorf("the next wait is %d s, not longer than %d s", longer, wait)
	}
	if r := s.login(user, password.Reveal()); r.StatusCode != http.StatusOK {
		t.Errorf("who has logged in before is let in meanwhile: %s", r.Status)
	}
}

func TestAChangedPasswordEndsWhatWasBelieved(t *testing.T) {
	s := newSite(t, nil)
	if r := s.login(user, password.Reveal()); r.StatusCode != http.StatusOK {
		t.Fatal(r.Status)
	}
	hash, err := responder.HashPassword("new one")
	if err != nil {
		t.Fatal(err)
	}
	s.store.SaveAccount(core.Account{Name: user, Hash: hash})
	if r := s.login(user, password.Reveal()); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the old password: %s", r.Status)
	}
	s.store.SaveAccount(core.Account{Name: user, Hash: hash, Disabled: true})
	if r := s.login(user, "new one"); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a disabled account: %s", r.Status)
	}
}
