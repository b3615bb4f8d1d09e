package eden

import (
	"context"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

func TestProbeReadsIdentityAndClock(t *testing.T) {
	for _, skew := range []time.Duration{0, -time.Hour, 26 * time.Hour} {
		s, p := connect(t)
		s.Skew(skew)
		id, err := p.Probe(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if id.UUID != s.UUID || id.Server != "web2py" {
			t.Errorf("identity = %+v", id)
		}
		if d := (id.Offset - skew).Abs(); !id.OffsetKnown || d > 2*time.Second {
			t.Errorf("offset = %s, want %s", id.Offset, skew)
		}
	}
}

func TestProbeGivesTheClockWhateverTheAccountMay(t *testing.T) {
	for name, fault := range map[string]edentest.Fault{
		"forbidden":     edentest.Reply(403, "application/json", `{"status": "failed", "statuscode": "403", "message": "FORBIDDEN"}`),
		"unknown table": edentest.Reply(400, "application/json", `{"status": "failed", "statuscode": "400"}`),
		"nothing shown": edentest.Reply(200, "text/xml", `<s3xml success="false" results="0"/>`),
		"a message":     edentest.Reply(200, "application/json", `{"status": "failed", "statuscode": "400", "message": "not shared"}`),
	} {
		t.Run(name, func(t *testing.T) {
			s, p := connect(t)
			s.Inject(-1, fault)
			id, err := p.Probe(context.Background())
			if err != nil || !id.OffsetKnown || id.UUID != "" {
				t.Errorf("%+v, %v", id, err)
			}
		})
	}
}

func TestProbeSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault edentest.Fault
		want  core.Trouble
	}{
		{"wrong password", edentest.Status(401), core.Unauthorized},
		{"wrong path", edentest.Status(404), core.WrongPath},
		{"a portal", edentest.Portal(), core.Portal},
		{"another site", edentest.Reply(200, "text/html", "<html>bakery</html>"), core.NotEden},
		{"https only: a Fieldsync", edentest.Reply(400, "text/plain", "Client sent an HTTP request to an HTTPS server.\n"), core.NotEden},
		{"https only: nginx", edentest.Reply(400, "text/html", "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"), core.NotEden},
		{"https only: Apache", edentest.Reply(400, "text/html", "<!DOCTYPE HTML><html>Reason: You're speaking plain HTTP to an SSL-enabled server port.</html>"), core.NotEden},
		{"something else that does not understand", edentest.Reply(400, "text/plain", "What?"), core.NotEden},
		{"malformed", edentest.Reply(200, "text/xml", "<s3xml><resource name='sync_config' uuid=></s3xml>"), core.Malformed},
		{"cut", edentest.CutAfter(90), core.Truncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := connect(t)
			s.Inject(-1, tt.fault)
			_, err := p.Probe(context.Background())
			if problem := wantKind(t, err, tt.want); problem.Subject == "" {
				t.Errorf("it is not said which server: %s", problem.Message())
			}
		})
	}
}
