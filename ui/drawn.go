package ui

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// ErrUndrawn is in what Run returns if the system made no window: without the driver of
// its graphics card Windows has but an OpenGL of 1996. The toolkit would go on
// with an icon in the tray and nothing behind it.
var ErrUndrawn = errors.New("no window could be made")

func undrawn() error {
	return &core.Problem{Op: "open window", Kind: core.InvalidSetting, Err: ErrUndrawn,
		Words: tr.L("The window cannot be drawn: the graphics driver of this laptop has no OpenGL 2. Install the driver of its maker. Until then fieldsync-cli does everything in a terminal.")}
}

// drawn reports whether there is something behind a window that was shown.
func drawn(w fyne.Window) bool {
	there := true
	if native, ok := w.(driver.NativeWindow); ok {
		native.RunNative(func(of any) {
			if of, ok := of.(driver.WindowsWindowContext); ok {
				there = of.HWND != 0
			}
		})
	}
	return there
}
