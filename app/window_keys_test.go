//go:build !headless

package app

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// Whoever has no mouse reaches everything that is enabled, on every page and in every
// dialog, with Tab.
func TestEverythingIsReachedWithTab(t *testing.T) {
	w := newWalk(newGuide(t))
	w.everywhere(func(place string) {
		for _, what := range uitest.Unreached(w.window.Fyne().Canvas()) {
			t.Errorf("%s: Tab never stops at %s", place, what)
		}
	})
}

// Wherever Tab stops it is seen, however long the form is and however low the screen.
func TestWhatTabStopsAtIsSeen(t *testing.T) {
	w := newWalk(newGuide(t))
	small := smallScreen{1, 1022, 573}
	w.on(small)
	w.everywhere(func(place string) {
		w.layOut(small)
		for _, what := range uitest.Unseen(w.window.Fyne().Canvas()) {
			t.Errorf("%s: %s", place, what)
		}
	})
}

// Who turns to another tab has the keyboard there: nothing is changed on the one before, where
// nobody sees it.
func TestTheKeyboardGoesToTheTabThatIsTurnedTo(t *testing.T) {
	g := newGuide(t)
	canvas := g.window.Fyne().Canvas()
	g.window.Open(frame.Settings)
	before, ok := uitest.Find(canvas, func(o fyne.CanvasObject) bool { _, is := o.(*widgets.Choice); return is }).(*widgets.Choice)
	if !ok {
		t.Fatal("there is nothing to choose")
	}
	canvas.Focus(before)
	g.window.Shortcut(fyne.KeyPageDown)
	at, ok := canvas.Focused().(fyne.CanvasObject)
	if !ok || at == fyne.CanvasObject(before) || uitest.Find(canvas, func(o fyne.CanvasObject) bool { return o == at }) == nil {
		t.Errorf("the keyboard is at %T", at)
	}
}

// In a question or a form that was asked for the keyboard begins, on what is to be done, but
// never on what destroys.
func TestAQuestionIsAnsweredByKeyboard(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	canvas := g.window.Fyne().Canvas()
	on := func() string {
		if b, ok := canvas.Focused().(*widgets.Button); ok {
			return b.Text
		}
		return fmt.Sprintf("%T", canvas.Focused())
	}
	escape := func() { canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape}) }
	g.window.OpenRecord(g.school.running.Records("org_office")[0].Link())
	g.write("Code", "OF-Q")
	escape()
	if got := on(); got != "Save and leave" {
		t.Errorf("before something is lost: %s", got)
	}
	escape()
	g.tap("Save")
	g.window.Open(frame.Repositories)
	g.tap("Open")
	g.tap("End practising…")
	if got := on(); got != "Cancel" {
		t.Errorf("before something is removed: %s", got)
	}
	escape()
	g.write("Name", "Something else")
	g.window.Open(frame.Home)
	if got := on(); got != "Save" {
		t.Errorf("before a configuration is left: %s", got)
	}
	escape()
	g.write("Name", "Practice repository")
	g.tab("Schedule")
	g.tap("Add a time")
	if got := on(); got != "*widgets.Choice" {
		t.Errorf("in a form: %s", got)
	}
}

// Enter leads from one thing that is asked for to the next, as everywhere else.
func TestEnterLeadsThroughTheFirstSteps(t *testing.T) {
	eden := edentest.New(t)
	g := newGuide(t)
	canvas := g.window.Fyne().Canvas()
	enter := func() {
		t.Helper()
		if canvas.Focused() == nil {
			t.Fatal("the keyboard is nowhere")
		}
		canvas.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	g.tap("Connect")
	g.write("Address", strings.TrimSuffix(eden.URL, "/eden"))
	canvas.Focus(writing(t, canvas, "Name"))
	enter()
	g.sees("How do you log in there?")
	g.write("User name", edentest.User)
	enter()
	if canvas.Focused() != fyne.Focusable(writing(t, canvas, "Password")) {
		t.Fatalf("from the user name Enter leads to %T", canvas.Focused())
	}
	g.write("Password", edentest.Password)
	canvas.Focus(writing(t, canvas, "User name"))
	enter()
	g.sees("Does everything work?")
	enter()
	enter()
	g.sees("Everything is at Headquarters.")
	if r, err := g.node.Store.RepositoryByName(t.Context(), "Headquarters"); err != nil || r.URL != eden.URL {
		t.Errorf("the end of the address was not found: %q, %v", r.URL, err)
	}
}

// Wherever the keyboard stands, the window hears the keys it promises.
func TestEveryKeyIsHeardEverywhere(t *testing.T) {
	w := newWalk(newGuide(t))
	places := 0
	w.everywhere(func(place string) {
		places++
		for _, what := range uitest.Deaf(w.window.Fyne().Canvas()) {
			t.Errorf("%s: the window does not hear its keys at %s", place, what)
		}
	})
	if places < 30 {
		t.Errorf("only %d places were seen", places)
	}
}

// The window's keys work while somebody writes, and Tab leads out of a field of
// several lines.
func TestKeysWorkWhileSomebodyWrites(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	newLearner(g.node).learn(t.Context(), 1)
	office := g.school.running.Records("org_office")[0]
	g.window.OpenRecord(office.Link())
	canvas := g.window.Fyne().Canvas()
	entry := writing(t, canvas, "Code")
	canvas.Focus(entry)
	entry.SetText("OF-K")
	g.tap("Save")
	entry = writing(t, canvas, "Comments")
	canvas.Focus(entry)
	if entry.AcceptsTab() {
		t.Error("Tab does not lead out of the comments")
	}
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF5})
	if here, err := g.school.running.Record(office.Link()); err != nil || here.Value("code").Str != "OF-K" {
		t.Errorf("F5 while writing does not sync: %q, %v", here.Value("code").Str, err)
	}
	g.window.Open(frame.Records)
	g.tap("Back")
	g.closeToast()
	entry = writing(t, canvas, "")
	canvas.Focus(entry)
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
	g.sees("Close what lies above the window; go back to the list")
	canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if canvas.Overlays().Top() != nil {
		t.Error("Escape does not close the list of keys")
	}
}

// Every page is reached from everywhere with one key, and Escape leads back from what was
// opened on it; what was typed is asked about.
func TestThePagesAreReachedByKey(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	canvas := g.window.Fyne().Canvas()
	escape := func() { canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape}) }
	g.window.OpenRecord(g.school.running.Records("org_office")[0].Link())
	for key, sees := range map[fyne.KeyName]string{
		fyne.Key1: "last complete sync", fyne.Key2: "Code", fyne.Key3: "Nothing needs you", fyne.Key4: "Choose an entry to see its details.",
		fyne.Key5: "The servers this laptop exchanges records with.", fyne.Key6: "Colours",
	} {
		g.window.Shortcut(key)
		g.sees(sees)
		if _, within := canvas.Focused().(*widgets.NavItem); within || key != fyne.Key3 && canvas.Focused() == nil {
			t.Errorf("on the page of %q the keyboard is at %T", sees, canvas.Focused())
		}
	}
	g.window.Shortcut(fyne.Key2)
	g.write("Code", "OF-Q")
	escape()
	g.sees("is not saved yet")
	escape()
	g.tap("Save")
	g.closeToast()
	escape()
	g.sees("18 records")
	g.window.Shortcut(fyne.Key5)
	g.tap("Open")
	g.sees("Does it work?")
	for _, what := range []string{"Add a resource", "Planned time"} {
		g.window.Shortcut(fyne.KeyPageDown)
		g.window.Shortcut(fyne.KeyN)
		g.sees(what)
		escape()
	}
	escape()
	g.sees("The servers this laptop exchanges records with.")
}

// Where there are no records yet, nothing is added to no table (Ctrl+N opened a form without a
// field) and nothing is searched.
func TestNothingIsAddedWhereNoTableIs(t *testing.T) {
	g := newGuide(t)
	canvas := g.window.Fyne().Canvas()
	g.window.Shortcut(fyne.Key2)
	g.sees("No records yet")
	g.window.Shortcut(fyne.KeyF)
	if _, within := canvas.Focused().(*widgets.Entry); within {
		t.Error("the keyboard is in a search that nobody sees")
	}
	g.window.Shortcut(fyne.KeyN)
	g.sees("No records yet")
}

// What lies above the window keeps the page behind it from hearing "save" and "new":
// nobody sees what happens there. (Ctrl+S in the dialog of a planned time saved the
// server's configuration and said "Saved.")
func TestAPageBehindADialogDoesNotHearTheKeys(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	g.window.Open(frame.Repositories)
	g.tap("Open")
	g.tab("Schedule")
	g.tap("Add a time")
	g.write("How many times (repeats)", "many")
	g.window.Shortcut(fyne.KeyN)
	g.window.Shortcut(fyne.KeyS)
	if uitest.Says(g.window.Fyne().Canvas(), "Saved.") {
		t.Error("it says that it is saved, and it is not")
	}
	g.write("How many times (repeats)", "12")
	g.window.Shortcut(fyne.KeyS)
	jobs, err := g.node.Store.Jobs(t.Context(), 1)
	if err != nil || len(jobs) != 1 || jobs[0].Repeats != 12 {
		t.Errorf("stored %+v, %v", jobs, err)
	}
}

// A contact is entered like everything else: the keyboard begins with the first field, Ctrl+S
// saves, and leaving asks about what is not saved.
func TestAContactIsEnteredByKeyboard(t *testing.T) {
	w := newWalk(newGuide(t))
	canvas := w.window.Fyne().Canvas()
	w.window.OpenRecord(w.person.Link())
	w.icon(theme.DocumentCreateIcon())
	if _, first := canvas.Focused().(*widgets.Choice); !first {
		t.Errorf("the keyboard begins at %T", canvas.Focused())
	}
	w.write(words.Label("Comments"), "Third floor")
	canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	w.sees("is not saved yet")
	canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if e := uitest.Entry(canvas, words.Label("Comments")); e == nil || e.Text != "Third floor" {
		t.Fatal("Escape took away what was written")
	}
	w.window.Shortcut(fyne.KeyS)
	if canvas.Overlays().Top() != nil {
		t.Fatal("Ctrl+S does not save")
	}
	w.icon(theme.DocumentCreateIcon())
	if e := uitest.Entry(canvas, words.Label("Comments")); e == nil || e.Text != "Third floor" {
		t.Error("it is not stored")
	}
}

// writing returns the first visible entry below that label, or the first of all
// for "".
func writing(t *testing.T, c fyne.Canvas, label string) (found *widgets.Entry) {
	t.Helper()
	wanted := uitest.Entry(c, label)
	uitest.Find(c, func(o fyne.CanvasObject) bool {
		e, ok := o.(*widgets.Entry)
		if ok && (label == "" || &e.Entry == wanted) {
			found = e
		}
		return found != nil
	})
	if found == nil {
		t.Fatalf("there is no entry %q", label)
	}
	return found
}

// From the search Enter leads to what was found, and Enter opens it; Tab goes through a
// page from its top.
func TestTheKeyboardGoesFromTheSearchToWhatItFound(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	organisation := g.school.running.Records("org_organisation")[0]
	g.window.Open(frame.Records)
	canvas := g.window.Fyne().Canvas()
	search := writing(t, canvas, "")
	canvas.Focus(search)
	search.SetText(organisation.Title())
	g.sees("1 found")
	press := func(name fyne.KeyName) { canvas.Focused().TypedKey(&fyne.KeyEvent{Name: name}) }
	press(fyne.KeyReturn)
	list, ok := canvas.Focused().(*widgets.List)
	if !ok {
		t.Fatalf("Enter leads to %T", canvas.Focused())
	}
	canvas.FocusPrevious()
	if on, _ := canvas.Focused().(*widgets.Button); on == nil || on.Text != "Columns" {
		t.Errorf("before the list Tab is at %v", canvas.Focused())
	}
	canvas.Focus(list)
	press(fyne.KeyReturn)
	g.sees("Came from the server.")
	if _, writes := canvas.Focused().(*widgets.Entry); !writes {
		t.Errorf("in the record the keyboard is on %v", canvas.Focused())
	}
}

// What is built anew, because it was saved, changed or undone, takes the keyboard along: it
// stands on what is to be seen, on the same as before where there is that.
func TestTheKeyboardStaysWhereAPageIsBuiltAnew(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	canvas := g.window.Fyne().Canvas()
	stands := func(after string) fyne.CanvasObject {
		t.Helper()
		at, ok := canvas.Focused().(fyne.CanvasObject)
		if !ok || uitest.Find(canvas, func(o fyne.CanvasObject) bool { return o == at }) == nil {
			t.Errorf("after %s the keyboard is at %T, which is not there", after, canvas.Focused())
		}
		return at
	}
	press := func(key fyne.KeyName) { canvas.Focused().TypedKey(&fyne.KeyEvent{Name: key}) }
	enter := func(text string) { t.Helper(); canvas.Focus(buttonOn(t, canvas, text)); press(fyne.KeyReturn) }
	g.window.Open(frame.Repositories)
	enter("Open")
	canvas.Focus(writing(t, canvas, "Name"))
	g.write("Name", "Somewhere")
	press(fyne.KeyReturn)
	stands("saving")

	g.tab("Schedule")
	for range 2 {
		enter("Add a time")
		enter("Save")
		if b, ok := stands("adding").(*widgets.Button); !ok || b.Text != "Add a time" {
			t.Errorf("after adding the keyboard is on %v", b)
		}
	}
	var boxes []*widgets.Check
	uitest.Find(canvas, func(o fyne.CanvasObject) bool {
		if box, ok := o.(*widgets.Check); ok {
			boxes = append(boxes, box)
		}
		return false
	})
	canvas.Focus(boxes[1])
	canvas.Focused().TypedRune(' ')
	if again, ok := stands("switching off").(*widgets.Check); !ok || again.Checked || again == boxes[1] {
		t.Errorf("after switching off it is on %T", canvas.Focused())
	}
	var bins []*widgets.Button
	uitest.Find(canvas, func(o fyne.CanvasObject) bool {
		b, ok := o.(*widgets.Button)
		if ok && b.Icon != nil && b.Icon.Name() == theme.DeleteIcon().Name() {
			bins = append(bins, b)
		}
		return false
	})
	canvas.Focus(bins[0])
	press(fyne.KeyReturn)
	if b, ok := stands("deleting").(*widgets.Button); ok && b.Text == "" {
		t.Error("after deleting the keyboard is on what deletes the next")
	}
	if jobs, err := g.node.Store.Jobs(t.Context(), 1); err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}

	g.window.OpenRecord(g.school.running.Records("org_office")[0].Link())
	enter("Back")
	if _, ok := stands("going back").(*widgets.List); !ok {
		t.Errorf("going back leads to %T", canvas.Focused())
	}
	g.window.OpenRecord(g.school.running.Records("org_office")[0].Link())
	enter("Delete")
	enter("Undo")
	stands("undoing")
}

// buttonOn returns the button of that name as the keyboard stands on it.
func buttonOn(t *testing.T, c fyne.Canvas, text string) (found *widgets.Button) {
	t.Helper()
	uitest.Find(c, func(o fyne.CanvasObject) bool {
		if b, ok := o.(*widgets.Button); ok && b.Text == text {
			found = b
		}
		return found != nil
	})
	if found == nil {
		t.Fatalf("there is no button %q", text)
	}
	return found
}

// What Tab stops at is known to stand there: else the keyboard would be taken from it.
func TestWhatTabStopsAtIsHeld(t *testing.T) {
	w := newWalk(newGuide(t))
	w.everywhere(func(place string) {
		c := w.window.Fyne().Canvas()
		if c.Overlays().Top() != nil {
			return
		}
		for _, at := range uitest.Stops(c) {
			if o, ok := at.(fyne.CanvasObject); !ok || !widgets.Holds(c.Content(), o) {
				t.Errorf("%s: %T is not known to be there", place, at)
			}
		}
	})
}
