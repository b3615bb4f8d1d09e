package eden

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

func reach(t *testing.T, r core.Repository) error {
	t.Helper()
	p, err := New(r, core.Node{UUID: "urn:uuid:me"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	return p.Reach(context.Background())
}

func TestReachOpensAConnectionAndAsksNothing(t *testing.T) {
	s := edentest.New(t)
	if err := reach(t, s.Repository()); err != nil {
		t.Error(err)
	}
	if n := len(s.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

func TestReachTellsAPeerThatIsDownFromALaptopWithoutANetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	proxied := edentest.New(t).Repository()
	proxied.Proxy = "http://" + closed
	for _, tt := range []struct {
		name    string
		repo    core.Repository
		kind    core.Trouble
		offline bool
	}{
		{"nobody listens", core.Repository{URL: "http://" + closed + "/eden"}, core.Unreachable, false},
		{"no such name", core.Repository{URL: "http://nowhere.invalid/eden"}, core.Unreachable, true},
		{"a proxy at which nobody listens", proxied, core.ProxyWrong, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := core.AsProblem(reach(t, tt.repo))
			if p == nil || p.Kind != tt.kind || p.Offline != tt.offline {
				t.Errorf("%+v, want kind %v offline %v", p, tt.kind, tt.offline)
			}
		})
	}
}

func TestABusyPeerSaysHowLongToWait(t *testing.T) {
	s := edentest.New(t)
	s.HTTP().Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1800")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	p, err := New(s.Repository(), core.Node{UUID: "urn:uuid:me"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	_, err = p.Probe(context.Background())
	if problem := core.AsProblem(err); problem == nil || problem.Kind != core.Busy || problem.RetryAfter.Minutes() != 30 {
		t.Errorf("%v", err)
	}
}
