//go:build !headless

package app

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// check ticks the box of that name.
func (g *guide) check(text string) {
	g.Helper()
	box := uitest.Check(g.window.Fyne().Canvas(), text)
	if box == nil {
		g.Fatalf("there is no box %q", text)
	}
	box.Tapped(&fyne.PointEvent{})
}

// An administrator sets the laptop up: way out, passcode, answering peers.
func TestAnAdministratorSetsTheLaptopUp(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	g := newGuide(t)
	ctx := t.Context()
	g.tap("Start practising")
	g.window.Open(frame.Settings)
	g.picture("settings-general")
	g.check("Start when I log in, in the tray")
	g.check("Trouble is over")
	if s, err := g.node.Store.ScheduleSettings(ctx); err != nil || !s.Notify["recovered"] {
		t.Errorf("notifications: %+v, %v", s.Notify, err)
	}
	if _, err := os.Stat(filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "autostart", "fieldsync.desktop")); err != nil {
		t.Errorf("start at login: %v", err)
	}

	g.tab("This laptop")
	node, err := g.node.Store.Node(ctx)
	if err != nil {
		t.Fatal(err)
	}
	g.sees(node.UUID)
	g.write("Name", "Field office, laptop 3")
	g.picture("settings-laptop")
	g.window.Open(frame.Home)
	g.sees("What you changed about this laptop is not saved yet.")
	g.tap("Stay here")
	g.tap("Test")
	g.sees("User name and password are accepted.")
	g.tap("Save")
	if node, err = g.node.Store.Node(ctx); err != nil || node.Name != "Field office, laptop 3" {
		t.Errorf("stored %+v, %v", node, err)
	}

	g.tab("Answer peers")
	g.sees("Switched off: nobody can reach this laptop.")
	g.write("Where to listen", "nonsense")
	g.sees("Enter a port")
	port := freePort(t)
	g.write("Where to listen", ":"+port)
	g.check("Answer peers")
	g.sees("Fingerprint of the certificate")
	if code := asked(t, "https://127.0.0.1:"+port+"/eden/sync/sync.xml?resource=org_office"); code != http.StatusUnauthorized {
		t.Errorf("a stranger is answered with %d", code)
	}
	g.tap("Add an account")
	g.write("User name", "laptop7@example.org")
	g.write("Password", "short")
	g.tap("Save")
	g.sees("At least 8 characters.")
	g.write("Password", "long enough")
	g.tap("Save")
	g.sees("laptop7@example.org")
	g.write("Share another kind of record", "auth_user")
	g.tap("Share")
	g.sees("Such tables are never exchanged.")
	g.write("Share another kind of record", "org_office")
	g.tap("Share")
	g.sees("Offices (org_office)")
	g.picture("settings-serving")

	g.tab("Storage")
	g.tap("Check now")
	g.sees("The database is sound.")
	g.picture("settings-storage")

	g.tab("Diagnostics")
	g.tap("Make the report")
	g.sees(node.UUID)
	g.picture("settings-diagnostics")
	g.tap("Copy")
	if report := g.app.Clipboard().Content(); !strings.Contains(report, node.UUID) || strings.Contains(report, "field.worker@") || strings.Contains(report, "practice@") {
		t.Errorf("the report:\n%s", report)
	}

	g.tab("About")
	g.sees("MIT License")
	g.picture("settings-about")

	g.tab("Passcode")
	g.write("New passcode", "relief")
	g.write("Once more", "relied")
	g.tap("Set the passcode")
	g.sees("The two are not the same.")
	g.write("Once more", "relief")
	g.tap("Set the passcode")
	g.sees("A passcode is set.")
	g.picture("settings-passcode")
	g.tap("Lock now")
	g.sees("For the administrator")
	g.window.Open(frame.Repositories)
	g.picture("locked")
	g.write("Passcode", "guess")
	g.tap("Unlock")
	g.sees("That is not the passcode.")
	g.write("Passcode", "relief")
	g.tap("Unlock")
	g.sees("The servers this laptop exchanges records with.")
}

// freePort is one at which nothing listens.
func freePort(t *testing.T) string {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}

// asked returns the status of an answer, whoever signed the certificate.
func asked(t *testing.T, url string) int {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	r, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode
}
