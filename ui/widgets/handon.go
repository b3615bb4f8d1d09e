package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// The toolkit gives a key to the control that has the focus and to nobody else. So
// every control that Tab stops at is one of this package, which hands on what the
// window listens to: handOnKey in TypedKey, and handOnShortcut where the control
// hears shortcuts itself.

// Shortcuts are the keys that the window listens to with Ctrl.
var Shortcuts = []fyne.KeyName{fyne.KeyF, fyne.KeyN, fyne.KeyS, fyne.KeyR, fyne.KeyPageDown, fyne.KeyPageUp,
	fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6}

// handOnShortcut gives one of the window's own shortcuts to the window. Those of
// the toolkit (copy, paste) stay.
func handOnShortcut(o fyne.CanvasObject, s fyne.Shortcut) bool {
	custom, ok := s.(*desktop.CustomShortcut)
	if !ok || custom.Modifier != fyne.KeyModifierShortcutDefault || !slices.Contains(Shortcuts, custom.KeyName) {
		return false
	}
	to, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable)
	if ok {
		to.TypedShortcut(s)
	}
	return ok
}

// handOnKey gives F keys and Escape to the window.
func handOnKey(o fyne.CanvasObject, k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyF1, fyne.KeyF5:
	default:
		return false
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil || c.OnTypedKey() == nil {
		return false
	}
	c.OnTypedKey()(k)
	return true
}
