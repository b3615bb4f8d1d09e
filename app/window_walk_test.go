//go:build !headless

package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A walk leads through every page and every dialog of the window, in whatever
// language it speaks, so that tests can look at all of them alike.
type walk struct {
	*guide
	look   func(place string)
	person core.Record
	office core.Record
	clash  core.Record // changed on both sides
}

// What the practice server is said to have refused, and why.
const (
	refusal        = "Enter a valid phone number"
	refusalDetails = "phone1: 4711"
)

// newWalk practises until there is something everywhere: a conflict, deletions that
// are held, changes that were sent, and a history.
func newWalk(g *guide) *walk {
	g.Helper()
	w := &walk{guide: g, look: func(string) {}}
	ctx := g.Context()
	g.tap(tr.L("Start practising"))
	newLearner(g.node).learn(ctx, 1)
	w.person, w.office, w.clash = g.school.running.Records("pr_person")[3], g.school.running.Records("org_office")[1], g.school.running.Records("org_office")[0]
	for _, shelter := range g.school.running.Records("cr_shelter")[:30] {
		if _, err := g.school.running.Delete(ctx, shelter.Link()); err != nil {
			g.Fatal(err)
		}
	}
	g.edit(w.office, "phone1", "+999 555 0404")
	g.awaitDecision()
	g.closeToast()
	w.refuse()
	return w
}

// refuse notes that the server refused a record.
func (w *walk) refuse() {
	w.Helper()
	err := w.node.Store.(replica).DB.Import(w.Context(), func(tx intake.Tx) error {
		return tx.AddQuarantine(w.Context(), core.Quarantine{RepositoryID: 1, Outgoing: true, Record: w.person.Link(), Reason: refusal, Details: refusalDetails})
	})
	if err != nil {
		w.Fatal(err)
	}
}

// edit changes fields of a record as a person here would.
func (g *guide) edit(seen core.Record, namesAndValues ...string) {
	g.Helper()
	store := windowReplica{g.node.Store.(replica), g.node.Events}
	rec, err := store.Record(g.Context(), seen.Link())
	if err != nil {
		g.Fatal(err)
	}
	var hasher core.Hasher
	hash := hasher.Sum(&rec)
	for i := 0; i < len(namesAndValues); i += 2 {
		rec.Set(core.Field{Name: namesAndValues[i], Value: core.Text(namesAndValues[i+1])})
	}
	if _, err := store.SaveRecord(g.Context(), rec, hash, "maya@example.org"); err != nil {
		g.Fatal(err)
	}
}

// everywhere goes to every page and dialog, and leaves all as it was.
func (w *walk) everywhere(look func(place string)) {
	w.Helper()
	w.look = look
	w.home()
	w.records()
	w.decisions()
	w.log()
	w.repositories()
	w.settings()
	w.stopped()
}

// page opens a page without anything from before on it.
func (w *walk) page(name string) {
	w.closeToast()
	w.window.Open(name)
}

// dialog looks at what is above the window and closes it with Escape.
func (w *walk) dialog(place string) {
	w.Helper()
	c := w.window.Fyne().Canvas()
	if c.Overlays().Top() == nil {
		w.Fatalf("there is no dialog: %s", place)
	}
	w.look(place)
	w.closeToast()
	if o := c.Overlays().Top(); o != nil {
		w.Fatalf("Escape does not close %s", place)
	}
}

// foreign is dialog for a menu or dialog of the toolkit, which cannot be laid out
// anew.
func (w *walk) foreign(place string) {
	w.Helper()
	c := w.window.Fyne().Canvas()
	if c.Overlays().Top() == nil {
		w.Fatalf("there is no dialog: %s", place)
	}
	w.look(place)
	for c.Overlays().Top() != nil {
		c.Overlays().Remove(c.Overlays().Top())
	}
}

// icon presses the first button of that picture.
func (w *walk) icon(icon fyne.Resource) {
	w.Helper()
	b := uitest.Icon(w.window.Fyne().Canvas(), icon)
	if b == nil {
		w.Fatalf("there is no button %s", icon.Name())
	}
	test.Tap(b)
}

func (w *walk) home() {
	w.Helper()
	w.page(frame.Home)
	w.look("home")
	w.tap(tr.L("End practising"))
	w.dialog("home, end practising")
	w.tap(tr.L("Let a colleague change something"))
	w.look("home, a colleague's change")
	w.closeToast()
}

func (w *walk) records() {
	w.Helper()
	w.page(frame.Records)
	w.look("records")
	w.tap(tr.L("Columns"))
	w.dialog("records, columns")
	w.tap(tr.L("Import and export"))
	w.foreign("records, files")
	w.window.Import(transfer.Content("titles.csv", []byte("Title,Number,uuid\nBorehole driller,17,\nLogistician,18,\n")))
	w.dialog("records, import")
	w.window.OpenRecord(w.person.Link())
	w.look("person")
	w.icon(theme.CalendarIcon())
	w.dialog("person, choose a day")
	w.tap(tr.L("Delete"))
	w.look("person, deleted")
	w.tap(tr.L("Undo"))
	w.icon(theme.DocumentCreateIcon())
	w.dialog("person, contact")
	w.icon(theme.DeleteIcon())
	w.dialog("person, delete a contact")
	w.tap(tr.L("Back"))
	w.window.OpenRecord(w.office.Link())
	w.look("office")
	w.icon(theme.SearchIcon())
	w.dialog("office, choose an organisation")
	w.icon(theme.SearchIcon())
	w.tap(tr.L("New…"))
	w.dialog("office, new organisation")
	w.tap(tr.L("Restore"))
	w.dialog("office, restore")
	w.write(words.Label("Code"), "OF-X")
	w.tap(tr.L("Back"))
	w.look("office, unsaved")
	w.tap(tr.L("Discard my changes"))
	w.look("records, again")
}

func (w *walk) decisions() {
	w.Helper()
	w.page(frame.NeedsYou)
	w.look("needs you, deletions")
	clash := string([]rune(w.clash.Title())[:4]) // the rest may be cut
	w.turnTo(clash, clash)
	w.look("needs you, conflict")
	w.turnTo(tr.N("{{.N}} deletions wait", 30), tr.N("{{.N}} deletions wait for your word", 30))
	w.tap(tr.N("Delete {{.N}} records here too", 30))
	w.dialog("needs you, delete")
	person := string([]rune(w.person.Title())[:4])
	w.turnTo(person, person)
	w.look("needs you, refused")
	w.tap(tr.L("Details"))
	w.look("needs you, refused, in detail")
}

// turnTo shows what needs a person: that row of the list or, where there is no room for one,
// the step at which that is said.
func (w *walk) turnTo(row, said string) {
	w.Helper()
	c := w.window.Fyne().Canvas()
	if uitest.Row(c, row) {
		return
	}
	for _, way := range []fyne.Resource{widgets.BackIcon(), widgets.ForwardIcon()} {
		for step := uitest.Icon(c, way); step != nil && !uitest.Says(c, said); step = uitest.Icon(c, way) {
			step.OnTapped()
		}
	}
	if !uitest.Says(c, said) {
		w.Fatalf("nothing says %q", said)
	}
}

func (w *walk) log() {
	w.Helper()
	w.page(frame.Log)
	w.look("log")
	w.chooseEntry("")
	w.look("log, entry")
	w.tap(tr.L("Show the run"))
	w.look("log, run")
	w.tap(tr.L("Take back this run…"))
	w.dialog("log, take back")
	w.tap(tr.L("Show all entries"))
}

func (w *walk) repositories() {
	w.Helper()
	w.page(frame.Repositories)
	w.look("repositories")
	w.tap(tr.L("Open"))
	w.look("repository, configuration")
	w.tap(tr.L("End practising…"))
	w.dialog("repository, end practising")
	w.write(tr.L("Name"), "Something else")
	w.page(frame.Home)
	w.dialog("repository, unsaved")
	w.write(tr.L("Name"), tr.L("Practice repository"))
	w.tab(tr.N("Resources ({{.N}})", 11))
	w.look("repository, resources")
	w.tap(tr.L("Edit"))
	w.dialog("repository, resource")
	w.tap(tr.L("Add a resource"))
	w.dialog("repository, new resource")
	w.tap(tr.L("What would a sync do?"))
	w.dialog("repository, preview")
	w.tab(tr.L("Schedule"))
	w.look("repository, schedule")
	w.tap(tr.L("Add a time"))
	w.dialog("repository, time")
	w.tab(tr.L("Log"))
	w.look("repository, log")
	w.tap(tr.L("Back"))
}

// stopped looks at every stop because of who is who or of a password, and at the ways on
// from it.
func (w *walk) stopped() {
	w.Helper()
	store := w.node.Store
	for name, kind := range map[string]core.Trouble{"another server": core.IdentityChanged, "it went back": core.WentBack, "copied": core.NodeCopied, "restored": core.NodeWentBack} {
		w.stop(&core.Problem{Kind: kind, Subject: tr.L("Practice repository")})
		w.page(frame.Settings)
		w.page(frame.Home)
		w.look("home, " + name)
		w.tap(tr.L("How to go on…"))
		w.dialog("home, how to go on, " + name)
		if kind == core.WentBack {
			w.tap(tr.L("How to go on…"))
			w.tap(tr.L("It is right as it is: take the server's older state…"))
			w.dialog("home, take the older state")
		}
	}
	w.stop(&core.Problem{Kind: core.Unauthorized, Subject: tr.L("Practice repository")})
	w.page(frame.Settings)
	w.page(frame.Home)
	w.look("home, the password is refused")
	w.tap(tr.L("Enter the password…"))
	w.dialog("home, enter the password")
	w.stop(nil)
	if r, err := store.Repository(w.Context(), 1); err != nil || !r.Active() {
		w.Fatal(r.Stopped, err)
	}
	w.page(frame.Settings)
	w.page(frame.Home)
}

// stop stops the repository, or lets it go on.
func (w *walk) stop(because *core.Problem) {
	w.Helper()
	r, err := w.node.Store.Repository(w.Context(), 1)
	if err != nil {
		w.Fatal(err)
	}
	if r.Stopped = ""; because != nil {
		r.Stopped = because.Message()
	}
	if err := learnt(w.Context(), w.node.Store, r); err != nil {
		w.Fatal(err)
	}
}

func (w *walk) settings() {
	w.Helper()
	w.page(frame.Settings)
	for _, tab := range []string{tr.L("General"), tr.L("This laptop"), tr.L("Answer peers"), tr.L("Passcode"), tr.L("Storage"), tr.L("Diagnostics"), tr.L("About")} {
		w.tab(tab)
		w.look("settings, " + tab)
	}
	w.tab(tr.L("Answer peers"))
	w.tap(tr.L("Add an account"))
	w.dialog("settings, account")
	w.tab(tr.L("Storage"))
	w.tap(tr.L("Check now"))
	w.look("settings, checked")
}
