//go:build !headless

package app

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// Somebody who has never seen the program practises, led step by step, and leaves
// nothing invented behind.
func TestAPersonIsLedThroughPractising(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	g.sees("The records are here")
	g.tap("Let a colleague change something")
	g.sees("Fetch what changed")
	g.picture("guide")
	g.tap("Sync now")
	g.sees("Change something yourself")
	g.tap("Open the office")
	g.write("Phone", "+999 555 0303")
	g.tap("Save")
	g.window.Open(frame.Home)
	g.sees("Your change waits to be sent")
	g.tap("Let it happen")
	g.sees("Two people changed the same")
	g.tap("Sync now")
	g.sees("Now you decide")
	g.tap("Open “Needs you”")
	g.sees("+999 555 0303")
	uitest.Panel(g.window.Fyne().Canvas(), "+999 555 0303").Tapped(nil)
	g.tap("Use this result")
	g.window.Open(frame.Home)
	g.sees("That is all there is to it")
	g.picture("guide-done")

	real := core.Repository{Name: "HQ", URL: "https://hq.example.org/eden"}
	store := windowReplica{replica{g.node.Store.(replica).DB}, g.node.Events}
	if _, err := store.AddRepository(t.Context(), real); !core.IsKind(err, core.Practising) {
		t.Errorf("a real server beside invented records: %v", err)
	}
	g.tap("End practising")
	g.tap("Remove the practice data")
	g.sees("Welcome to Fieldsync")
	r, err := store.AddRepository(t.Context(), real)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := g.node.Store.Unsent(t.Context(), r.ID); err != nil || n != 0 {
		t.Errorf("%d invented records would be sent, %v", n, err)
	}
	if kinds, err := store.Kinds(t.Context()); err != nil || len(kinds) != 0 {
		t.Errorf("left: %v, %v", kinds, err)
	}
}

// Who removes the practice repository like any other ends practising: what is invented does
// not stay behind, where it would keep the real server away.
func TestPractisingEndsUnderRepositories(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	g.sees("The records are here")
	g.window.Open(frame.Repositories)
	g.tap("Open")
	g.tap("End practising…")
	g.tap("Remove the practice data")
	g.sees("Welcome to Fieldsync")
	store := windowReplica{replica{g.node.Store.(replica).DB}, g.node.Events}
	if kinds, err := store.Kinds(t.Context()); err != nil || len(kinds) != 0 {
		t.Errorf("left: %v, %v", kinds, err)
	}
	if _, err := store.AddRepository(t.Context(), core.Repository{Name: "HQ", URL: "https://hq.example.org/eden"}); err != nil {
		t.Error(err)
	}
}

// With a file from the administrator only user name and password are to be
// entered.
func TestASetupFileIsOpenedInTheWindow(t *testing.T) {
	g := newGuide(t)
	server := practiceServer(t, 7)
	file := filepath.Join(t.TempDir(), "office.json")
	text := `{"fieldsync": 1, "repositories": [{"name": "Headquarters", "url": "` + server.URL() + `", "proxy": "none",
	"resources": [{"table": "org_office"}, {"table": "cr_shelter", "mode": "pull"}], "schedule": [{"every": "1h"}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	g.window.OpenSetup(file)
	g.sees("This will be set up")
	g.sees("Offices, Shelters")
	g.keyboardOn("Next")
	g.picture("setup-file")
	g.tap("Next")
	g.write("User name", practice.Username)
	g.write("Password", "wrong")
	g.tap("Test")
	g.sees("refused the user name or password")
	g.picture("setup-refused")
	g.tap("Back")
	g.write("Password", practice.Password.Reveal())
	g.tap("Test")
	g.sees("User name and password are accepted.")
	g.tap("Next")
	g.sees("Everything is at Headquarters.")
	tasks, err := g.node.Store.Tasks(t.Context(), 1)
	if err != nil || len(tasks) != 2 || tasks[1].Mode != core.ModePull {
		t.Errorf("%+v, %v", tasks, err)
	}

	// Once more it changes nothing; one that leads somewhere else says so first.
	replaces := "This takes the place of " + server.URL()
	g.window.OpenSetup(file)
	if g.sees("This will be set up"); uitest.Says(g.window.Fyne().Canvas(), replaces) {
		t.Error("the same server is said to take its own place")
	}
	g.tap("Back")
	if err := os.WriteFile(file, []byte(strings.Replace(text, server.URL(), "https://hub.example.net/eden", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	g.window.OpenSetup(file)
	g.sees(replaces)
	g.tap("Back")

	wrong := filepath.Join(t.TempDir(), "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"fieldsync": 1, "colour": "red"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	g.window.OpenSetup(wrong)
	g.sees(`The file holds "colour", which is not known.`)
	g.keyboardOn("Back")
	g.picture("setup-wrong")
	g.tap("Back")
	g.sees("Everything is at Headquarters.")
}

// Whoever has no mouse need not go through the navigation to leave the test of a
// connection: the keyboard stands on the way on, or on the way back to what was wrong.
func TestTheKeyboardFollowsTheFirstStart(t *testing.T) {
	server := practiceServer(t, 7)
	g := newGuide(t)
	g.tap("Connect")
	g.write("Address", server.URL())
	g.tap("Next")
	g.write("User name", practice.Username)
	for _, tt := range []struct{ password, want string }{{"wrong", "Back"}, {practice.Password.Reveal(), "Next"}} {
		g.write("Password", tt.password)
		g.tap("Test")
		g.keyboardOn(tt.want)
		if tt.want == "Back" {
			g.tap("Back")
		}
	}
	g.tap("Next")
	g.keyboardOn("First sync")
}

// What the server does not have is no choice: it is named below those that are one, in one sentence.
func TestOnlyWhatTheServerHasIsOffered(t *testing.T) {
	server := practiceServer(t, 7)
	g := newGuide(t)
	g.tap("Connect")
	g.write("Address", server.URL())
	g.tap("Next")
	g.write("User name", practice.Username)
	g.write("Password", practice.Password.Reveal())
	g.tap("Test")
	g.tap("Next")
	g.sees("This server does not have: Facilities, Stock, Items, Requests, Projects, Assets, Events.")
	offered := 0
	uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool {
		if check, ok := o.(*widgets.Check); ok {
			if offered++; check.Disabled() || !check.Checked {
				t.Errorf("%q is offered", check.Text)
			}
		}
		return false
	})
	if offered != 7 {
		t.Errorf("%d kinds are offered", offered)
	}
}

// keyboardOn checks which button the keyboard is on.
func (g *guide) keyboardOn(text string) {
	g.Helper()
	on, _ := g.window.Fyne().Canvas().Focused().(*widgets.Button)
	if on == nil || on.Text != text {
		g.Errorf("the keyboard is on %v, want %q", g.window.Fyne().Canvas().Focused(), text)
	}
}

// Two servers, the second behind a proxy that asks for a login: each login is
// asked for, tested, and stored where it belongs.
func TestASetupFileOfTwoServersAsksForBothLogins(t *testing.T) {
	g := newGuide(t)
	servers := []*practice.Practice{}
	for seed := range uint64(2) {
		server := practiceServer(t, seed+1)
		servers = append(servers, server)
	}
	local := func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) } // else they are known to be for practising
	proxy := proxyWithLogin(t, "door", "open sesame")
	file := filepath.Join(t.TempDir(), "office.json")
	text := `{"fieldsync": 1, "repositories": [
	{"name": "HQ", "url": "` + local(servers[0].URL()) + `", "proxy": "none", "resources": [{"table": "org_office"}]},
	{"name": "Hub", "url": "` + local(servers[1].URL()) + `", "proxy": "` + proxy + `", "resources": [{"table": "cr_shelter"}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	g.window.OpenSetup(file)
	g.tap("Next")
	g.sees("How do you log in at HQ?")
	g.write("User name", practice.Username)
	g.write("Password", practice.Password.Reveal())
	g.tap("Test")
	g.tap("Next")
	g.sees("How do you log in at Hub?")
	g.sees("The way there leads through the proxy")
	g.write("User name", practice.Username)
	g.write("Password", practice.Password.Reveal())
	g.picture("setup-login")
	g.tap("Test")
	g.sees("The proxy") // refuses
	g.tap("Back")
	g.write("User name at the proxy", "door")
	g.write("Password at the proxy", "open sesame")
	g.tap("Test")
	g.sees("The proxy lets us through.")
	g.tap("Next")
	g.sees("Everything is delivered.")
	for _, resource := range []core.Resource{"org_office", "cr_shelter"} {
		if n, err := g.node.Store.(replica).Alive(t.Context(), resource); err != nil || n == 0 {
			t.Errorf("%s: %d records came, %v", resource, n, err)
		}
	}
}

// proxyWithLogin is a proxy on loopback that asks for a login.
func proxyWithLogin(t *testing.T, user, password string) (address string) {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL, r.Out.Host = r.In.URL, r.In.Host }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != want {
			w.Header().Set("Proxy-Authenticate", "Basic realm=door")
			http.Error(w, "who are you?", http.StatusProxyAuthRequired)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
