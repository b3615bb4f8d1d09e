package ui

import (
	"runtime"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// What a page may answer to the keyboard.
type (
	finder interface{ Find() }
	adder  interface{ Add() }
	saver  interface{ Save() }
	turner interface{ Turn(by int) } // to the next tab, or the one before
	leaver interface{ Leave(goOn func()) }
	backer interface{ Back() } // from what was opened on the page to where it was opened
)

// pageKeys open the pages, in their order.
var pageKeys = []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6}

func (w *Window) addShortcuts() {
	c := w.window.Canvas()
	for _, key := range widgets.Shortcuts {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { w.Shortcut(key) })
	}
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyF1:
			w.showKeys()
		case fyne.KeyF5:
			w.home.SyncNow()
		case fyne.KeyEscape:
			w.escape()
		}
	})
}

// escape leads out of what was opened last.
func (w *Window) escape() {
	if widgets.CloseTop(w.window.Canvas()) || w.toasts.close() {
		return
	}
	if b, ok := w.page().(backer); ok {
		b.Back()
	}
}

// enter puts the keyboard on the first thing of the page, and does so again once what it shows
// was read, unless somebody has gone on meanwhile.
func (w *Window) enter() {
	w.first()
	at, page := w.window.Canvas().Focused(), w.current
	if w.host.Pause == 0 {
		return
	}
	w.host.Lanes.Run(func() func() {
		time.Sleep(2 * w.host.Pause)
		return func() {
			if w.current == page && w.window.Canvas().Focused() == at && !widgets.Covered(w.window.Canvas()) {
				w.first()
			}
		}
	})
}

// first puts the keyboard on the first thing behind the navigation.
func (w *Window) first() {
	c := w.window.Canvas()
	c.Focus(w.items[w.order[len(w.order)-1]])
	c.FocusNext()
	if b, ok := c.Focused().(*widgets.Button); ok && b == w.keys {
		c.FocusNext()
	}
	if _, round := c.Focused().(*widgets.NavItem); round {
		c.Unfocus() // there is nothing on it
	}
}

// Shortcut does what Ctrl with that key does. A page does nothing behind a dialog,
// where nobody sees it.
func (w *Window) Shortcut(key fyne.KeyName) {
	switch c := w.window.Canvas(); {
	case key == fyne.KeyR:
		w.home.SyncNow()
		return
	case key == fyne.KeyS && widgets.SaveTop(c), widgets.Covered(c):
		return
	}
	if i := slices.Index(pageKeys, key); i >= 0 && i < len(w.order) {
		w.openThen(w.order[i], w.enter)
		return
	}
	switch p := w.page(); key {
	case fyne.KeyF:
		if f, ok := p.(finder); ok {
			f.Find()
		}
	case fyne.KeyN:
		if a, ok := p.(adder); ok {
			a.Add()
		}
	case fyne.KeyS:
		if s, ok := p.(saver); ok {
			s.Save()
		}
	case fyne.KeyPageDown, fyne.KeyPageUp:
		by := 1
		if key == fyne.KeyPageUp {
			by = -1
		}
		if t, ok := p.(turner); ok {
			t.Turn(by)
		}
	}
}

// showKeys lists what the keyboard does.
func (w *Window) showKeys() {
	if w.window.Canvas().Overlays().Top() != nil {
		return
	}
	control := "Ctrl"
	if runtime.GOOS == "darwin" {
		control = "⌘"
	}
	list := container.New(layout.NewFormLayout())
	for _, line := range [][2]string{
		{control + " + 1 … 6", tr.L("Open a page: Home, Records and so on")},
		{control + " + F", tr.L("Search on this page")},
		{control + " + N", tr.L("Add something new on this page")},
		{control + " + S", tr.L("Save what was changed")},
		{strings.Replace(tr.L("Ctrl + Page Down"), "Ctrl", control, 1), tr.L("Go to the next tab; with Page Up, to the one before")},
		{"F5", tr.L("Sync now")},
		{"Tab", tr.L("Go to the next control; with Shift, to the one before")},
		{tr.L("Space"), tr.L("Press the button, tick the box, open the list")},
		{tr.L("Enter"), tr.L("Save what was written; go from a search to what it found; open a line of a list")},
		{"Esc", tr.L("Close what lies above the window; go back to the list")},
		{"F1", tr.L("Show this list")},
	} {
		list.Add(widgets.Strong(line[0]))
		list.Add(widgets.Text(line[1]))
	}
	w.host.Tell(tr.L("Keys"), tr.L("Close"), 520, list)
}
