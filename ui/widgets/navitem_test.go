package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// In the narrow form the number stands beside the icon, however long it is, and within the entry.
func TestABadgeCoversNoPartOfTheIcon(t *testing.T) {
	test.NewTempApp(t)
	for _, word := range []string{"Log", "Needs you", "Repositories"} {
		n := NewNavItem(theme.QuestionIcon(), word, nil)
		n.SetCompact(true)
		test.NewTempWindow(t, n)
		for _, badge := range []string{"3", "12", "147", "12,345", "7"} {
			n.SetBadge(badge)
			n.Resize(fyne.NewSize(n.Width(true), n.MinSize().Height))
			icon, chip := n.icon.Position().X+n.icon.Size().Width, n.badge.Position().X
			if n.icon.Position().X < 0 || chip < icon || chip+n.badge.Size().Width > n.Size().Width+0.1 || n.badge.Size().Width < n.badge.MinSize().Width {
				t.Errorf("%s with %s: the icon is at %v to %v, the number at %v, %v of %v wide, in %v", word, badge, n.icon.Position().X, icon, chip, n.badge.Size().Width, n.badge.MinSize().Width, n.Size().Width)
			}
		}
	}
}
