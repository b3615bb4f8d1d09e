package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// Whoever has no mouse comes from what was typed to what was found.
func TestASearchLeadsToWhatItFound(t *testing.T) {
	list := NewList(func() int { return 2 }, func() fyne.CanvasObject { return NewLabel("") }, func(int, fyne.CanvasObject) {})
	chosen := -1
	list.OnSelected = func(i int) { chosen = i }
	search := Search("Search", func(string) {})
	w := test.NewTempWindow(t, container.NewBorder(search, nil, nil, nil, list))
	w.Resize(fyne.NewSize(300, 300))
	search.LeadTo(w.Canvas(), list)
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter} {
		w.Canvas().Focus(search)
		search.TypedKey(&fyne.KeyEvent{Name: key})
		if w.Canvas().Focused() != fyne.Focusable(list) {
			t.Fatalf("%s leads to %T", key, w.Canvas().Focused())
		}
	}
	list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if chosen != 1 {
		t.Errorf("row %d was chosen", chosen)
	}
}
