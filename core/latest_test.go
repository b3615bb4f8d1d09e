package core

import "testing"

func TestARunWithoutAnEndSaysNothingOfHowThingsStand(t *testing.T) {
	underWay := Run{ID: "under way", Result: ResultSuccess}
	dry := Run{ID: "dry", Finished: 9, DryRun: true, Result: ResultSuccess}
	failed := Run{ID: "failed", Finished: 8, Result: ResultError}
	warned := Run{ID: "warned", Finished: 7, Result: ResultWarning}
	older := Run{ID: "older", Finished: 6, Result: ResultSuccess}
	id := func(r *Run) string {
		if r == nil {
			return ""
		}
		return r.ID
	}
	for _, tt := range []struct {
		name           string
		runs           []Run
		ended, through string
	}{
		{"none", nil, "", ""},
		{"the first one goes on", []Run{underWay}, "", ""},
		{"the failure before stays the last word", []Run{underWay, dry, failed, warned, older}, "failed", "warned"},
		{"nothing came through", []Run{failed}, "failed", ""},
		{"the last one came through", []Run{older, failed}, "older", "older"},
	} {
		if ended, through := Latest(tt.runs); id(ended) != tt.ended || id(through) != tt.through {
			t.Errorf("%s: %q and %q, want %q and %q", tt.name, id(ended), id(through), tt.ended, tt.through)
		}
	}
}
