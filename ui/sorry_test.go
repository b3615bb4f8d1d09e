package ui

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

func TestAStartThatFailsSaysWhyAndWhetherTheDataIsSafe(t *testing.T) {
	w := newSorry(test.NewTempApp(t), &core.Problem{Kind: core.StoreTooNew})
	for _, text := range []string{"This database was written by a newer Fieldsync.", "It was not touched.", "Install the newer Fieldsync."} {
		if !uitest.Says(w.Canvas(), text) {
			t.Errorf("it does not say %q", text)
		}
	}
	if uitest.Button(w.Canvas(), "Close") == nil {
		t.Error("it cannot be closed")
	}
}
