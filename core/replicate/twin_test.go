package replicate_test

import (
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// One server that is set up twice, as under its old address and its new one: the second one is
// refused with the name of the first, which goes on, and no fault of the program is reported.
func TestAServerThatIsSetUpTwiceIsSaidToBe(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(3)
	w.sync()
	first := w.repo
	again := w.eden.Repository()
	again.Name = "The same under another address"
	w.know(again, "org_office")
	w.edit(office(1), set("name", "Mine"))
	run, err := w.run(replicate.Options{})
	if !core.IsKind(err, core.InvalidSetting) || !strings.Contains(err.Error(), first.Name) || run.Sent+run.Received != 0 {
		t.Errorf("got %v, %s\n%s", err, run.Counts, w.logs())
	}
	w.repo = first
	w.sync()
	w.agree(office(1), "name", "Mine")
}

// A Fieldsync remembers nothing of a laptop's first run but the laptop: what greets it next may be
// the second repository, and the first one knows that greeting.
func TestAFieldsyncThatIsSetUpTwiceTakesNobodyForRestored(t *testing.T) {
	w, n := newNodes(t, "org_office")
	w.offices(2)
	w.sync()
	first := w.repo
	w.know(core.Repository{Name: "again", URL: n.url, Username: laptopLogin, Password: laptopPassword}, "org_office")
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("got %v", err)
	}
	w.repo = first
	w.sync()
	w.quiet()
}

// One that called us first is found out, too.
func TestAServerThatCallsUsIsNotSetUpTwice(t *testing.T) {
	w := newWorld(t, "org_office")
	caller, err := w.db.AddPeer(t.Context(), core.Repository{UUID: w.eden.UUID, Name: "Calls us"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.InvalidSetting) || !strings.Contains(err.Error(), caller.Name) {
		t.Errorf("got %v\n%s", err, w.logs())
	}
}

// Whoever changes a name on a page that was opened before the first sync takes nothing back of what
// that learnt: another server at the address would not be recognised as another one.
func TestWhatARunLearntOfAServerStaysWhenSettingsAreSaved(t *testing.T) {
	w := newWorld(t, "org_office")
	w.offices(1)
	page := w.repo
	w.sync()
	page.Name = "Headquarters"
	if saved, err := w.db.UpdateRepository(t.Context(), page); err != nil || saved.UUID != w.eden.UUID || saved.Registered == 0 {
		t.Errorf("saved as %+v, %v", saved, err)
	}
	w.eden.UUID = "urn:uuid:99999999-9999-4999-8999-999999999999"
	if _, err := w.run(replicate.Options{}); !core.IsKind(err, core.IdentityChanged) {
		t.Errorf("another server was taken for the same: %v", err)
	}
}
