//go:build linux && !headless

// Command emptywindow shows a window of the toolkit with one line of text: the
// least that a program with a window can be.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	w := app.NewWithID("io.github.fieldsync.emptywindow").NewWindow("Empty")
	w.SetContent(widget.NewLabel("A window with one line of text, and nothing else in it at all."))
	w.Resize(fyne.NewSize(1000, 700))
	w.ShowAndRun()
}
