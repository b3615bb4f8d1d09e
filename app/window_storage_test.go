//go:build !headless

package app

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// A database whose bookkeeping believes to have sent what it never sent, as after a
// power cut on a disk that lies: a press of the button puts it right, and the edit
// that would have stayed here for ever arrives.
func TestAPersonPutsTheStorageRight(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	office := g.school.running.Records("org_office")[1]
	g.edit(office, "phone1", "+999 555 0404")
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(g.node.Dir, "fieldsync.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE task SET push_seq = (SELECT seq FROM counter)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	g.tap("Sync now")
	if there, err := g.school.running.Record(office.Link()); err != nil || there.Value("phone1").Str == "+999 555 0404" {
		t.Fatalf("the fault has no effect, so mending it would prove nothing: %v", err)
	}

	g.window.Open(frame.Settings)
	g.tab("Storage")
	if uitest.Button(g.window.Fyne().Canvas(), "Put it right") != nil {
		t.Error("it offers to put right what nobody has looked at")
	}
	g.tap("Check now")
	g.sees("Unsent records that would never have been sent: 1.")
	g.picture("storage-fault")
	g.tap("Put it right")
	g.sees("That is mended.")
	if uitest.Button(g.window.Fyne().Canvas(), "Put it right") != nil {
		t.Error("there is still something to put right")
	}
	g.tap("Check now")
	if uitest.Says(g.window.Fyne().Canvas(), "would never have been sent: 1") {
		t.Error("the fault is still there")
	}

	g.window.Open(frame.Home)
	g.tap("Sync now")
	if there, err := g.school.running.Record(office.Link()); err != nil || there.Value("phone1").Str != "+999 555 0404" {
		t.Errorf("the server has %q, %v", there.Value("phone1").Str, err)
	}
}
