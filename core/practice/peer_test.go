package practice_test

import (
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// connect returns the program's own client, registered at the practice
// repository.
func connect(t *testing.T, p *practice.Practice) *eden.Peer {
	t.Helper()
	node := core.Node{UUID: laptop, Name: "laptop"}
	peer, err := eden.New(p.Repository(), node, eden.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(peer.Close)
	who, err := peer.Probe(t.Context())
	if err != nil || who.UUID != p.UUID() {
		t.Fatalf("probe: %+v, %v", who, err)
	}
	if sender, err := peer.Register(t.Context(), node); err != nil || sender != p.UUID() {
		t.Fatalf("register: %s, %v", sender, err)
	}
	return peer
}

func TestTheProgramsOwnClientPullsPageByPage(t *testing.T) {
	p := start(t, 5)
	peer := connect(t, p)
	here := all(t, p)
	got := make(map[core.Link]bool)
	for _, resource := range practice.Resources() {
		for begin, last := 0, false; !last; {
			reply, err := peer.Pull(t.Context(), replicate.PullRequest{Resource: resource, Start: begin, Limit: 25},
				func(rec *core.Record, master bool, bad *replicate.BadRecord) error {
					if bad != nil {
						t.Errorf("%v: %s", bad.Link, bad.Reason)
						return nil
					}
					if !master {
						return nil
					}
					return rec.Walk(func(r *core.Record) error {
						mine := here[r.Link()]
						if !core.SameContent(&mine, r) || r.ModifiedOn != mine.ModifiedOn {
							t.Errorf("%v: %+v, there %+v", r.Link(), r, mine)
						}
						got[r.Link()] = true
						return nil
					})
				})
			if err != nil || !reply.Paged {
				t.Fatalf("%s from %d: %+v, %v", resource, begin, reply, err)
			}
			begin += reply.Masters
			last = reply.Masters < 25
		}
	}
	if len(got) != len(here) {
		t.Errorf("%d of %d records came", len(got), len(here))
	}
}

func TestTheProgramsOwnClientReadsInventoryAndSchema(t *testing.T) {
	p := start(t, 5)
	peer := connect(t, p)
	lines := make(map[core.Link]core.MTime)
	err := peer.Inventory(t.Context(), core.NewTask(1, "pr_person"), func(l core.InventoryLine) error {
		lines[l.Link] = l.ModifiedOn
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for link, rec := range all(t, p) {
		if r := link.Resource; (r == "pr_person" || r == "pr_contact" || r == "pr_address") && lines[link] != rec.ModifiedOn {
			t.Errorf("%v is of %v, the inventory says %v", link, rec.ModifiedOn, lines[link])
		}
	}
	schema, err := peer.Schema(t.Context(), "cr_shelter")
	if err != nil || schema.Plural != "Shelters" || len(schema.Fields) < 8 {
		t.Fatalf("%+v, %v", schema, err)
	}
	if f, ok := schema.Field("name"); !ok || !f.Required || f.Label != "Name" {
		t.Errorf("name: %+v", f)
	}
	if f, ok := schema.Field("status"); !ok || len(f.Options) != 2 {
		t.Errorf("status: %+v", f)
	}
}

func TestTheProgramsOwnClientPushesAndReadsBack(t *testing.T) {
	p := start(t, 5)
	peer := connect(t, p)
	shelter := p.Records("cr_shelter")[0]
	shelter.Set(core.Field{Name: "phone", Value: core.Text("+999 4")})
	shelter.ModifiedOn, shelter.MCI = core.MTimeOf(noon), 1
	stale := p.Records("cr_shelter")[1]
	stale.Set(core.Field{Name: "phone", Value: core.Text("+999 5")})
	stale.ModifiedOn, stale.MCI = 1, 1
	for _, enforce := range []bool{false, true} {
		reply, err := peer.Push(t.Context(), replicate.PushRequest{Resource: "cr_shelter", Records: []core.Record{shelter, stale},
			Strategy: core.StrategyAll, Update: core.PolicyNewer, Conflict: core.PolicyNewer, Enforce: enforce})
		if err != nil {
			t.Fatal(err)
		}
		if len(reply.Refused) != 1 || reply.Refused[stale.Link()] == "" {
			t.Errorf("refused: %v", reply.Refused)
		}
	}
	found := 0
	_, err := peer.Pull(t.Context(), replicate.PullRequest{Resource: "cr_shelter", UUIDs: []string{shelter.UUID, "urn:uuid:nowhere"}},
		func(rec *core.Record, master bool, bad *replicate.BadRecord) error {
			if master && rec != nil && core.SameContent(rec, &shelter) && rec.ModifiedOn == core.MTimeOf(noon) {
				found++
			}
			return nil
		})
	if err != nil || found != 1 {
		t.Errorf("%d records read back, %v", found, err)
	}
}

func TestTheProgramsOwnClientUnderstandsRefusals(t *testing.T) {
	p := start(t, 5)
	repo := p.Repository()
	repo.Password = "wrong"
	node := core.Node{UUID: laptop}
	wrong, err := eden.New(repo, node, eden.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(wrong.Close)
	if _, err := wrong.Register(t.Context(), node); !core.IsKind(err, core.Unauthorized) {
		t.Errorf("a wrong password: %v", err)
	}
	stranger, err := eden.New(p.Repository(), node, eden.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stranger.Close)
	push := replicate.PushRequest{Resource: "cr_shelter", Records: p.Records("cr_shelter")[:1]}
	if _, err := stranger.Push(t.Context(), push); !core.IsKind(err, core.NotRegistered) {
		t.Errorf("a push of a stranger: %v", err)
	}
	peer := connect(t, p)
	if _, err := peer.Pull(t.Context(), replicate.PullRequest{Resource: "auth_user"}, nil); err == nil {
		t.Error("accounts were given")
	}
	_, err = peer.Pull(t.Context(), replicate.PullRequest{Resource: "water_gauge"}, nil)
	if !core.IsKind(err, core.UnknownResource) {
		t.Errorf("a table that is not there: %v", err)
	}
	known, err := p.Store().PeerByUUID(t.Context(), laptop)
	if err != nil {
		t.Fatal(err)
	}
	known.AcceptPush = false
	if err := p.Store().SaveRepository(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	if _, err := peer.Push(t.Context(), push); !core.IsKind(err, core.NotAccepted) {
		t.Errorf("a push that is not accepted: %v", err)
	}
}

func TestTheProgramsOwnClientFetchesUploads(t *testing.T) {
	p := start(t, 5)
	peer := connect(t, p)
	rec := p.Records("org_organisation")[0]
	if _, err := p.Conflict(t.Context(), rec.Link(), "logo", core.Value{Kind: core.File, Str: "", Aux: "logo ä.png"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Store().SaveAttachment(t.Context(), core.Attachment{Record: rec.Link(), Field: "logo", Name: "logo ä.png"}, []byte("picture")); err != nil {
		t.Fatal(err)
	}
	var address string
	_, err := peer.Pull(t.Context(), replicate.PullRequest{Resource: "org_organisation", UUIDs: []string{rec.UUID}},
		func(r *core.Record, master bool, _ *replicate.BadRecord) error {
			if master {
				address = r.Value("logo").Str
			}
			return nil
		})
	if err != nil || !strings.HasPrefix(address, p.URL()) {
		t.Fatalf("%q, %v", address, err)
	}
	var content strings.Builder
	if err := peer.Fetch(t.Context(), address, 1<<20, &content); err != nil || content.String() != "picture" {
		t.Errorf("%q, %v", content.String(), err)
	}
}
