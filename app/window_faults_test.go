//go:build !headless

package app

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A form with several faults says all of them, each beside its field, and leads to the first.
func TestAFormSaysAllThatIsWrong(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	canvas := g.window.Fyne().Canvas()
	g.window.Open(frame.Repositories)
	g.tap("Open")
	g.tab("Resources (11)")
	g.tap("Edit")
	for _, method := range []string{"add new records (create)", "change records (update)", "delete records (delete)", "join duplicates (merge)"} {
		test.Tap(uitest.Check(canvas, method))
	}
	g.write("Only some records (filters)", "name=Red*\n~.code__typeof=1")
	g.tap("Save")
	for _, wrong := range []string{"Choose at least one of create, update, delete and merge.", "needs a dot, as in ~.name.", "The operator typeof cannot be used here."} {
		g.sees(wrong)
	}
	if box, ok := canvas.Focused().(*widgets.Check); !ok || box.Text != "add new records (create)" {
		t.Errorf("the keyboard is led to %T", canvas.Focused())
	}
	g.tap("Cancel")
	g.tap("Discard my changes")

	g.tab("Schedule")
	g.tap("Add a time")
	g.choice("How often").SetSelected("At fixed times (cron expression)")
	g.write("Cron expression", "61 * * * *")
	g.write("Start time", "2027-06-02")
	g.write("End", "2027-06-01")
	g.write("How many times (repeats)", "many")
	g.tap("Save")
	for _, wrong := range []string{"Five fields are needed", "The end must be after the start.", "Enter a whole number"} {
		g.sees(wrong)
	}
	g.write("Start time", "2027-05-02")
	if uitest.Says(canvas, "The end must be after the start.") {
		t.Error("what was put right is still said to be wrong")
	}
	g.write("Cron expression", "30 6 * * 1-5")
	g.write("How many times (repeats)", "3")
	g.tap("Save")
	g.sees("last run never")
	g.tap("Edit")
	g.write("Start time", "")
	g.write("End", "2020-01-01")
	g.tap("Save")
	if !slices.Contains(uitest.Texts(canvas), "over, does not come again") {
		t.Error("a time that is over is not said to be")
	}
}

// choice returns the list below the label of that text.
func (g *guide) choice(label string) *widgets.Choice {
	g.Helper()
	field := uitest.Field(g.window.Fyne().Canvas(), label)
	if field == nil {
		g.Fatalf("there is no field %q", label)
	}
	choice, ok := field.Control().(*widgets.Choice)
	if !ok {
		g.Fatalf("in %q stands %T", label, field.Control())
	}
	return choice
}
