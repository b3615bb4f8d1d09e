package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// The records of the policy tests: 1 to 4 are born at the hub, 5 to 8 at the laptop; of each four the first is edited at the
// hub, the second here, the third deleted at the hub, the fourth here.
const (
	before = "1"
	theirs = "theirs"
	ours   = "ours"
	gone   = "gone"
)

// An end is how a record stands at last on both sides.
type end struct{ here, there string }

// policyEnds says, for a policy as the laptop's task has it, how each record ends. What ends differently on both sides is what
// the policy promises: one side does not take the other's.
var policyEnds = map[core.Policy][8]end{
	core.PolicyThis:   {{before, before}, {ours, ours}, {before, before}, {gone, gone}, {before, before}, {ours, ours}, {before, before}, {gone, gone}},
	core.PolicyOther:  {{theirs, theirs}, {ours, before}, {gone, gone}, {gone, before}, {theirs, theirs}, {ours, before}, {gone, gone}, {gone, before}},
	core.PolicyNewer:  {{theirs, theirs}, {ours, ours}, {gone, gone}, {gone, gone}, {theirs, theirs}, {ours, ours}, {gone, gone}, {gone, gone}},
	core.PolicyMaster: {{theirs, theirs}, {ours, before}, {gone, gone}, {gone, before}, {before, theirs}, {ours, ours}, {before, gone}, {gone, gone}},
}

// hubEnds says the same for a policy that the hub's own task for the laptop has, where the laptop's is NEWER: it decides about
// what we push, and about nothing else.
var hubEnds = map[core.Policy][8]end{
	core.PolicyThis:   {{theirs, theirs}, {ours, before}, {gone, gone}, {gone, before}, {theirs, theirs}, {ours, before}, {gone, gone}, {gone, before}},
	core.PolicyOther:  {{theirs, theirs}, {ours, ours}, {gone, gone}, {gone, gone}, {theirs, theirs}, {ours, ours}, {gone, gone}, {gone, gone}},
	core.PolicyNewer:  {{theirs, theirs}, {ours, ours}, {gone, gone}, {gone, gone}, {theirs, theirs}, {ours, ours}, {gone, gone}, {gone, gone}},
	core.PolicyMaster: {{theirs, theirs}, {ours, before}, {gone, gone}, {gone, before}, {theirs, theirs}, {ours, ours}, {gone, gone}, {gone, gone}},
}

// TestEveryPolicyBetweenTwoFieldsyncs changes one side at a time, under every policy of either side, over HTTP: who keeps what,
// what is refused is said, and a further sync moves nothing.
func TestEveryPolicyBetweenTwoFieldsyncs(t *testing.T) {
	for _, policy := range []core.Policy{core.PolicyThis, core.PolicyOther, core.PolicyNewer, core.PolicyMaster} {
		t.Run("the laptop's "+string(policy), func(t *testing.T) {
			w, _ := newNodes(t, "org_office")
			task := w.task("org_office")
			task.Update, task.Conflict = policy, policy
			if err := w.db.UpdateTask(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			w.changeOneSide()
			w.checkEnds(policyEnds[policy])
		})
		t.Run("the hub's "+string(policy), func(t *testing.T) {
			w, n := newNodes(t, "org_office")
			w.sync()
			task := core.NewTask(n.peer().ID, "org_office")
			task.Update, task.Conflict = policy, policy
			if _, err := n.db.AddTask(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			w.changeOneSide()
			w.checkEnds(hubEnds[policy])
		})
	}
}

// peer is the laptop as the hub knows it.
func (n *node) peer() core.Repository {
	n.w.t.Helper()
	node, err := n.w.db.Node(n.w.t.Context())
	if err != nil {
		n.w.t.Fatal(err)
	}
	peer, err := n.db.PeerByUUID(n.w.t.Context(), node.UUID)
	if err != nil {
		n.w.t.Fatal(err)
	}
	return peer
}

// changeOneSide makes eight records that both sides have, and changes each on one side.
func (w *world) changeOneSide() {
	w.t.Helper()
	w.offices(4)
	w.sync()
	for i := 5; i <= 8; i++ {
		w.edit(office(i), func(r *core.Record) { *r = withStamp(rec(office(i), "name", "Ours", "phone", before), r.CreatedOn) })
	}
	w.sync()
	w.pass(time.Hour)
	for _, first := range []int{1, 5} {
		w.change(office(first), "phone", theirs)
		w.edit(office(first+1), set("phone", ours))
		w.hub.Delete(office(first + 2))
		w.edit(office(first+3), func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	}
	w.pass(time.Hour)
}

func withStamp(r core.Record, created core.MTime) core.Record {
	r.CreatedOn = created
	return r
}

func (w *world) checkEnds(ends [8]end) {
	w.t.Helper()
	run := w.sync()
	refused := 0
	for i, want := range ends {
		got := end{standing(w.here(office(i + 1))), standing(w.there(office(i + 1)))}
		if got != want {
			w.t.Errorf("record %d ends as %+v, want %+v", i+1, got, want)
		}
		if want.here != want.there && (want.here == ours || want.here == gone) {
			refused++
		}
	}
	if run.Refused != refused || len(w.quarantine()) != refused {
		w.t.Errorf("%d records were refused and %d set aside, want %d\n%s", run.Refused, len(w.quarantine()), refused, w.logs())
	}
	for _, q := range w.quarantine() {
		if !q.Outgoing || q.Reason == "" {
			w.t.Errorf("set aside without a reason: %+v", q)
		}
	}
	w.quiet()
}

func standing(r core.Record) string {
	if r.Deleted {
		return gone
	}
	return r.Value("phone").Str
}

// Deletions that the hub holds until somebody there has looked: told here, kept there, carried out when confirmed.
func TestTheHubHoldsUnusuallyManyDeletions(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(50)
	w.sync()
	w.pass(time.Hour)
	for i := 1; i <= 40; i++ {
		w.edit(office(i), func(r *core.Record) { r.Deleted, r.Fields = true, nil })
	}
	w.edit(office(50), set("phone", "still moving"))
	run := w.sync()
	const allowed = 5 // one batch; the others come in one document, and are judged together
	if run.Delivered != allowed+1 || run.Refused != 40-allowed {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	w.agree(office(50), "phone", "still moving")
	if alive, err := n.db.Alive(t.Context(), "org_office"); err != nil || alive != 50-allowed {
		t.Errorf("%d are alive at the hub, %v", alive, err)
	}
	w.quiet()

	held, err := n.db.Held(t.Context(), n.peer().ID, "org_office")
	if err != nil || len(held) != 40-allowed {
		t.Fatalf("%d are held, %v", len(held), err)
	}
	rescued := held[0].Record
	w.pass(time.Hour)
	w.change(rescued, "phone", "needed")
	if _, err := w.engineFor(n.db).Sync(t.Context(), n.peer(), replicate.Options{}); err == nil {
		t.Error("a peer that only calls us cannot be called")
	}
	dry, err := w.engineFor(n.db).Sync(t.Context(), n.peer(), replicate.Options{Confirm: true, DryRun: true})
	if still, heldErr := n.db.Held(t.Context(), n.peer().ID, ""); err != nil || heldErr != nil || dry.Deleted != 40-allowed-1 || len(still) != 40-allowed {
		t.Errorf("a dry run: %s, %v; %d are held, %v", dry.Counts, err, len(still), heldErr)
	}
	other, err := w.engineFor(n.db).Sync(t.Context(), n.peer(), replicate.Options{Confirm: true, Resources: []core.Resource{"pr_person"}})
	if err != nil || other.Deleted != 0 {
		t.Errorf("another table is confirmed: %s, %v", other.Counts, err)
	}
	confirmed, err := w.engineFor(n.db).Sync(t.Context(), n.peer(), replicate.Options{Confirm: true})
	if err != nil || confirmed.Deleted != 40-allowed-1 || confirmed.Kept != 1 {
		t.Fatalf("confirmed: %s, %v", confirmed.Counts, err)
	}
	if got := w.there(rescued); got.Deleted {
		t.Error("what was edited after it was held must not go with the others")
	}
	w.pass(time.Hour)
	if run := w.sync(); run.Refused != 0 || len(w.quarantine()) != 0 {
		t.Errorf("now it is delivered: %s, %d set aside\n%s", run.Counts, len(w.quarantine()), w.logs())
	}
	w.pass(time.Hour)
	w.quiet()
}

// A stamp of 2030 at the server decides nothing: who edited the same record here is asked.
func TestAStampOfTheFutureIsAQuestion(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(2)
	w.sync()
	w.pass(time.Hour)
	w.edit(office(1), set("phone", ours))
	future := w.there(office(1))
	future.Set(core.Field{Name: "phone", Value: core.Text(theirs)})
	future.ModifiedOn = core.MTimeOf(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	w.eden.Put(future)
	if run := w.sync(); run.Conflicts != 1 || w.questions() != 1 {
		t.Errorf("got %s, %d open\n%s", run.Counts, w.questions(), w.logs())
	}
	if here := w.here(office(1)); here.Value("phone").Str != ours {
		t.Error("the edit must wait for an answer")
	}
	if run, err := w.run(replicate.Options{Confirm: true}); err != nil || w.questions() != 0 {
		t.Errorf("confirmed, the stamp counts: %s, %v, %d open", run.Counts, err, w.questions())
	}
	w.agree(office(1), "phone", theirs)
	w.edit(office(1), set("phone", ours))
	w.sync()
	w.agree(office(1), "phone", ours)
	w.quiet()
}

func TestAnAnswerToAStampOfTheFuture(t *testing.T) {
	for _, winner := range []string{ours, theirs} {
		t.Run(winner, func(t *testing.T) {
			w := newWorld(t, "org_office")
			w.offices(1)
			w.sync()
			w.pass(time.Hour)
			w.edit(office(1), set("phone", ours))
			future := w.there(office(1))
			future.Set(core.Field{Name: "phone", Value: core.Text(theirs)})
			future.ModifiedOn = core.MTimeOf(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
			w.eden.Put(future)
			w.sync()
			list, err := w.db.Conflicts(t.Context(), storage.ConflictQuery{OpenOnly: true})
			if err != nil || len(list) != 1 {
				t.Fatalf("%v, %v", list, err)
			}
			w.pass(time.Hour)
			if err := w.db.ResolveConflict(t.Context(), list[0].ID, winner, nil, core.Hash{}, "me"); err != nil {
				t.Fatal(err)
			}
			w.sync()
			w.agree(office(1), "phone", winner)
			w.quiet()
			w.pass(time.Hour)
			w.edit(office(1), set("phone", "later"))
			w.sync()
			w.agree(office(1), "phone", "later")
			w.quiet()
		})
	}
}

// questions counts the conflicts that wait for a person.
func (w *world) questions() int {
	w.t.Helper()
	list, err := w.db.Conflicts(w.t.Context(), storage.ConflictQuery{OpenOnly: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(list)
}
