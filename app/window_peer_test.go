//go:build !headless

package app

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/cli"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// edenOffice is an office of an Eden in the test.
func edenOffice(n string, phone string) core.Record {
	rec := core.Record{Resource: "org_office", UUID: "urn:uuid:5f0c1d2e-0000-4000-8000-00000000000" + n, MCI: 0}
	rec.Set(core.Field{Name: "name", Value: core.Text("Office " + n)})
	rec.Set(core.Field{Name: "phone1", Value: core.Text(phone)})
	return rec
}

func officeLink(n string) core.Link {
	rec := edenOffice(n, "")
	return rec.Link()
}

// connect connects to an Eden as a person does, and lets the first sync run.
func (g *guide) connect(eden *edentest.Server) {
	g.Helper()
	g.tap("Connect")
	g.write("Address", eden.URL)
	g.write("Name", "HQ")
	g.tap("Next")
	g.write("User name", edentest.User)
	g.write("Password", edentest.Password)
	g.tap("Test")
	g.tap("Next")
	g.tap("First sync")
	g.sees("Everything is at HQ.")
}

// addsTheFirst adds the first record of the kind that is shown, which reaches the server.
func (g *guide) addsTheFirst() {
	g.tap("Add")
	g.write("Name", "The first one")
	g.tap("Save")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("1 of yours delivered")
}

// A server that was set up anew has no record of a kind yet: the first one is added here.
func TestTheFirstRecordOfAKindIsAddedInTheWindow(t *testing.T) {
	eden := edentest.New(t)
	eden.Document("/org/office/fields.xml", "text/xml", `<fields resource="org_office"><field name="name" type="string" readable="True" writable="True" has_options="False"/></fields>`)
	g := newGuide(t)
	g.connect(eden)
	newLearner(g.node).learn(t.Context(), 1)
	g.window.Open(frame.Records)
	g.sees("Offices")
	g.sees("0 records")
	g.addsTheFirst()
}

// A hub that is a Fieldsync with nothing in it describes no form either.
func TestTheFirstRecordIsAddedThoughNoServerDescribesIt(t *testing.T) {
	eden := edentest.New(t)
	g := newGuide(t)
	g.connect(eden)
	g.window.Open(frame.Records)
	g.sees("Organisations")
	g.sees("Add the first one, or import a spreadsheet.")
	g.addsTheFirst()
}

// A table that the server lacks is no reason not to learn what the others consist of.
func TestFormsAreLearntThoughATableIsLacking(t *testing.T) {
	for problem, want := range map[*core.Problem]int{nil: 1, {Kind: core.UnknownResource}: 1, {Kind: core.NoReadRight}: 1, {Kind: core.Unreachable}: 0} {
		l := newLearner(&cli.Node{})
		l.hear(event.RunFinished{Run: core.Run{Repository: 1}, Problem: problem})
		if len(l.runs) != want {
			t.Errorf("after %v: %d to learn, want %d", problem, len(l.runs), want)
		}
	}
}

// A hub has no server of its own: what is entered on it goes nowhere, and others fetch it.
func TestWhatIsEnteredOnAHubIsNotSaidToBeSent(t *testing.T) {
	g := newGuide(t)
	if err := g.node.Store.(replica).Share(t.Context(), "org_organisation", true); err != nil {
		t.Fatal(err)
	}
	g.window.Open(frame.Records)
	g.tap("Add")
	g.write("Name", "The first one")
	g.tap("Save")
	g.sees("Saved on this laptop.")
	if uitest.Says(g.window.Fyne().Canvas(), "It is sent with the next sync.") {
		t.Error("it is said to be sent")
	}
}

// A contact without its person is taken by no server: who brings it back is offered both.
func TestAContactIsBroughtBackWithItsPerson(t *testing.T) {
	person, contact := core.Link{Resource: "pr_person", UUID: "urn:uuid:00000000-0000-4000-8000-000000000001"}, core.Link{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-000000000002"}
	eden := edentest.New(t)
	eden.Put(core.Record{Resource: person.Resource, UUID: person.UUID, Fields: []core.Field{{Name: "first_name", Value: core.Text("Maya")}, {Name: "last_name", Value: core.Text("Tamang")}}, Components: []core.Record{
		{Resource: contact.Resource, UUID: contact.UUID, Alias: "contact", Master: person, Fields: []core.Field{{Name: "contact_method", Value: core.Text("SMS")}, {Name: "value", Value: core.Text("+977 1")}}}}})
	g := newGuide(t)
	g.connect(eden)
	for _, onlyOne := range []bool{false, true} {
		g.window.OpenRecord(person)
		g.tap("Delete")
		g.window.Open(frame.Home)
		g.tap("Sync now")
		if rec, ok := eden.Get(person); !ok || !rec.Deleted {
			t.Fatal("the deletion did not arrive")
		}
		back := "Bring both back"
		if onlyOne {
			back = "Bring “Maya Tamang” back"
			if err := g.node.Store.Undelete(t.Context(), contact, ""); err != nil {
				t.Fatal(err)
			}
		}
		g.window.OpenRecord(contact)
		g.sees("“Maya Tamang”")
		g.tap(back)
		g.window.Open(frame.Home)
		g.tap("Sync now")
		g.sees("Everything is at HQ.")
		for _, l := range []core.Link{person, contact} {
			if rec, ok := eden.Get(l); !ok || rec.Deleted {
				t.Errorf("%s is not back there", l.Resource)
			}
		}
	}
}

// The network goes; the person works on, is told the truth, and everything arrives
// once it is back.
func TestAPersonWorksOffline(t *testing.T) {
	eden := edentest.New(t)
	eden.Put(edenOffice("1", "+999 1"), edenOffice("2", "+999 2"))
	g := newGuide(t)
	g.connect(eden)

	eden.Inject(-1, edentest.Reset())
	g.tap("Sync now")
	g.sees("HQ does not answer.")
	g.sees("Nothing is lost: your changes stay on this laptop.")
	g.tap("Close")
	g.sees("The last sync did not get through.")
	g.sees("HQ does not answer.")
	if told := strings.Count(strings.Join(uitest.Texts(g.window.Fyne().Canvas()), "\n"), "HQ does not answer."); told != 1 {
		t.Errorf("one trouble is told %d times", told)
	}
	g.window.OpenRecord(officeLink("1"))
	g.write("Phone", "+999 77")
	g.tap("Save")
	g.sees("Saved on this laptop.")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.tap("Close")
	g.sees("Your change is safe on this laptop.")
	g.picture("offline")
	if there, _ := eden.Get(officeLink("1")); there.Value("phone1").Str != "+999 1" {
		t.Fatalf("the server has %q although nothing reached it", there.Value("phone1").Str)
	}
	g.window.Open(frame.Log)
	g.sees("HQ does not answer.")

	eden.Heal()
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("1 of yours delivered")
	g.sees("Everything is at HQ.")
	if there, _ := eden.Get(officeLink("1")); there.Value("phone1").Str != "+999 77" {
		t.Errorf("the server has %q", there.Value("phone1").Str)
	}
}

// The password was changed at the server: whoever works here enters the new one where
// the trouble is told, and what waited is delivered.
func TestAPersonEntersANewPassword(t *testing.T) {
	eden := edentest.New(t)
	eden.Put(edenOffice("1", "+999 1"), edenOffice("2", "+999 2"))
	g := newGuide(t)
	g.connect(eden)
	eden.SetPassword("changed there")
	g.window.OpenRecord(officeLink("1"))
	g.write("Phone", "+999 77")
	g.tap("Save")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("HQ refused the user name or password.")
	g.tap("Close")
	g.sees("HQ needs your attention.")
	g.tap("Enter the password…")
	g.sees("Enter the password of " + edentest.User)
	g.picture("password")
	g.tap("Save and sync")
	g.sees("Enter the password.")
	g.write("Password", "changed there")
	g.tap("Save and sync")
	g.sees("1 of yours delivered")
	g.sees("Everything is at HQ.")
	if uitest.Button(g.window.Fyne().Canvas(), "Enter the password…") != nil {
		t.Error("the password is still asked for")
	}
	if there, _ := eden.Get(officeLink("1")); there.Value("phone1").Str != "+999 77" {
		t.Errorf("the server has %q", there.Value("phone1").Str)
	}
}

// A laptop that was set up from a file without a window has no login at all: the person
// enters user name and password on the first page, without the administrator's passcode.
func TestAPersonEntersTheFirstLogin(t *testing.T) {
	eden := edentest.New(t)
	g := newGuide(t)
	g.connect(eden)
	r, err := g.node.Store.Repository(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r.Username, r.Password = "", ""
	if _, err := g.node.Store.UpdateRepository(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	g.tap("Sync now")
	g.tap("Close")
	g.tap("Enter the password…")
	g.sees("How do you log in at HQ?")
	g.write("Password", edentest.Password)
	g.tap("Save and sync")
	g.sees("Enter the user name")
	g.write("User name", edentest.User)
	g.tap("Save and sync")
	g.sees("Everything is at HQ.")
}

// A record that the server refuses is shown with its words, opened, mended and
// delivered.
func TestAPersonMendsARefusedRecord(t *testing.T) {
	eden := edentest.New(t)
	eden.Put(edenOffice("1", "+999 1"), edenOffice("2", "+999 2"))
	eden.Reject(func(rec core.Record, field string) string {
		if field == "phone1" && strings.Contains(rec.Value("phone1").Str, "x") {
			return "Enter a valid phone number"
		}
		return ""
	})
	g := newGuide(t)
	g.connect(eden)
	link := officeLink("1")
	g.window.OpenRecord(link)
	g.write("Phone", "+999 x")
	g.tap("Save")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("1 refused by the server")
	g.sees("1 record needs you.")

	g.window.Open(frame.Log)
	g.chooseEntry("Office 1: HQ refused this record.")
	g.sees("Enter a valid phone number")
	g.tap("Open the record")
	g.sees("Enter a valid phone number")
	g.window.Open(frame.NeedsYou)
	g.sees("HQ refused this record")
	g.sees("Enter a valid phone number")
	g.picture("refused")
	g.tap("Try again")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("1 record needs you.")

	g.window.Open(frame.NeedsYou)
	g.tap("Open the record")
	g.write("Phone", "+999 88")
	g.tap("Save")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("1 of yours delivered")
	g.sees("Everything is at HQ.")
	g.window.Open(frame.NeedsYou)
	g.sees("Nothing needs you")
	if there, _ := eden.Get(link); there.Value("phone1").Str != "+999 88" {
		t.Errorf("the server has %q", there.Value("phone1").Str)
	}
}

// lookAtOffices opens the list of three offices that a server had.
func lookAtOffices(t *testing.T) *guide {
	t.Helper()
	eden := edentest.New(t)
	eden.Put(edenOffice("1", "+999 30"), edenOffice("2", "+999 10"), edenOffice("3", "+999 20"))
	g := newGuide(t)
	g.connect(eden)
	g.window.Open(frame.Records)
	g.choose("Offices")
	return g
}

// Pressing a column's name sorts by it, pressing again the other way round.
func TestAPersonSortsByAColumn(t *testing.T) {
	g := lookAtOffices(t)
	for _, tt := range []struct {
		press string
		want  []string
	}{
		{"Phone", []string{"Office 2", "Office 3", "Office 1"}},
		{"Phone", []string{"Office 1", "Office 3", "Office 2"}},
		{"Name", []string{"Office 1", "Office 2", "Office 3"}},
		{"Name", []string{"Office 3", "Office 2", "Office 1"}},
	} {
		g.pressHead(tt.press)
		if got := g.names("Office "); !slices.Equal(got, tt.want) {
			t.Errorf("after pressing %q: %q, want %q", tt.press, got, tt.want)
		}
	}
}

// The number above a list is that of what it shows.
func TestTheNumberAboveAListIsWhatWasFound(t *testing.T) {
	g := lookAtOffices(t)
	g.sees("3 records")
	for _, tt := range []struct{ search, want string }{{"Office 2", "2 found"}, {"30", "1 found"}, {"nowhere", "0 found"}, {"", "3 records"}} {
		e, ok := uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool {
			e, ok := o.(*widgets.Entry)
			return ok && e.PlaceHolder == "Search"
		}).(*widgets.Entry)
		if !ok {
			t.Fatal("there is no search")
		}
		e.SetText(tt.search)
		g.sees(tt.want)
	}
}

// pressHead presses the name of a column.
func (g *guide) pressHead(name string) {
	g.Helper()
	head := uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool { _, ok := o.(*widgets.GridHead); return ok })
	if head == nil {
		g.Fatal("there is no head of columns")
	}
	cell := uitest.FindIn(head, func(o fyne.CanvasObject) bool {
		_, ok := o.(fyne.Tappable)
		return ok && uitest.SaysIn(o, name)
	})
	if cell == nil {
		g.Fatalf("there is no column %q", name)
	}
	cell.(fyne.Tappable).Tapped(&fyne.PointEvent{})
}

// names returns the rows' texts that begin with some letters, from the top.
func (g *guide) names(begin string) (out []string) {
	type at struct {
		y    float32
		text string
	}
	var found []at
	driver := fyne.CurrentApp().Driver()
	uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool {
		if l, ok := o.(*widgets.Label); ok && strings.HasPrefix(l.Text, begin) && l.Size().Height > 0 {
			found = append(found, at{driver.AbsolutePositionForObject(l).Y, l.Text})
		}
		return false
	})
	slices.SortFunc(found, func(a, b at) int { return int(a.y - b.y) })
	for _, f := range found {
		out = append(out, f.text)
	}
	return out
}

// photo is a picture of one colour.
func photo(t *testing.T, c color.Color) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		for y := range 30 {
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A picture of the server's is seen, replaced by one from the laptop, and the new
// one is at the server, byte for byte; one that is changed there is seen here.
func TestAPersonSendsAPictureAndGetsOne(t *testing.T) {
	red, blue := photo(t, color.RGBA{200, 0, 0, 255}), photo(t, color.RGBA{0, 0, 200, 255})
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.WriteFile(filepath.Join(home, "blue.png"), blue, 0o600); err != nil {
		t.Fatal(err)
	}
	eden := edentest.New(t)
	rec := core.Record{Resource: "doc_image", UUID: "urn:uuid:5f0c1d2e-0000-4000-8000-0000000000aa"}
	rec.Set(core.Field{Name: "name", Value: core.Text("The well")})
	rec.Set(core.Field{Name: "file", Value: core.Value{Kind: core.File, Str: eden.AddFile("red.png", red), Aux: "red.png"}})
	eden.Put(rec)
	g := newGuide(t)
	g.connect(eden)
	if _, err := g.node.Store.AddTask(t.Context(), core.NewTask(1, "doc_image")); err != nil {
		t.Fatal(err)
	}
	g.tap("Sync now")
	g.window.OpenRecord(rec.Link())
	g.sees("red.png")
	if _, content, err := g.node.Store.(replica).Attachment(t.Context(), rec.Link(), "file"); err != nil || !bytes.Equal(content, red) {
		t.Fatalf("the server's picture is not here: %d bytes, %v", len(content), err)
	}
	g.tap("Choose a file…")
	g.chooseInDialog("blue")
	g.tap("Open")
	g.sees("blue.png")
	g.picture("photo")
	g.tap("Save")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("1 of yours delivered")
	inline := []byte(base64.StdEncoding.EncodeToString(blue))
	sent := slices.ContainsFunc(eden.Requests(), func(r edentest.Request) bool { return bytes.Contains(r.Body, inline) })
	if there, _ := eden.Get(rec.Link()); there.Value("file").Aux != "blue.png" || !sent {
		t.Errorf("at the server: %+v; its content went: %v", there.Value("file"), sent)
	}

	green := photo(t, color.RGBA{0, 200, 0, 255})
	there, _ := eden.Get(rec.Link())
	there.Set(core.Field{Name: "file", Value: core.Value{Kind: core.File, Str: eden.AddFile("green.png", green), Aux: "green.png"}})
	there.ModifiedOn += 10
	eden.Put(there)
	g.tap("Sync now")
	g.window.OpenRecord(rec.Link())
	g.sees("green.png")
	if _, content, err := g.node.Store.(replica).Attachment(t.Context(), rec.Link(), "file"); err != nil || !bytes.Equal(content, green) {
		t.Errorf("the changed picture is not here: %d bytes, %v", len(content), err)
	}
}

// chooseInDialog presses a file in a dialog that asks for one.
func (g *guide) chooseInDialog(name string) {
	g.Helper()
	var item fyne.Tappable
	uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool {
		if t, ok := o.(fyne.Tappable); ok && uitest.SaysIn(o, name) {
			item = t // the innermost one comes last
		}
		return false
	})
	if item == nil {
		g.Fatalf("the dialog shows no file %q", name)
	}
	item.Tapped(&fyne.PointEvent{})
}

// Every dialog that asks for a file or a folder opens, and lets itself be left.
func TestEveryDialogForFilesOpens(t *testing.T) {
	g := newGuide(t)
	g.tap("Start practising")
	newLearner(g.node).learn(t.Context(), 1)
	leave := func(what string) {
		t.Helper()
		g.tap("Cancel")
		if g.window.Fyne().Canvas().Overlays().Top() != nil {
			t.Errorf("%s: the dialog stays", what)
		}
	}
	g.window.Open(frame.Log)
	g.tap("Export")
	leave("the log")
	g.window.Open(frame.Records)
	g.choose("Offices")
	for _, item := range []string{"Import from a file…", "Export for a spreadsheet (XLSX)…", "Export as plain table (CSV)…", "Export for another Sahana (S3XML)…"} {
		g.tap("Import and export")
		g.pressMenu(item)
		leave(item)
	}
	g.window.Open(frame.Repositories)
	for _, button := range []string{"Open a setup file…", "Save as a setup file…"} {
		g.tap(button)
		leave(button)
	}
	g.window.Open(frame.Settings)
	g.tab("Storage")
	g.tap("Back up now…")
	leave("a backup")
}

// pressMenu presses an entry of the menu that is open.
func (g *guide) pressMenu(text string) {
	g.Helper()
	item := uitest.Find(g.window.Fyne().Canvas(), func(o fyne.CanvasObject) bool {
		_, ok := o.(fyne.Tappable)
		return ok && uitest.FindIn(o, func(o fyne.CanvasObject) bool {
			t, ok := o.(*canvas.Text)
			return ok && t.Text == text
		}) != nil && strings.Contains(fmt.Sprintf("%T", o), "menuItem")
	})
	if item == nil {
		g.Fatalf("the menu has no %q", text)
	}
	item.(fyne.Tappable).Tapped(&fyne.PointEvent{})
}

// A table that the server lacks is said to be lacking where a person chose it, and no more
// once it is there.
func TestTheCardOfAResourceSaysThatTheServerLacksIt(t *testing.T) {
	eden := edentest.New(t)
	eden.Put(edenOffice("1", "East"))
	g := newGuide(t)
	g.connect(eden)
	const lacking = "HQ does not have these kinds of record, which this laptop asks for: Shelters."
	look := func() {
		g.window.Open(frame.Repositories)
		if uitest.Button(g.window.Fyne().Canvas(), "Open") != nil { // the second time it is open
			g.tap("Open")
		}
		g.tab("Resources (8)")
		g.sees("Shelters")
	}
	eden.Unknown("cr_shelter")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees(lacking)
	g.tap("Close")
	look()
	g.sees(lacking)
	eden.Known("cr_shelter")
	g.window.Open(frame.Home)
	g.tap("Sync now")
	g.sees("Everything is at HQ.")
	look()
	if uitest.Says(g.window.Fyne().Canvas(), lacking) {
		t.Error("the card says that it is lacking still")
	}
}
