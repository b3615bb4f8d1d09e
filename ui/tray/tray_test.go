package tray

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"fyne.io/fyne/v2"
	"github.com/godbus/dbus/v5"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/home"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// fakeDesktop counts what the tray asks of the desktop.
type fakeDesktop struct {
	first, menu  *fyne.Menu
	menus, icons int
	broken       error // what it panics with
}

func (d *fakeDesktop) SetSystemTrayMenu(m *fyne.Menu) {
	if d.menu, d.menus = m, d.menus+1; d.first == nil {
		d.first = m
	}
}
func (d *fakeDesktop) SetSystemTrayIcon(fyne.Resource) {
	if d.icons++; d.broken != nil {
		panic(d.broken)
	}
}
func (d *fakeDesktop) SetSystemTrayWindow(_ fyne.Window) {}

func labels(m *fyne.Menu) (out []string) {
	for _, i := range m.Items {
		if !i.IsSeparator {
			out = append(out, i.Label)
		}
	}
	return out
}

func (d *fakeDesktop) item(t *testing.T, label string) *fyne.MenuItem {
	t.Helper()
	for _, i := range d.menu.Items {
		if i.Label == label {
			return i
		}
	}
	t.Fatalf("no %q in %q", label, labels(d.menu))
	return nil
}

// As Fyne's systray does once the session bus has gone or the program quits.
func TestTheTrayOutlivesItsConnectionToTheDesktop(t *testing.T) {
	for _, broken := range []error{fmt.Errorf("emit: %w", dbus.ErrClosed), &net.OpError{Op: "write", Net: "unix", Err: syscall.EPIPE}} {
		d := &fakeDesktop{}
		tray := New(d, Actions{})
		d.broken = broken
		tray.Show(FaceOf(hq, home.Sentence{Mood: home.MoodWaiting, Title: "HQ needs your attention."}))
		icons := d.icons
		tray.Show(FaceOf(hq, home.Sentence{Mood: home.MoodGood, Title: "Everything is at HQ."}))
		if d.icons != icons {
			t.Errorf("%v: it goes on talking to a desktop that has gone", broken)
		}
	}
}

func TestTheTrayHidesNoOtherPanic(t *testing.T) {
	d := &fakeDesktop{}
	tray := New(d, Actions{})
	d.broken = errors.New("another")
	defer func() {
		if r := recover(); r != d.broken {
			t.Errorf("recovered %v", r)
		}
	}()
	tray.Show(FaceOf(hq, home.Sentence{Mood: home.MoodWaiting, Title: "HQ needs your attention."}))
}

var hq = home.State{Repositories: []home.RepositoryState{{Repository: core.Repository{ID: 1, URL: "https://hq.example"}}}}

func TestTheMenuSaysTheStateAndDoesWhatTheWindowDoes(t *testing.T) {
	var done []string
	note := func(what string) func() { return func() { done = append(done, what) } }
	d := &fakeDesktop{}
	tray := New(d, Actions{Open: note("open"), Sync: note("sync"), Resume: note("resume"), Quit: note("quit"),
		Pause: func(c home.PauseChoice) { done = append(done, c.Words) }})
	if !d.item(t, "Sync now").Disabled || !d.item(t, "Nothing is set up yet.").Disabled {
		t.Error("before anything is set up there is nothing to sync")
	}
	tray.Show(FaceOf(hq, home.Sentence{Mood: home.MoodWaiting, Title: "3 changes wait to be sent.", Detail: "Last sync today 14:03."}))
	if !d.item(t, "3 changes wait to be sent.").Disabled || !d.item(t, "Last sync today 14:03.").Disabled {
		t.Error("what only tells can be pressed")
	}
	d.item(t, "Sync now").Action()
	d.item(t, "Pause").ChildMenu.Items[1].Action()
	d.item(t, "Open Fieldsync").Action()
	d.item(t, "Quit").Action()
	paused := hq
	paused.Paused = true
	tray.Show(FaceOf(paused, home.Sentence{}))
	d.item(t, "Resume").Action()
	want := []string{"sync", "Until tomorrow", "open", "quit", "resume"}
	for i, w := range want {
		if i >= len(done) || done[i] != w {
			t.Fatalf("did %q, want %q", done, want)
		}
	}
}

func TestTheMenuIsMadeAnewOnlyWhenItChanges(t *testing.T) {
	d := &fakeDesktop{}
	tray := New(d, Actions{})
	sentence := home.Sentence{Mood: home.MoodGood, Title: "Everything is at HQ.", Detail: "Last sync today 14:03."}
	for range 5 {
		tray.Show(FaceOf(hq, sentence))
	}
	if d.menus != 2 || d.icons != 2 {
		t.Errorf("%d menus and %d icons, want the first and the present one", d.menus, d.icons)
	}
	sentence.Mood = home.MoodOffline
	tray.Show(FaceOf(hq, sentence))
	if d.menus != 2 || d.icons != 3 {
		t.Errorf("another mood: %d menus and %d icons", d.menus, d.icons)
	}
}

// Fyne shows the first menu once more when its loop begins.
func TestTheFirstMenuIsKeptUpToDate(t *testing.T) {
	d := &fakeDesktop{}
	New(d, Actions{}).Show(FaceOf(hq, home.Sentence{Title: "Everything is at HQ."}))
	if got := labels(d.first); got[0] != "Everything is at HQ." {
		t.Errorf("the first menu says %q", got)
	}
}

// What it says last, when the next try is, is read there, too.
func TestALongSentenceHasSomeLinesInTheMenu(t *testing.T) {
	detail := "Headquarters does not answer. Your 3 changes are safe on this laptop. Last sync today 14:03. Next try today 15:00."
	f := FaceOf(hq, home.Sentence{Title: "Offline.", Detail: detail})
	if f.Tip != "Fieldsync: Offline. "+detail || f.Next != "Headquarters does not answer. Your 3 changes are safe on this laptop.\nLast sync today 14:03. Next try today 15:00." {
		t.Errorf("tip %q, lines %q", f.Tip, f.Next)
	}
	d := &fakeDesktop{}
	New(d, Actions{}).Show(f)
	if got := labels(d.first); got[2] != "Last sync today 14:03. Next try today 15:00." {
		t.Errorf("the menu says %q", got)
	}
}

// Every line of the menu and the tip is in the person's language.
func TestTheMenuIsNotInEnglishOnly(t *testing.T) {
	restore, err := tr.Pretend(func(string) string { return "⟦⟧" })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restore)
	d := &fakeDesktop{}
	tray := New(d, Actions{})
	paused := hq
	paused.Paused = true
	read := 0
	var understand func(m *fyne.Menu)
	understand = func(m *fyne.Menu) {
		for _, i := range m.Items {
			if i.ChildMenu != nil {
				understand(i.ChildMenu)
			}
			if read++; i.Label != "" && i.Label != "⟦⟧" {
				t.Errorf("%q is in English", i.Label)
			}
		}
	}
	for _, s := range []home.State{{}, hq, paused} {
		tray.Show(FaceOf(s, home.Sentence{Mood: home.MoodWaiting, Title: "⟦⟧", Detail: "⟦⟧"}))
		understand(d.menu)
	}
	if read < 15 {
		t.Errorf("only %d lines were read", read)
	}
}
