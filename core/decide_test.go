package core

import (
	"fmt"
	"testing"
)

// The stamps of a table test: ours is always 100.
const (
	older MTime = 50
	same  MTime = 100
	newer MTime = 200
)

var (
	hashA, hashB, hashC = Hash{1}, Hash{2}, Hash{3}
	tombstone           = (&Record{Deleted: true}).Hash()
)

// taken says whether theirs is taken, by policy and by the age of theirs, for an
// incoming copy straight from its master (mci 1) of a record not made here.
var taken = map[Policy]map[MTime]bool{
	PolicyThis:   {older: false, same: false, newer: false},
	PolicyOther:  {older: true, same: true, newer: true},
	PolicyNewer:  {older: false, same: true, newer: true},
	PolicyMaster: {older: true, same: true, newer: true},
	PolicyAsk:    {older: false, same: false, newer: false},
}

var (
	updatePolicies   = []Policy{PolicyThis, PolicyOther, PolicyNewer, PolicyMaster}
	conflictPolicies = []Policy{PolicyThis, PolicyOther, PolicyNewer, PolicyMaster, PolicyAsk}
	ages             = []MTime{older, same, newer}
)

// Every cell of update policy × conflict policy × strategy × situation × age:
// the expectations are the rows below, nothing is computed from the code tested.
func TestDecideEveryCell(t *testing.T) {
	alive := func(h Hash, m MTime) Side { return Side{Stamp: Stamp{ModifiedOn: m, MCI: 1}, Hash: h} }
	dead := func(m MTime) Side { return Side{Stamp: Stamp{ModifiedOn: m, MCI: 1}, Hash: tombstone, Deleted: true} }
	merged := func(m MTime) Side {
		return Side{Stamp: Stamp{ModifiedOn: m, MCI: 1}, Hash: hashC, Deleted: true, ReplacedBy: "urn:uuid:other"}
	}
	rows := []struct {
		name  string
		make  func(age MTime) Situation
		needs Method // 0: whatever the strategy, the answer is the same
		want  Verdict
		// "update": want if the update policy takes it, else kept. "grown": the
		// same, but for NEWER it is newer whatever its stamp. "undated": the same,
		// but NEWER asks. "overtaken": the same, but NEWER keeps ours, and what is kept is sent. "conflict": settled.
		policy string
	}{
		{"unknown here", func(a MTime) Situation { return Situation{Theirs: alive(hashB, a)} },
			MethodCreate, Verdict{Action: ActTake, State: StateCreated}, ""},
		{"unknown here, deleted there", func(a MTime) Situation { return Situation{Theirs: dead(a)} },
			0, Verdict{Action: ActNothing, State: StateUnchanged}, ""},
		{"known, the same on both sides", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashA, a), HasBase: true, BaseHash: hashC, ChangedHere: true}
		}, 0, Verdict{Action: ActNothing, State: StateUnchanged}, ""},
		{"known, changed only there", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashA}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "grown"},
		{"known, changed only there, back to what it was", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashA, SeenBefore: true}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "update"},
		{"known, the agreed version seen from another side", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashA, Wider: true}
		}, 0, Verdict{Action: ActTake, State: StateUpdated}, ""},
		{"known, the agreed version seen by itself, and before below its master", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashA, Wider: true, Keyed: true}
		}, 0, Verdict{Action: ActTake, State: StateUnchanged}, ""},
		{"known, changed only here", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashB, ChangedHere: true}
		}, 0, Verdict{Action: ActKeep, State: StateKept}, ""},
		{"known, and at the peer in a form of its own", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashB, Delivered: true}
		}, 0, Verdict{Action: ActKeep, State: StateUnchanged}, ""},
		{"known, changed on both sides", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashC, ChangedHere: true}
		}, MethodUpdate, Verdict{Action: ActSettle, State: StateConflict}, "conflict"},
		{"known, no base, not edited here", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a)}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "update"},
		{"known, no base, not edited here, dated in the future", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), Undated: true}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "undated"},
		{"known, changed only there, dated in the future", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashA, Undated: true}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "grown"},
		{"known, no base, edited here", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), ChangedHere: true}
		}, MethodUpdate, Verdict{Action: ActSettle, State: StateConflict}, "conflict"},
		{"deleted there", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: dead(a), HasBase: true, BaseHash: hashA}
		}, MethodDelete, Verdict{Action: ActTake, State: StateDeleted}, "grown"},
		{"deleted there, edited here", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: dead(a), HasBase: true, BaseHash: hashC, ChangedHere: true}
		}, MethodDelete, Verdict{Action: ActSettle, State: StateConflict}, "conflict"},
		{"merged there", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: merged(a), HasBase: true, BaseHash: hashA}
		}, MethodMerge, Verdict{Action: ActTake, State: StateMerged}, "grown"},
		{"merged there, edited here", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: merged(a), HasBase: true, BaseHash: hashB, ChangedHere: true}
		}, MethodMerge, Verdict{Action: ActSettle, State: StateConflict}, "conflict"},
		{"deleted here, unchanged there", func(a MTime) Situation {
			return Situation{Known: true, Ours: dead(same), Theirs: alive(hashA, a), HasBase: true, BaseHash: hashA, ChangedHere: true}
		}, 0, Verdict{Action: ActKeep, State: StateKept}, ""},
		{"deleted here, edited there", func(a MTime) Situation {
			return Situation{Known: true, Ours: dead(same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashA, ChangedHere: true}
		}, MethodUpdate, Verdict{Action: ActSettle, State: StateConflict}, "conflict"},
		{"deleted on both sides and agreed, undeleted there", func(a MTime) Situation {
			return Situation{Known: true, Ours: dead(same), Theirs: alive(hashB, a), HasBase: true, BaseHash: tombstone}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "grown"},
		{"deleted on both sides and agreed, what was sent before arrived after it", func(a MTime) Situation {
			return Situation{Known: true, Ours: dead(same), Theirs: alive(hashB, a), HasBase: true, BaseHash: tombstone, SeenBefore: true, Overtaken: true}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "overtaken"},
		{"deleted here, merged there: theirs says what became of it", func(a MTime) Situation {
			return Situation{Known: true, Ours: dead(same), Theirs: merged(a), HasBase: true, BaseHash: hashA, ChangedHere: true}
		}, MethodMerge, Verdict{Action: ActTake, State: StateMerged}, ""},
		{"merged on both sides, into others: ours says what became of it", func(a MTime) Situation {
			ours := merged(same)
			ours.ReplacedBy, ours.Hash = "another", hashB
			return Situation{Known: true, Ours: ours, Theirs: merged(a), HasBase: true, BaseHash: hashB}
		}, 0, Verdict{Action: ActNothing, State: StateUnchanged}, ""},
		{"changes places with ours, which stays", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashB, same), Theirs: alive(hashA, a), HasBase: true, BaseHash: hashB, Circles: true}
		}, MethodUpdate, Verdict{Action: ActSettle, State: StateConflict}, "conflict"},
		{"changes places with ours, and stays", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashA, same), Theirs: alive(hashB, a), HasBase: true, BaseHash: hashA, Circles: true}
		}, MethodUpdate, Verdict{Action: ActTake, State: StateUpdated}, "grown"},
		{"changes places with a deletion here, which stays", func(a MTime) Situation {
			return Situation{Known: true, Ours: dead(same), Theirs: alive(hashC, a), HasBase: true, BaseHash: tombstone, Circles: true}
		}, MethodUpdate, Verdict{Action: ActSettle, State: StateConflict}, "conflict"},
		{"changes places with ours, as a deletion", func(a MTime) Situation {
			return Situation{Known: true, Ours: alive(hashC, same), Theirs: dead(a), HasBase: true, BaseHash: hashC, Circles: true}
		}, MethodDelete, Verdict{Action: ActTake, State: StateDeleted}, "grown"},
		{"deleted on both sides", func(a MTime) Situation {
			return Situation{Known: true, Ours: dead(same), Theirs: dead(a), HasBase: true, BaseHash: hashA, ChangedHere: true}
		}, 0, Verdict{Action: ActNothing, State: StateUnchanged}, ""},
	}
	for _, row := range rows {
		for _, update := range updatePolicies {
			for _, conflict := range conflictPolicies {
				for strategy := Strategy(1); strategy <= StrategyAll; strategy++ {
					for _, age := range ages {
						want := row.want
						switch {
						case row.needs != 0 && !strategy.Allows(row.needs):
							want = Verdict{Action: ActSkip, State: StateFiltered}
						case row.policy == "grown" && update == PolicyNewer:
						case row.policy == "undated" && update == PolicyNewer:
							want = Verdict{Action: ActSettle, State: StateConflict}
						case row.policy != "" && row.policy != "conflict" && (!taken[update][age] || row.policy == "overtaken" && update == PolicyNewer):
							want = Verdict{Action: ActKeep, State: StateKept}
							if update == PolicyThis || row.policy == "overtaken" {
								want.Action = ActKeepSend
							}
						}
						got := Rules{Strategy: strategy, Update: update, Conflict: conflict}.Decide(row.make(age))
						if got.Action != want.Action || got.State != want.State {
							t.Errorf("%s; update %s, conflict %s, strategy %s, theirs dated %d: got %v %s (%s), want %v %s",
								row.name, update, conflict, strategy, age, got.Action, got.State, got.Rule, want.Action, want.State)
						}
					}
				}
			}
		}
	}
}

func TestMasterTakesOnlyFromTheOriginator(t *testing.T) {
	for _, tt := range []struct {
		name          string
		localMCI, mci int
		deleted       bool
		want          State
	}{
		{"a direct copy onto a copy", 1, 1, false, StateUpdated},
		{"a copy of a copy is refused", 1, 2, false, StateKept},
		{"without mci it counts as 2", 1, MCIUnknown, false, StateKept},
		{"what was made here is never overwritten", 0, 1, false, StateKept},
		{"a deletion says no mci: the originator's is believed", 1, MCIUnknown, true, StateDeleted},
		{"a deletion of a copy of a copy is not", 2, MCIUnknown, true, StateKept},
		{"a deletion of what was made here is not", 0, MCIUnknown, true, StateKept},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Situation{Known: true, HasBase: true, BaseHash: hashA,
				Ours:   Side{Stamp: Stamp{same, tt.localMCI}, Hash: hashA},
				Theirs: Side{Stamp: Stamp{newer, tt.mci}, Hash: hashB, Deleted: tt.deleted}}
			if got := (Rules{Strategy: StrategyAll, Update: PolicyMaster}).Decide(s); got.State != tt.want {
				t.Errorf("got %s (%s), want %s", got.State, got.Rule, tt.want)
			}
		})
	}
	s := Situation{Theirs: Side{Stamp: Stamp{newer, 2}, Hash: hashB}}
	if got := (Rules{Strategy: StrategyAll, Update: PolicyMaster}).Decide(s); got.State != StateFiltered {
		t.Errorf("a new record that is a copy of a copy: got %s, want filtered", got.State)
	}
}

// fields makes a record of text fields: "name=A", "name=" is an empty text.
func fields(pairs ...string) *Record {
	r := &Record{Resource: "org_office", UUID: "urn:uuid:1"}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Fields = append(r.Fields, Field{Name: pairs[i], Value: Text(pairs[i+1])})
	}
	return r
}

func show(r *Record) string {
	if r.Deleted {
		return "deleted"
	}
	s := ""
	for _, name := range fieldNames(r) {
		s += fmt.Sprintf("%s=%s ", name, r.Value(name).Str)
	}
	return s
}

func TestSettleEveryPolicy(t *testing.T) {
	base := fields("name", "Old", "phone", "1", "web", "w")
	ours := fields("name", "Ours", "phone", "2", "web", "w")
	theirs := fields("name", "Theirs", "phone", "1", "web", "v")
	apart := fields("name", "Old", "phone", "1", "web", "v") // clashes with nothing of ours
	gone := &Record{Resource: "org_office", UUID: "urn:uuid:1", Deleted: true}
	const (
		oursAll    = "name=Ours phone=2 web=w "
		theirsAll  = "name=Theirs phone=1 web=v "
		oursMerged = "name=Ours phone=2 web=v "
		theyMerged = "name=Theirs phone=2 web=v "
	)
	for _, tt := range []struct {
		name         string
		rules        Rules
		base, ours   *Record
		theirs       *Record
		stamp        MTime // of theirs; ours is 100
		state        State
		winner, want string
		send         bool
	}{
		{"clean merge", Rules{Merge: true}, base, ours, apart, older, StateMerged, "both", "name=Ours phone=2 web=v ", true},
		{"merge off: NEWER decides the whole record, older loses", Rules{}, base, ours, apart, older, StateConflict, "ours", oursAll, true},
		{"merge off: NEWER decides the whole record, newer wins", Rules{}, base, ours, theirs, newer, StateConflict, "theirs", theirsAll, false},
		{"merge, then NEWER takes the clashing field", Rules{Merge: true, Conflict: PolicyNewer}, base, ours, theirs, newer, StateConflict, "theirs", theyMerged, true},
		{"merge, then NEWER keeps the clashing field", Rules{Merge: true, Conflict: PolicyNewer}, base, ours, theirs, older, StateConflict, "ours", oursMerged, true},
		{"merge, then THIS", Rules{Merge: true, Conflict: PolicyThis}, base, ours, theirs, newer, StateConflict, "ours", oursMerged, true},
		{"merge, then OTHER", Rules{Merge: true, Conflict: PolicyOther}, base, ours, theirs, older, StateConflict, "theirs", theyMerged, true},
		{"merge, then MASTER from the originator", Rules{Merge: true, Conflict: PolicyMaster}, base, ours, theirs, older, StateConflict, "theirs", theyMerged, true},
		{"ASK holds everything", Rules{Merge: true, Conflict: PolicyAsk}, base, ours, theirs, newer, StateConflict, "", "", false},
		{"update THIS lets no field of theirs in", Rules{Merge: true, Update: PolicyThis, Conflict: PolicyThis}, base, ours, apart, newer, StateConflict, "ours", oursAll, true},
		{"no base: no merge", Rules{Merge: true, Conflict: PolicyOther}, nil, ours, theirs, older, StateConflict, "theirs", theirsAll, false},
		{"theirs contains ours: nothing to decide", Rules{Merge: true, Conflict: PolicyAsk}, base, fields("name", "Old", "phone", "2", "web", "w"),
			fields("name", "Old", "phone", "2", "web", "v"), older, StateUpdated, "theirs", "name=Old phone=2 web=v ", false},
		{"edit here, deleted there, NEWER keeps a later edit", Rules{Merge: true}, base, ours, gone, older, StateConflict, "ours", oursAll, true},
		{"edit here, deleted there, NEWER takes a later deletion", Rules{Merge: true}, base, ours, gone, newer, StateConflict, "theirs", "deleted", false},
		{"edit here, deleted there, ASK", Rules{Merge: true, Conflict: PolicyAsk}, base, ours, gone, newer, StateConflict, "", "", false},
		{"deleted here, edited there, THIS keeps the deletion", Rules{Conflict: PolicyThis}, base, gone, theirs, newer, StateConflict, "ours", "deleted", true},
		{"deleted here, edited there, OTHER brings it back", Rules{Conflict: PolicyOther}, base, gone, theirs, older, StateConflict, "theirs", theirsAll, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.rules.Settle(tt.base, tt.ours, tt.theirs, Stamp{100, 1}, Stamp{tt.stamp, 1})
			if got.State != tt.state || got.Winner != tt.winner || got.Send != tt.send {
				t.Errorf("got %s, winner %q, send %v; want %s, %q, %v", got.State, got.Winner, got.Send, tt.state, tt.winner, tt.send)
			}
			if tt.winner != "" && show(&got.Result) != tt.want {
				t.Errorf("result %q, want %q", show(&got.Result), tt.want)
			}
		})
	}
}

func TestPolicyAccepts(t *testing.T) {
	old, young, ours := Stamp{ModifiedOn: 1, MCI: 1}, Stamp{ModifiedOn: 2, MCI: 1}, Stamp{ModifiedOn: 1}
	for _, tt := range []struct {
		name            string
		policy          Policy
		local, incoming Stamp
		want            bool
	}{
		{"THIS keeps ours even when theirs is newer", PolicyThis, old, young, false},
		{"OTHER takes theirs even when it is older", PolicyOther, young, old, true},
		{"NEWER takes theirs when it is newer", PolicyNewer, old, young, true},
		{"NEWER takes theirs on a tie", PolicyNewer, old, old, true},
		{"NEWER keeps ours when theirs is older", PolicyNewer, young, old, false},
		{"no policy is NEWER", "", young, old, false},
		{"MASTER keeps what was made here", PolicyMaster, ours, young, false},
		{"MASTER takes the originator's, however old", PolicyMaster, young, old, true},
		{"ASK takes nothing by itself", PolicyAsk, old, young, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.policy.Accepts(tt.local, tt.incoming); got != tt.want {
				t.Errorf("%s.Accepts(%+v, %+v) = %v, want %v", tt.policy, tt.local, tt.incoming, got, tt.want)
			}
		})
	}
	for _, p := range conflictPolicies {
		if p.Swapped().Swapped() != p {
			t.Errorf("%s swapped twice is %s", p, p.Swapped().Swapped())
		}
	}
	if PolicyThis.Swapped() != PolicyOther {
		t.Error("THIS for the sender must be OTHER for the receiver")
	}
}
