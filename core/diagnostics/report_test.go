package diagnostics_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/diagnostics"
)

func TestSecretsAndAddressesAreTakenOut(t *testing.T) {
	for text, want := range map[string]string{
		"open https://me:pw@hub.example.org/eden":         "open https://***@hub.example.org/eden",
		"login of amina.haddad@relief.example.org":        "login of ***@relief.example.org",
		"the word s3kr1t-word appears":                    "the word *** appears",
		"Authorization: Basic bWU6cHc=bWU6cHc=":           "Authorization: ***",
		`{"password":"x1"}`:                               `{"password":"***"}`,
		"proxy_password=hello rest":                       "proxy_password=*** rest",
		"/home/amina/.local/share/fieldsync/fieldsync.db": "~/.local/share/fieldsync/fieldsync.db",
		"urn:uuid:8f14e45f org_office 12 records":         "urn:uuid:8f14e45f org_office 12 records",
	} {
		if got := diagnostics.Redact(text, "/home/amina", "s3kr1t-word"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// store is a replica with planted secrets.
type store struct{ diagnostics.Store }

func (store) Node(context.Context) (core.Node, error) {
	return core.Node{UUID: "urn:uuid:me", Name: "Laptop 7", Proxy: "http://boss@proxy.example.org:3128"}, nil
}
func (store) NodeProxyPassword(context.Context) (core.Secret, error) { return "proxy-secret", nil }
func (store) Repositories(context.Context) ([]core.Repository, error) {
	return []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden", Username: "amina@example.org", Password: "planted-password", ProxyPassword: "planted-proxy"}}, nil
}
func (store) Tasks(context.Context, int64) ([]core.Task, error) {
	return []core.Task{core.NewTask(1, "org_office")}, nil
}
func (store) Jobs(context.Context, int64) ([]core.Job, error) { return nil, errors.New("disk gone") }
func (store) Runs(context.Context, int64, int) ([]core.Run, error) {
	return []core.Run{{Result: core.ResultError, Message: "refused planted-password of amina@example.org"}}, nil
}
func (store) Unsent(context.Context, int64) (int, error) { return 3, nil }
func (store) SecretsWhere() string                       { return "the keyring" }

func TestTheReportNamesWhatHelpsAndNoSecret(t *testing.T) {
	now := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	report := diagnostics.Collect(t.Context(), diagnostics.Source{Store: store{}, Version: "1.2", Dir: "/home/amina/data", Home: "/home/amina", Now: now,
		Log: func(context.Context, int) ([]core.LogEntry, error) {
			return []core.LogEntry{{Repository: "HQ", Message: "planted-proxy"}}, nil
		},
		Examine:   func(context.Context) ([]string, error) { return []string{"The database is sound."}, nil },
		Technical: "token=planted-token-of-the-log proxy-secret"})
	text := report.Text()
	for _, planted := range []string{"planted-password", "planted-proxy", "proxy-secret", "amina", "boss", "planted-token"} {
		if strings.Contains(text, planted) {
			t.Errorf("the report holds %q", planted)
		}
	}
	for _, want := range []string{"urn:uuid:me", "1.2", "https://hq.example.org/eden", "resource org_office", "The database is sound.", "disk gone", "***@example.org", "~/data"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not hold %q", want)
		}
	}
	var b bytes.Buffer
	if err := report.WriteZip(&b, now); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(z.File) != len(report) || z.File[0].Name != "program.txt" {
		t.Errorf("zip: %v", err)
	}
}
