package inspect

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

type peer struct {
	replicate.Peer
	id       replicate.Identity
	probeErr error
	masters  int
	pullErr  error
}

func (p peer) Probe(context.Context) (replicate.Identity, error) { return p.id, p.probeErr }
func (p peer) Pull(context.Context, replicate.PullRequest, func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	return replicate.PullReply{Masters: p.masters}, p.pullErr
}

func TestTheChecksEndWhereTheTroubleIs(t *testing.T) {
	for _, tt := range []struct {
		name     string
		peer     peer
		last     string
		ok       bool
		answered int
	}{
		{"all is well", peer{masters: 1, id: replicate.Identity{OffsetKnown: true}}, "Offices", true, 7},
		{"no network: nothing behind it is claimed", peer{probeErr: &core.Problem{Kind: core.Unreachable}}, "Network", false, 2},
		{"a bad certificate comes after the network", peer{probeErr: &core.Problem{Kind: core.CertificateWrong}}, "Certificate", false, 3},
		{"a server without encryption is not said to be who it says", peer{probeErr: &core.Problem{Kind: core.NotEncrypted}}, "Certificate", false, 3},
		{"a web server that is no Eden", peer{probeErr: &core.Problem{Kind: core.NotEden}}, "Sahana Eden", false, 4},
		{"a wrong password comes last of the first contact", peer{probeErr: &core.Problem{Kind: core.Unauthorized}}, "Login", false, 5},
		{"an unexpected trouble is told too", peer{probeErr: errors.New("odd")}, "First contact", false, 6},
		{"a clock that is days off", peer{masters: 1, id: replicate.Identity{OffsetKnown: true, Offset: 72 * time.Hour}}, "Offices", false, 7},
		{"not registered there yet, which is no missing right", peer{pullErr: &core.Problem{Kind: core.Forbidden, Peer: "Registration required"}}, "Offices", true, 7},
		{"no right to a table", peer{pullErr: &core.Problem{Kind: core.Forbidden}}, "Offices", false, 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []Check
			ok := Run(t.Context(), func(core.Repository, core.Node) (replicate.Peer, error) { return tt.peer, nil },
				core.Node{}, core.Repository{Name: "HQ", URL: "https://hq.example.org/eden"}, []core.Resource{"org_office"}, func(c Check) { got = append(got, c) })
			if ok != tt.ok || len(got) != tt.answered || got[len(got)-1].Name != tt.last {
				t.Errorf("ok %v, %d checks, last %q; want %v, %d, %q", ok, len(got), got[len(got)-1].Name, tt.ok, tt.answered, tt.last)
			}
			for _, c := range got {
				if c.Answer == "" {
					t.Errorf("%s has no answer", c.Name)
				}
			}
		})
	}
}

// Whoever sets a laptop up is told that an address without https:// is read along.
func TestAnAddressWithoutEncryptionIsNamed(t *testing.T) {
	for url, want := range map[string]bool{"http://hq.example.org/eden": true, "http://192.168.1.5:8000/eden": true,
		"https://hq.example.org/eden": false, "http://127.0.0.1:8000/eden": false, "http://localhost/eden": false, "http://[::1]:80/eden": false} {
		warned := false
		ok := Run(t.Context(), func(core.Repository, core.Node) (replicate.Peer, error) { return peer{}, nil },
			core.Node{}, core.Repository{Name: "HQ", URL: url}, nil, func(c Check) { warned = warned || c.Warning && c.OK })
		if warned != want || !ok {
			t.Errorf("%s: warned %v, want %v; ok %v", url, warned, want, ok)
		}
	}
}
