package tray

import (
	"bytes"
	"image/png"
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/systray"
)

// DeskOf returns where the icon of the program can be put. There must be a session
// bus.
func DeskOf(fyne.App) (Desk, bool) {
	start, end := systray.RunWithExternalLoop(nil, nil)
	systray.SetTitle("Fieldsync")
	return &busDesk{start, end}, true
}

// A busDesk is the place for icons on the session bus, by the library that Fyne uses.
// Fyne's own way to it draws the icon once more on a goroutine of its own while the
// program starts; if the bus ends in that moment, the library's panic there ends the
// program. Here the icon is drawn before, and everything later by the Tray.
type busDesk struct{ start, end func() }

// Start shows the icon.
func (d *busDesk) Start() { d.start() }

// End takes it away with its menu, on whose lines goroutines wait.
func (d *busDesk) End() {
	systray.ResetMenu()
	d.end()
}

// iconSize is what Fyne draws, in pixels.
const iconSize = 64

// SetSystemTrayIcon draws the icon and shows it.
func (d *busDesk) SetSystemTrayIcon(icon fyne.Resource) {
	c := software.NewTransparentCanvas()
	c.SetContent(canvas.NewImageFromResource(icon))
	c.SetPadded(false)
	c.Resize(fyne.NewSquareSize(iconSize))
	var picture bytes.Buffer
	if err := png.Encode(&picture, c.Capture()); err != nil {
		slog.Error("The icon cannot be drawn", "err", err)
		return
	}
	systray.SetIcon(picture.Bytes())
}

// SetSystemTrayMenu makes the menu anew.
func (d *busDesk) SetSystemTrayMenu(m *fyne.Menu) {
	systray.ResetMenu()
	for _, i := range m.Items {
		if i.IsSeparator {
			systray.AddSeparator()
			continue
		}
		item := systray.AddMenuItem(i.Label, "")
		d.fill(item, i)
		if i.ChildMenu == nil {
			continue
		}
		for _, below := range i.ChildMenu.Items {
			d.fill(item.AddSubMenuItem(below.Label, ""), below)
		}
	}
}

// fill lets a line do what its item does.
func (d *busDesk) fill(line *systray.MenuItem, item *fyne.MenuItem) {
	if item.Disabled {
		line.Disable()
	}
	if item.Action == nil {
		return
	}
	go func() { // ends when the menu is made anew
		for range line.ClickedCh {
			fyne.Do(item.Action)
		}
	}()
}
