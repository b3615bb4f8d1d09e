package uitest

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// The keys and shortcuts that the window promises everywhere.
var (
	promisedKeys      = []fyne.KeyName{fyne.KeyEscape, fyne.KeyF1, fyne.KeyF5}
	promisedShortcuts = widgets.Shortcuts
)

// Deaf stops at everything that Tab stops at, presses each of the window's keys and
// shortcuts there as the desktop's driver would, and returns where the window heard
// none of it.
func Deaf(c fyne.Canvas) (all []string) {
	heard := 0
	window := c.OnTypedKey()
	c.SetOnTypedKey(func(*fyne.KeyEvent) { heard++ })
	defer c.SetOnTypedKey(window)
	listening := &listener{Canvas: c}
	for _, key := range promisedShortcuts {
		listening.shortcuts.AddShortcut(promised(key), func(fyne.Shortcut) { heard++ })
	}
	stops(c, func(at fyne.Focusable) {
		if menu, ok := at.(*widget.PopUpMenu); ok { // its keys are its own while it is open
			if menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}); menu.Visible() {
				all = append(all, "Escape does not close a menu")
			}
			return
		}
		heard = 0
		for _, key := range promisedKeys {
			at.TypedKey(&fyne.KeyEvent{Name: key})
		}
		for _, key := range promisedShortcuts {
			if own, ok := at.(fyne.Shortcutable); ok {
				listening.while(func() { own.TypedShortcut(promised(key)) })
			} else {
				heard++ // the driver asks the window itself
			}
		}
		if want := len(promisedKeys) + len(promisedShortcuts); heard != want {
			all = append(all, fmt.Sprintf("%T %s: %d of %d", at, pressed(at.(fyne.CanvasObject)), heard, want))
		}
	})
	return all
}

// A listener is a canvas that takes shortcuts, as that of a desktop does and that of
// the test driver does not.
type listener struct {
	fyne.Canvas
	shortcuts fyne.ShortcutHandler
}

func (l *listener) TypedShortcut(s fyne.Shortcut) { l.shortcuts.TypedShortcut(s) }

// while lets every object stand on the listener.
func (l *listener) while(do func()) {
	app := fyne.CurrentApp()
	defer fyne.SetCurrentApp(app)
	fyne.SetCurrentApp(listenerApp{app, listenerDriver{app.Driver(), l}})
	do()
}

type listenerApp struct {
	fyne.App
	driver fyne.Driver
}

func (a listenerApp) Driver() fyne.Driver { return a.driver }

type listenerDriver struct {
	fyne.Driver
	canvas fyne.Canvas
}

func (d listenerDriver) CanvasForObject(fyne.CanvasObject) fyne.Canvas { return d.canvas }

func promised(key fyne.KeyName) *desktop.CustomShortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
}
