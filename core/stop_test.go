package core

import "testing"

func TestWhatStoppedARepositoryIsRecognised(t *testing.T) {
	for kind := Internal; kind <= lastTrouble; kind++ {
		for _, name := range []string{"Headquarters", ""} {
			r := Repository{Name: "renamed since", Stopped: (&Problem{Kind: kind, Subject: name}).Message()}
			want := kind == IdentityChanged || kind == WentBack || kind == NodeCopied || kind == NodeWentBack
			if got, ok := r.IdentityTrouble(); ok != want || ok && got != kind {
				t.Errorf("%q: %v, %v", r.Stopped, got, ok)
			}
		}
	}
	if _, ok := (Repository{}).IdentityTrouble(); ok {
		t.Error("one that runs counts as stopped")
	}
}
