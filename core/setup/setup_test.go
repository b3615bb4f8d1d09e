package setup

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

const example = `{
  "fieldsync": 1,
  "proxy": "http://proxy.example.org:3128",
  "repositories": [{
    "name": "Headquarters", "url": "https://hub.example.org/eden/default/index", "username": "field@example.org",
    "resources": [
      {"table": "org_office"},
      {"table": "pr_person", "mode": "pull", "strategy": "create,update", "update": "OTHER", "conflict": "ASK", "merge": false,
       "filters": [{"query": "~.first_name__like=A*"}, {"table": "gis_location", "query": "~.L0=Nepal"}]}
    ],
    "schedule": [{"every": "1h", "timeout": "5m", "repeats": 3, "start": "2026-06-01T06:00:00Z"}, {"cron": "30 6 * * 1-5", "enabled": false}]
  }]
}`

func TestAFileIsReadWithDefaults(t *testing.T) {
	s, err := Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	r := s.Repositories[0]
	if s.Proxy != "http://proxy.example.org:3128" || r.URL != "https://hub.example.org/eden" || r.Username != "field@example.org" {
		t.Errorf("%+v", s)
	}
	if !reflect.DeepEqual(r.Tasks[0], core.NewTask(0, "org_office")) {
		t.Errorf("defaults: %+v", r.Tasks[0])
	}
	person := core.Task{Resource: "pr_person", Mode: core.ModePull, Strategy: core.Strategy(core.MethodCreate | core.MethodUpdate), Update: core.PolicyOther, Conflict: core.PolicyAsk,
		Filters: []core.Filter{{Query: "~.first_name__like=A*"}, {Table: "gis_location", Query: "~.L0=Nepal"}}}
	if !reflect.DeepEqual(r.Tasks[1], person) {
		t.Errorf("%+v", r.Tasks[1])
	}
	if j := r.Jobs[0]; j.Every != time.Hour || j.Timeout != 5*time.Minute || j.Repeats != 3 || j.Start.IsZero() || !j.Enabled || r.Jobs[1].Enabled {
		t.Errorf("%+v", r.Jobs)
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	s, err := Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	s.Repositories[0].Password = "never written"
	text, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "never written") || strings.Contains(string(text), "***") {
		t.Errorf("a password is in the file:\n%s", text)
	}
	again, err := Parse(text)
	s.Repositories[0].Password = ""
	if err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("read again: %+v\n%+v\n%v", again, s, err)
	}
}

func TestWhatIsWrongWithAFileIsSaidAtItsPlace(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"not JSON", `"url":`, `"url"`, "This is not a setup file: it cannot be read as JSON (line 5)."},
		{"another program's JSON", `"fieldsync": 1,`, ``, "This is not a setup file of Fieldsync"},
		{"a newer file", `"fieldsync": 1,`, `"fieldsync": 2,`, "newer Fieldsync (version 2)"},
		{"an unknown key", `"name": "Headquarters",`, `"name": "Headquarters", "colour": "red",`, `Repository 1 holds "colour", which is not known. Known are: name, url`},
		{"an unknown key of a resource", `"mode": "pull"`, `"modus": "pull"`, `Repository 1 (Headquarters), resource 2 holds "modus"`},
		{"a password", `"username":`, `"password": "x", "username":`, "A setup file never holds a password"},
		{"a password in the address", `https://hub`, `https://me:pw@hub`, "Repository 1 (Headquarters): Leave user name and password out of the address"},
		{"a password of the proxy", `http://proxy`, `http://me:pw@proxy`, "take the password out of the proxy's address"},
		{"no proxy", `http://proxy.example.org:3128`, `proxy:3128`, "is no proxy"},
		{"an unknown mode", `"pull"`, `"suck"`, `resource 2 (pr_person): "suck" is not a mode`},
		{"an unknown policy", `"ASK"`, `"MAYBE"`, `"MAYBE" is not a policy`},
		{"a private table", `org_office`, `auth_user`, "auth_user holds accounts or settings"},
		{"a table twice", `"org_office"`, `"pr_person"`, `names "pr_person" twice`},
		{"a wrong filter", `~.L0=Nepal`, `L0`, "The filter"},
		{"a wrong interval", `"1h"`, `"hourly"`, `time 1: "hourly" is not an interval`},
		{"a cron expression that is none", `30 6 * * 1-5`, `30 6`, "time 2: Five fields are needed"},
		{"a wrong kind of value", `"Headquarters"`, `7`, `"name" has a value of the wrong kind`},
		{"no certificate", `"username":`, `"authority": "none", "username":`, "not a certificate in PEM form"},
		{"a private key", `"username":`, `"authority": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "username":`, "not a certificate. Take it out"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(strings.Replace(example, tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	_, err := Parse([]byte(strings.NewReplacer(`"pull"`, `"suck"`, `"ASK"`, `"MAYBE"`).Replace(example)))
	if faults, ok := err.(Faults); !ok || len(faults) != 2 {
		t.Errorf("two faults are said as %v", err)
	}
}

// Servers that changed places stay what they are called: the name counts before the address.
func TestARepositoryIsKnownByItsNameThenByItsAddress(t *testing.T) {
	here := []core.Repository{{ID: 1, Name: "Headquarters", URL: "https://a.example.org/eden"}, {ID: 2, Name: "Region", URL: "https://b.example.org/eden"}}
	for _, tt := range []struct {
		name, url string
		want      int64
	}{
		{"Headquarters", "https://new.example.org/eden", 1},
		{"region", "https://a.example.org/eden", 2},
		{"Another name", "https://b.example.org/eden", 2},
		{"Another name", "https://new.example.org/eden", 0},
	} {
		if got, ok := Known(here, core.Repository{Name: tt.name, URL: tt.url}); got.ID != tt.want || ok != (tt.want != 0) {
			t.Errorf("%s at %s is %+v", tt.name, tt.url, got)
		}
	}
}

// Whatever a file holds, reading it ends in a setup or in sentences; a setup that
// was read can be written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`{"fieldsync":1,"repositories":[{"name":null,"url":"//","resources":[{}],"schedule":[{"cron":"* * * * *"}]}]}`))
	f.Add([]byte("\xef\xbb\xbf{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data)
		if err != nil {
			if err.Error() == "" {
				t.Error("refused without a word")
			}
			return
		}
		text, err := s.Write()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(text)
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("%+v\nbecame %+v, %v", s, again, err)
		}
	})
}

// A file that somebody was sent does not make a laptop show its password to another
// host, or in clear to everybody on the way.
func TestAPasswordStaysWhereItWasEnteredFor(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		kept           bool
	}{
		{"the same address", "https://hub.example.org/eden", "https://hub.example.org/eden", true},
		{"another application or port", "https://hub.example.org/eden", "https://hub.example.org:8443/hub", true},
		{"with a certificate from now on", "http://hub.example.org/eden", "https://hub.example.org/eden", true},
		{"in clear from now on", "https://hub.example.org/eden", "http://hub.example.org/eden", false},
		{"another host", "https://hub.example.org/eden", "https://hub.example.net/eden", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			have := core.Repository{Name: "Headquarters", URL: tt.from, Username: "me@example.org", Password: "secret"}
			got := changed(have, core.Repository{Name: "Headquarters", URL: tt.to})
			if kept := got.Password != ""; kept != tt.kept || got.Username != "me@example.org" || got.URL != tt.to {
				t.Errorf("%+v; the password is kept: %v", got, kept)
			}
		})
	}
}
