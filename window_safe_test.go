//go:build !headless

package main

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
)

// A person looks at a run in the log, sees what taking it back would do, does it,
// and finds it in the log as a run that can be taken back itself.
func TestAPersonTakesARunBack(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	ctx := t.Context()
	office := g.school.running.Records("org_office")[0]
	before := office.Value("phone1").Str
	if _, err := g.school.running.Conflict(ctx, office.Link(), "phone1", core.Text("+999 555 0777")); err != nil {
		t.Fatal(err)
	}
	g.tap("Sync now")
	phone := func() string {
		t.Helper()
		rec, err := g.node.Store.Record(ctx, office.Link())
		if err != nil {
			t.Fatal(err)
		}
		return rec.Value("phone1").Str
	}
	if phone() != "+999 555 0777" {
		t.Fatalf("the sync brought %q", phone())
	}
	g.window.Open(frame.Log)
	g.choose("Data")
	g.tap("Show the run")
	g.tap("Take back this run…")
	g.sees("1 record becomes again what it was before this run.")
	g.picture("undo")
	if phone() != "+999 555 0777" {
		t.Error("only looking took it back")
	}
	g.tap("Take back 1 record")
	if phone() != before {
		t.Errorf("the phone is %q after the undo, was %q", phone(), before)
	}
	g.tap("Show it")
	g.sees("A run was taken back")
	g.tap("Take back this run…")
	g.tap("Take back 1 record")
	if phone() != "+999 555 0777" {
		t.Errorf("taking the undo back gave %q", phone())
	}
}
