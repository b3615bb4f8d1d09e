package inspect

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func TestAProxyIsAskedAlone(t *testing.T) {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:secret"))
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		if r.Header.Get("Proxy-Authorization") != want {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		w.WriteHeader(http.StatusBadGateway) // there is no such place
	}))
	defer proxy.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	connect := func(r core.Repository, n core.Node) (replicate.Peer, error) { return eden.New(r, n, eden.Options{}) }
	address := func(s *httptest.Server) string { return strings.Replace(s.URL, "http://", "http://me@", 1) }
	for _, tt := range []struct {
		name, proxy string
		password    core.Secret
		ok          bool
		says        string
	}{
		{"one that takes the login", address(proxy), "secret", true, "answers and takes the login"},
		{"a wrong password", address(proxy), "wrong", false, "refuses the login"},
		{"nobody there", address(gone), "secret", false, "does not answer"},
		{"none", core.ProxyNone, "", true, "no proxy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Proxy(t.Context(), connect, core.Node{Proxy: tt.proxy}, tt.password)
			if c.OK != tt.ok || !strings.Contains(c.Answer, tt.says) {
				t.Errorf("got %v, %q", c.OK, c.Answer)
			}
		})
	}
	for _, a := range asked {
		if a != "CONNECT fieldsync.invalid:443" {
			t.Errorf("the proxy was asked for %q", a)
		}
	}
}
