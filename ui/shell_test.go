package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// However large a window is, it can be made as small as the narrow form; what has no room below
// the pages of the navigation is not shown.
func TestAWindowCanAlwaysBeMadeAsSmallAsItsNarrowForm(t *testing.T) {
	test.NewTempApp(t)
	var items []*widgets.NavItem
	for _, word := range []string{"Home", "Records", "Needs you", "Log", "Repositories", "Settings"} {
		items = append(items, widgets.NewNavItem(theme.HomeIcon(), word, nil))
	}
	keys, toast := widgets.NewButton("Keys (F1)", nil), widgets.Gap(10, 10)
	toast.Hide()
	s := newShell(items, "1.0", keys, widgets.Gap(100, 100), toast)
	test.NewTempWindow(t, s)
	least, shown := s.MinSize(), 0
	for _, size := range []fyne.Size{{Width: 1200, Height: 700}, {Width: 700, Height: 700}, {Width: 1200, Height: least.Height}, {Width: 1200, Height: 420}, {Width: 1200, Height: 440}, least} {
		s.Resize(size)
		if got := s.MinSize(); got.Width > least.Width+0.5 || got.Height > least.Height+6 { // the name is a little higher than the picture beside it
			t.Errorf("at %v it needs %v, at first %v", size, got, least)
		}
		last := items[len(items)-1]
		if bottom := fyne.CurrentApp().Driver().AbsolutePositionForObject(last).Y + last.Size().Height; keys.Visible() {
			if shown++; fyne.CurrentApp().Driver().AbsolutePositionForObject(keys).Y < bottom-0.5 {
				t.Errorf("at %v the navigation ends at %v, below where the keys begin", size, bottom)
			}
		}
	}
	if shown == 0 {
		t.Error("the keys are never shown")
	}
}
