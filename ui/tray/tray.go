package tray

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/systray"

	"github.com/fieldsync/fieldsync/ui/home"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Actions are what the menu does. They are called on the window's goroutine.
type Actions struct {
	Open, Sync, Resume, Quit func()
	Pause                    func(home.PauseChoice)
}

// A Tray is the icon. Its methods are called on the window's goroutine.
type Tray struct {
	desk  Desk
	do    Actions
	shown Face
	known bool // shown was shown
	gone  bool // nobody can be shown anything any more
	// menu is the same one for ever: while the program starts, Fyne shows the
	// first it was given once more, after a later one.
	menu *fyne.Menu
}

// New makes the icon. It must be called before the program's loop begins. Where
// nobody shows tray icons it appears as soon as somebody does.
func New(desk Desk, do Actions) *Tray {
	t := &Tray{desk: desk, do: do, menu: fyne.NewMenu("Fieldsync")}
	systray.SetOnTapped(func() { fyne.Do(do.Open) })
	t.Show(FaceOf(home.State{}, home.Sentence{}))
	return t
}

// Show shows a face. Desktops close an open menu that is made anew, and number its
// lines anew, so that is done only if one of them changed. Once the connection to
// the desktop has ended, because the program quits or the person logs out, it
// does nothing.
func (t *Tray) Show(f Face) {
	if t.gone || t.known && f == t.shown {
		return
	}
	defer t.endWithBus()
	was := t.shown
	if !t.known || f.Mood != was.Mood {
		t.desk.SetSystemTrayIcon(look.MoodIcon(int(f.Mood)))
	}
	if !t.known || f.Tip != was.Tip {
		systray.SetTooltip(f.Tip)
	}
	was.Mood, was.Tip = f.Mood, f.Tip
	if !t.known || f != was {
		t.menu.Items = t.items(f)
		t.desk.SetSystemTrayMenu(t.menu)
	}
	t.shown, t.known = f, true
}

// endWithBus notes that the connection to the desktop has ended. The library of
// the icon panics then: what waits for the window's goroutine when the program
// quits still runs after Fyne has closed the connection.
func (t *Tray) endWithBus() {
	r := recover()
	if r == nil {
		return
	}
	if !lost(r) {
		panic(r)
	}
	t.gone = true
}

// Started is called when the program's loop begins.
func (t *Tray) Started() {
	if s, ok := t.desk.(starter); ok {
		s.Start()
	}
	systray.SetTooltip(t.shown.Tip) // Windows takes none before
}

// Ended is called when the program's loop has ended.
func (t *Tray) Ended() {
	if s, ok := t.desk.(starter); ok {
		s.End()
	}
}

func (t *Tray) items(f Face) []*fyne.MenuItem {
	items := []*fyne.MenuItem{line(f.State)}
	if f.Next != "" {
		for text := range strings.SplitSeq(f.Next, "\n") {
			items = append(items, line(text))
		}
	}
	sync := fyne.NewMenuItem(tr.L("Sync now"), t.do.Sync)
	sync.Disabled = !f.Syncs
	quit := fyne.NewMenuItem(tr.L("Quit"), t.do.Quit)
	quit.IsQuit = true
	return append(items, fyne.NewMenuItemSeparator(), sync, t.pauseItem(f.Paused), fyne.NewMenuItem(tr.L("Open Fieldsync"), t.do.Open), fyne.NewMenuItemSeparator(), quit)
}

// line is one that only tells.
func line(text string) *fyne.MenuItem {
	item := fyne.NewMenuItem(text, nil)
	item.Disabled = true
	return item
}

func (t *Tray) pauseItem(paused bool) *fyne.MenuItem {
	if paused {
		return fyne.NewMenuItem(tr.L("Resume"), t.do.Resume)
	}
	item := fyne.NewMenuItem(tr.L("Pause"), nil)
	var choices []*fyne.MenuItem
	for _, c := range home.PauseChoices() {
		choices = append(choices, fyne.NewMenuItem(c.Words, func() { t.do.Pause(c) }))
	}
	item.ChildMenu = fyne.NewMenu("", choices...)
	return item
}
