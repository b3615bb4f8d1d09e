package eden

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

func TestRegisterInTheNewForm(t *testing.T) {
	s := edentest.New(t)
	p := newPeer(t, s.Repository(), quick())
	for range 2 {
		sender, err := p.Register(context.Background(), node)
		if err != nil || sender != s.UUID {
			t.Fatalf("sender = %q, %v", sender, err)
		}
	}
	r := s.Requests()[0]
	if want := `{"uuid":"` + node.UUID + `","name":"field laptop 1","apitype":"eden"}`; string(r.Body) != want || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("sent %s as %s", r.Body, r.Header.Get("Content-Type"))
	}
	if !s.Registered(node.UUID) {
		t.Error("the server does not know us")
	}
}

func TestRegisterWithoutANameStillHasOne(t *testing.T) {
	s := edentest.New(t)
	if _, err := newPeer(t, s.Repository(), quick()).Register(context.Background(), core.Node{UUID: "urn:uuid:x"}); err != nil {
		t.Errorf("%v: without a name a real server fails", err)
	}
}

func TestRegisterAtAnOldServer(t *testing.T) {
	for name, bug := range map[string]func(*edentest.Server){
		"405":                        func(*edentest.Server) {},
		"405 arriving as a bare 500": func(s *edentest.Server) { s.RoutesBug(time.Millisecond) },
		"405 arriving as a 400":      func(s *edentest.Server) { s.RoutesBugOf2013(time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			s := edentest.New(t)
			s.OldRegistration()
			bug(s)
			sender, err := newPeer(t, s.Repository(), quick()).Register(context.Background(), node)
			if err != nil || sender != s.UUID || !s.Registered(node.UUID) {
				t.Errorf("sender = %q, %v", sender, err)
			}
		})
	}
}

// What web2py's own server answers to the form that it does not know is followed by a blank
// line, after which the other form would have met no answer of HTTP: every other laptop could not
// register with an Eden of 2016.
func TestNothingIsAskedOverAConnectionOnWhichSomethingWentWrong(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveLikeRocket(conn)
		}
	}()
	repo := core.Repository{Name: "Hub", URL: "http://" + l.Addr().String() + "/eden", Username: "a", Password: "b"}
	sender, err := newPeer(t, repo, quick()).Register(context.Background(), node)
	if err != nil || sender != "urn:uuid:hub" {
		t.Errorf("sender = %q, %v", sender, err)
	}
}

// serveLikeRocket answers a POST with a bare 500 and what follows it, everything else with a
// registration.
func serveLikeRocket(conn net.Conn) {
	defer conn.Close()
	const success = `{"status": "success", "statuscode": "200", "sender": "urn:uuid:hub"}`
	for in, stray := bufio.NewReader(conn), ""; ; {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		if req.Method == http.MethodPost {
			_, err = io.WriteString(conn, "HTTP/1.1 500 Server Error\r\nContent-Length: 12\r\nContent-Type: text/plain\r\n\r\nServer Error")
			stray = "\n"
		} else {
			_, err = fmt.Fprintf(conn, "%sHTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", stray, len(success), success)
		}
		if err != nil {
			return
		}
	}
}

func TestRefusedRegistrations(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*edentest.Server)
		want  core.Trouble
	}{
		{"wrong password", func(s *edentest.Server) { s.SetPassword("other") }, core.Unauthorized},
		{"no right", func(s *edentest.Server) { s.Forbid(true) }, core.Forbidden},
		{"no right, as a bare 500", func(s *edentest.Server) { s.Forbid(true); s.RoutesBug(time.Millisecond) }, core.Forbidden},
		{"no right, as in 2013", func(s *edentest.Server) { s.Forbid(true); s.RoutesBugOf2013(time.Millisecond) }, core.Forbidden},
		{"200 that says failed", func(s *edentest.Server) {
			s.Inject(1, edentest.Reply(200, "application/json", `{"status": "failed", "statuscode": "400", "message": "No repository identifier specified"}`))
		}, core.PeerRefused},
		{"400", func(s *edentest.Server) {
			s.Inject(1, edentest.Reply(400, "application/json", `{"status": "failed", "statuscode": "400", "message": "Invalid parameters"}`))
		}, core.PeerRefused},
		{"server error", func(s *edentest.Server) { s.Inject(-1, edentest.Status(500)) }, core.ServerFault},
		{"not an Eden", func(s *edentest.Server) { s.Inject(1, edentest.Reply(200, "text/html", "<html>bakery</html>")) }, core.NotEden},
		{"a portal", func(s *edentest.Server) { s.Inject(1, edentest.Portal()) }, core.Portal},
		{"wrong path", func(s *edentest.Server) { s.Inject(1, edentest.Status(404)) }, core.WrongPath},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := edentest.New(t)
			p := newPeer(t, s.Repository(), quick())
			tt.spoil(s)
			_, err := p.Register(context.Background(), node)
			wantKind(t, err, tt.want)
		})
	}
}

func TestARegistrationIsRepeatedAfterABrokenConnection(t *testing.T) {
	s := edentest.New(t)
	s.Inject(1, edentest.Reset())
	if _, err := newPeer(t, s.Repository(), quick()).Register(context.Background(), node); err != nil {
		t.Error(err)
	}
}
