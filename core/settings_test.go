package core

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestNormalizeURL(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"https://hub.example.org/eden/", "https://hub.example.org/eden"},
		{"hub.example.org/eden", "https://hub.example.org/eden"},
		{" http://10.0.0.5:8000/eden/default/index?x=1#top ", "http://10.0.0.5:8000/eden"},
		{"https://hub.example.org", "https://hub.example.org"},
		{"http://[fe80::1]:8000/eden", "http://[fe80::1]:8000/eden"},
		{"https://hub.example.org/eden/org/office/12/profile?tab=1", "https://hub.example.org/eden"}, // whatever page somebody looks at
		{"https://hub.example.org/edenred/x", "https://hub.example.org/edenred/x"},
		{"https:/hub.example.org/eden", "https://hub.example.org/eden"},
		{"HTTP:hub.example.org:8000/eden", "http://hub.example.org:8000/eden"},
		{"https:///hub.example.org/eden", "https://hub.example.org/eden"},
		{"https://hub.example.org/eden/default/index?name=a b", "https://hub.example.org/eden"},
	} {
		if got, err := NormalizeURL(tt.in); err != nil || got != tt.want {
			t.Errorf("NormalizeURL(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "ftp://hub/eden", "https://user:secret@hub/eden", "https://", "https://:8443/eden", "http://[::1", "https://hub:0/eden", "https://hub:99999/eden", "htp:/hub.example.org/eden", "https://hub:/eden", "our server", "hub.example.org/eden please"} {
		_, err := NormalizeURL(bad)
		if !IsKind(err, InvalidSetting) {
			t.Errorf("NormalizeURL(%q): got %v, want a sentence", bad, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the sentence repeats a password: %v", err)
		}
	}
}

func TestResourceNames(t *testing.T) {
	for name, want := range map[Resource]bool{
		"org_organisation": true, "hrm_human_resource": true, "organisation": false, "_x": false, "org_": false, "": false,
		`org_o"; DROP TABLE x`: false, "org-office": false, "1org_office": false, Resource(strings.Repeat("a", 60) + "_bcd"): false,
	} {
		if name.Valid() != want {
			t.Errorf("%q.Valid() = %v, want %v", name, !want, want)
		}
	}
	for name, want := range map[Resource]bool{"auth_user": true, "sync_repository": true, "pr_person": false} {
		if name.Private() != want {
			t.Errorf("%q.Private() = %v, want %v", name, !want, want)
		}
	}
}

func TestASecretNeverPrints(t *testing.T) {
	type holder struct{ Password Secret }
	s := Secret("hunter2")
	text, _ := s.MarshalText()
	for _, out := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, holder{s}, holder{s}, s, s), string(text), s.LogValue().String()} {
		if strings.Contains(out, "hunter2") {
			t.Errorf("printed: %s", out)
		}
	}
	if s.Reveal() != "hunter2" {
		t.Error("Reveal must give it out")
	}
}

func TestEveryTroubleHasItsSentences(t *testing.T) {
	for kind := Internal; kind <= lastTrouble; kind++ {
		e, ok := catalogue[kind]
		if !ok || e.message == "" {
			t.Errorf("kind %d has no sentence", kind)
			continue
		}
		if kind == InvalidSetting {
			continue
		}
		p := &Problem{Kind: kind, Subject: "HQ", Err: errors.New("dial tcp")}
		if e.safe == "" || e.hint == "" {
			t.Errorf("%q does not say whether data is safe and what to do", p.Message())
		}
		if s := p.Sentence(); strings.Contains(s, "%s") || strings.Contains(s, "dial tcp") || !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "eden") {
			t.Errorf("not a sentence for a person: %q", s)
		}
		if !errors.Is(p, p.Err) {
			t.Errorf("kind %d hides its cause from the log", kind)
		}
	}
}

func TestStrategyRoundTrip(t *testing.T) {
	for s := Strategy(1); s <= StrategyAll; s++ {
		if got, err := ParseStrategy(s.String()); err != nil || got != s {
			t.Errorf("%s became %s, %v", s, got, err)
		}
	}
	if _, err := ParseStrategy("create,destroy"); err == nil {
		t.Error("an unknown method must be refused")
	}
}

func TestTaskValidate(t *testing.T) {
	good := NewTask(1, "org_office")
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Task){
		"no table name":      func(t *Task) { t.Resource = "office" },
		"accounts":           func(t *Task) { t.Resource = "auth_user" },
		"ASK for updates":    func(t *Task) { t.Update = PolicyAsk },
		"an empty strategy":  func(t *Task) { t.Strategy = 0 },
		"a filter w/o a dot": func(t *Task) { t.Filters = []Filter{{Query: "name=x"}} },
	} {
		task := good
		if spoil(&task); !IsKind(task.Validate(), InvalidSetting) {
			t.Errorf("%s must be refused with a sentence", name)
		}
	}
}

func TestCountsAddUp(t *testing.T) {
	var c Counts
	for s := StateCreated; s <= StateQuarantined; s++ {
		c.Count(s)
	}
	if c.Received != 9 || c.Accounted() != 9 {
		t.Errorf("received %d, accounted %d", c.Received, c.Accounted())
	}
}
