package ui

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"

	"github.com/fieldsync/fieldsync/ui/frame"
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
)

func (w *Window) addShortcuts() {
	control := func(key fyne.KeyName, do func(frame.Page)) {
		w.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { do(w.page()) })
	}
	control(fyne.KeyF, func(p frame.Page) {
		if f, ok := p.(finder); ok {
			f.Find()
		}
	})
	control(fyne.KeyN, func(p frame.Page) {
		if a, ok := p.(adder); ok {
			a.Add()
		}
	})
	control(fyne.KeyS, func(p frame.Page) {
		if s, ok := p.(saver); ok {
			s.Save()
		}
	})
	for key, by := range map[fyne.KeyName]int{fyne.KeyPageDown: 1, fyne.KeyPageUp: -1} {
		control(key, func(p frame.Page) {
			if t, ok := p.(turner); ok {
				t.Turn(by)
			}
		})
	}
	control(fyne.KeyR, func(frame.Page) { w.home.SyncNow() })
	w.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyF1:
			w.showKeys()
		case fyne.KeyF5:
			w.home.SyncNow()
		case fyne.KeyEscape:
			if !widgets.CloseTop(w.window.Canvas()) {
				w.toasts.close()
			}
		}
	})
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
		{control + " + F", tr.L("Search on this page")},
		{control + " + N", tr.L("Add something new on this page")},
		{control + " + S", tr.L("Save what was changed")},
		{control + " + Page Down", tr.L("Go to the next tab; with Page Up, to the one before")},
		{"F5", tr.L("Sync now")},
		{"Tab", tr.L("Go to the next control; with Shift, to the one before")},
		{tr.L("Space"), tr.L("Press the button, tick the box, open the list")},
		{tr.L("Enter"), tr.L("Save what was written; go from a search to what it found; open a line of a list")},
		{"Esc", tr.L("Close what lies above the window")},
		{"F1", tr.L("Show this list")},
	} {
		list.Add(widgets.Strong(line[0]))
		list.Add(widgets.Text(line[1]))
	}
	w.host.Tell(tr.L("Keys"), tr.L("Close"), 520, list)
}
