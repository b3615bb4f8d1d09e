//go:build !headless

package app

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/responder"
)

// gossip is a server that says again all that it was told, passwords and all.
func gossip(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	words := fmt.Sprintf("Authorization: %s. You are %s with %s (%s), by %s", r.Header.Get("Authorization"), user, password, url.QueryEscape(password), r.Header.Get("Proxy-Authorization"))
	if strings.Contains(r.URL.Path, "register") {
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, words)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"status": "failed", "statuscode": 400, "message": %q}`, words)
}

// Whatever a server repeats, and whatever is set up here: neither the file for
// whoever helps nor anything else in the data folder tells a password.
func TestNoPlantedPasswordIsInTheDiagnosticsFile(t *testing.T) {
	const server, proxy, node, peer, passcode = "pl4nted+server/secret", "pl4nted-proxy-secret", "pl4nted-node-secret", "pl4nted-peer-secret", "pl4nted-passcode"
	ctx, dir := t.Context(), t.TempDir()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // no keyring: it is the developer's own
	n, err := open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			n.Close()
		}
	}()
	web := httptest.NewServer(http.HandlerFunc(gossip))
	defer web.Close()
	db := n.Store.(replica).DB
	hash, err := responder.HashPassword(peer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.SaveAccount(ctx, core.Account{Name: "peer", Hash: hash}); err != nil {
		t.Fatal(err)
	}
	passHash, err := responder.HashPassword(passcode)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SetPasscode(ctx, passHash); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveNode(ctx, core.Node{Name: "Laptop", Proxy: "http://bob:" + node + "@127.0.0.1:1"}); err != nil {
		t.Fatal(err)
	}
	direct, err := db.AddRepository(ctx, core.Repository{Name: "HQ", URL: web.URL + "/eden", Username: "ada@example.org", Password: server, Proxy: "none"})
	if err != nil {
		t.Fatal(err)
	}
	proxied, err := db.AddRepository(ctx, core.Repository{Name: "Proxied", URL: "http://hub.invalid/eden", Username: "ada@example.org", Password: server, Proxy: web.URL, ProxyPassword: proxy})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []core.Repository{direct, proxied} {
		if _, err := db.AddTask(ctx, core.NewTask(r.ID, "org_office")); err != nil {
			t.Fatal(err)
		}
		run, err := n.Engine.Sync(ctx, r, replicate.Options{})
		if err == nil {
			t.Fatalf("the gossip must do harm: %+v", run)
		}
		n.Log.Error("Command failed", "problem", err)
	}

	report := reporter(n, connector{db: db, log: n.Log})(ctx)
	var file bytes.Buffer
	if err := report.WriteZip(&file, time.Now()); err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{}
	for _, s := range []string{server, proxy, node, peer, passcode} {
		forms[s], forms[url.QueryEscape(s)] = s, s
		for _, user := range []string{"ada@example.org", "bob", ""} {
			forms[base64.StdEncoding.EncodeToString([]byte(user+":"+s))] = s
		}
	}
	holds := func(where string, content []byte) {
		for form, s := range forms {
			if bytes.Contains(content, []byte(form)) {
				t.Errorf("%s holds %s as %s", where, s, form)
			}
		}
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || len(z.File) < 5 {
		t.Fatalf("%d files, %v", len(z.File), err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		holds("the report's "+f.Name, content)
	}
	if !strings.Contains(report.Text(), "HQ") {
		t.Errorf("the report says nothing:\n%s", report.Text())
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	closed = true
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		holds(path, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
