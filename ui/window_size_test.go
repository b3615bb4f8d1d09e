package ui

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestTheWindowOpensNoLargerThanThereIsRoom(t *testing.T) {
	for _, tt := range []struct {
		name       string
		room, want fyne.Size
	}{
		{"as it looks best where nothing is known", fyne.Size{}, fyne.NewSize(1180, 700)},
		{"as it looks best on a large screen", fyne.NewSize(1900, 1000), fyne.NewSize(1180, 700)},
		{"1366 pixels by 768, shown at 125 %", fyne.NewSize(1080, 540), fyne.NewSize(1080, 540)},
		{"low and wide", fyne.NewSize(1900, 600), fyne.NewSize(1180, 600)},
	} {
		if got := firstSize(tt.room); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
