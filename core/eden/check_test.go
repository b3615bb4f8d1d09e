package eden

import (
	"context"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*edentest.Server)
		want  []string // names of findings; the one with ! is wrong
	}{
		{"all is well", func(*edentest.Server) {}, []string{"network", "server", "login", "rights org_office", "rights org_sector", "clock"}},
		{"a portal", func(s *edentest.Server) { s.Inject(-1, edentest.Portal()) }, []string{"network!"}},
		{"nothing answers", func(s *edentest.Server) { s.Inject(-1, edentest.Reset()) }, []string{"network!"}},
		{"not an Eden", func(s *edentest.Server) { s.Inject(-1, edentest.Reply(200, "text/html", "<html>bakery</html>")) }, []string{"network", "server!"}},
		{"wrong path", func(s *edentest.Server) { s.Inject(-1, edentest.Status(404)) }, []string{"network", "server!"}},
		{"wrong password", func(s *edentest.Server) { s.SetPassword("other") }, []string{"network", "server", "login!"}},
		{"no right to synchronise", func(s *edentest.Server) { s.Forbid(true) }, []string{"network", "server", "login", "rights org_office!", "rights org_sector!", "clock"}},
		{"an unknown table", func(s *edentest.Server) { s.Unknown("org_sector") }, []string{"network", "server", "login", "rights org_office", "rights org_sector!", "clock"}},
		{"a wrong clock", func(s *edentest.Server) { s.Skew(100 * time.Hour) }, []string{"network", "server", "login", "rights org_office", "rights org_sector", "clock!"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := connect(t)
			s.Put(office("urn:uuid:a", "A", 1))
			tt.spoil(s)
			got := p.Check(context.Background(), []core.Task{core.NewTask(1, "org_office"), core.NewTask(1, "org_sector")})
			var names []string
			for _, f := range got {
				name := f.Name
				if !f.OK {
					name += "!"
					if f.Hint == "" {
						t.Errorf("%s says not what to do: %+v", f.Name, f)
					}
				}
				if f.Message == "" {
					t.Errorf("%s says nothing", f.Name)
				}
				names = append(names, name)
			}
			if len(names) != len(tt.want) {
				t.Fatalf("got %v, want %v", names, tt.want)
			}
			for i := range names {
				if names[i] != tt.want[i] {
					t.Errorf("got %v, want %v", names, tt.want)
				}
			}
		})
	}
}

func TestCheckTellsOfATableThatShowsNothing(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1))
	s.ReadRight("org_office", false)
	got := p.Check(context.Background(), []core.Task{core.NewTask(1, "org_office")})
	for _, f := range got {
		if f.Name == "rights org_office" && (!f.OK || f.Hint == "") {
			t.Errorf("finding = %+v, want a hint: it may be empty, or not ours to read", f)
		}
	}
}

func TestCheckOfProxyAndCertificate(t *testing.T) {
	_, repo := server(t, true)
	f := newForwarder(t, "ann", "secret")
	repo.Proxy, repo.ProxyPassword = "http://ann@"+f.Listener.Addr().String(), "secret"
	names := func(repo core.Repository) (out []string) {
		for _, f := range newPeer(t, repo, quick()).Check(context.Background(), nil) {
			if !f.OK {
				f.Name += "!"
			}
			out = append(out, f.Name)
		}
		return out
	}
	for _, tt := range []struct {
		change func(*core.Repository)
		last   string
	}{
		{func(*core.Repository) {}, "clock"},
		{func(r *core.Repository) { r.ProxyPassword = "wrong" }, "proxy!"},
		{func(r *core.Repository) { r.CAFile = "" }, "certificate!"},
	} {
		r := repo
		tt.change(&r)
		if got := names(r); got[len(got)-1] != tt.last {
			t.Errorf("findings = %v, want the last to be %s", got, tt.last)
		}
	}
}

// That a login is needed is no reason of the server's own, to be told beside ours.
func TestARefusedLoginIsToldOnce(t *testing.T) {
	s, p := connect(t)
	s.Inject(-1, edentest.Reply(401, "application/json", `{"status": "failed", "statuscode": "401", "message": "Authentication Required"}`))
	_, err := p.Probe(context.Background())
	if problem := core.AsProblem(err); problem.Kind != core.Unauthorized || problem.Peer != "" {
		t.Errorf("%v, and the server says %q", err, problem.Peer)
	}
}

// A server refuses whoever comes without a password; that is no wrong one.
func TestCheckTellsOfAPasswordThatIsMissing(t *testing.T) {
	s := edentest.New(t)
	repo := s.Repository()
	repo.Password = ""
	found := newPeer(t, repo, quick()).Check(context.Background(), nil)
	if last := found[len(found)-1]; last.Name != "login" || last.OK || last.Message != "There is no password for hub." {
		t.Errorf("the last finding is %+v", last)
	}
}

// Whoever sets a laptop up is told that an address without https:// is read along.
func TestCheckTellsOfAnAddressWithoutEncryption(t *testing.T) {
	p := newPeer(t, core.Repository{Name: "HQ", URL: "http://hub.example.org/eden"}, quick())
	found, ok := p.stageFindings(nil)
	if !ok || len(found) != 3 || found[1].Name != "encryption" || !found[1].OK || !found[1].Warning {
		t.Errorf("found %+v, %v", found, ok)
	}
}

// A Fieldsync answers nobody who has not registered: that is no missing right.
func TestCheckBeforeTheRegistration(t *testing.T) {
	s, p := connect(t)
	s.Inject(-1, edentest.Reply(403, "application/json", `{"status": "failed", "statuscode": "403", "message": "Registration required"}`))
	f := p.checkRights(t.Context(), core.NewTask(1, "org_office"))
	if !f.OK || f.Hint != "" {
		t.Errorf("found %+v", f)
	}
}
