package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An Icon is a picture in the colours there are. (The toolkit's stays as it was where it is not
// on the screen when they change.)
type Icon struct {
	widget.Icon
	ink color.Color // that of texts when it was drawn last
}

// NewIcon returns a picture; nil is none yet.
func NewIcon(picture fyne.Resource) *Icon {
	i := &Icon{}
	i.Resource = picture
	i.ExtendBaseWidget(i)
	return i
}

// Refresh draws it anew where the colours have changed.
func (i *Icon) Refresh() {
	if ink := colorOf(i, theme.ColorNameForeground); ink != i.ink {
		i.ink = ink
		recolour(&i.Icon)
	}
	i.Icon.Refresh()
}

// recolour lets the toolkit forget in which colours it drew an icon.
func recolour(i *widget.Icon) {
	picture := i.Resource
	i.SetResource(nil)
	i.SetResource(picture)
}

// BackIcon points to where one came from, ForwardIcon to where it goes on.
func BackIcon() fyne.Resource {
	if rightToLeft.Load() {
		return theme.NavigateNextIcon()
	}
	return theme.NavigateBackIcon()
}

// ForwardIcon is the counterpart of BackIcon.
func ForwardIcon() fyne.Resource {
	if rightToLeft.Load() {
		return theme.NavigateBackIcon()
	}
	return theme.NavigateNextIcon()
}
