package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/test"
)

// A windowOf tells what the system made.
type windowOf struct {
	fyne.Window
	system any
}

func (w windowOf) RunNative(f func(any)) { f(w.system) }

func TestAWindowThatWindowsDidNotMakeIsKnown(t *testing.T) {
	w := test.NewTempWindow(t, nil)
	for _, tt := range []struct {
		name   string
		window fyne.Window
		want   bool
	}{
		{"one of Windows", windowOf{w, driver.WindowsWindowContext{HWND: 7}}, true},
		{"none of Windows", windowOf{w, driver.WindowsWindowContext{}}, false},
		{"one of another system", windowOf{w, driver.X11WindowContext{}}, true},
		{"one that says nothing of the system", w, true},
	} {
		if got := drawn(tt.window); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
