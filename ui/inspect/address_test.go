package inspect

import (
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// Who enters the name of the server alone means the Sahana Eden below it, if there is one.
func TestTheEndOfAnAddressIsFound(t *testing.T) {
	of := func(kind core.Trouble) error { return &core.Problem{Kind: kind} }
	for _, tt := range []struct {
		name          string
		address       string
		there, beyond error // what the address answers, and the one with /eden
		want          string
	}{
		{"left out", "https://hub.example.org", of(core.WrongPath), nil, "https://hub.example.org/eden"},
		{"left out, and the password is wrong: that is said next", "https://hub.example.org", of(core.NotEden), of(core.Unauthorized), "https://hub.example.org/eden"},
		{"it is at the address itself", "https://hub.example.org", nil, nil, "https://hub.example.org"},
		{"nobody answers", "https://hub.example.org", of(core.Unreachable), nil, "https://hub.example.org"},
		{"a bakery", "https://bakery.example.org", of(core.NotEden), of(core.WrongPath), "https://bakery.example.org"},
		{"somebody knows better", "https://hub.example.org/sahana", of(core.WrongPath), nil, "https://hub.example.org/sahana"},
	} {
		got := Complete(t.Context(), func(r core.Repository, _ core.Node) (replicate.Peer, error) {
			if strings.HasSuffix(r.URL, "/eden") {
				return peer{probeErr: tt.beyond}, nil
			}
			return peer{probeErr: tt.there}, nil
		}, core.Node{}, core.Repository{URL: tt.address})
		if got.URL != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got.URL, tt.want)
		}
	}
}
