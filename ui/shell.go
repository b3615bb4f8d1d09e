package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// A shell puts the navigation at the left, the page beside it, and what is told
// for a while below the page. Where the window is narrow for the size of its texts
// the words of the navigation go below their icons.
type shell struct {
	items         []*widgets.NavItem
	name, version *widgets.Label
	keys          *widgets.Button // what the keyboard does
	foot          fyne.CanvasObject
	compact       bool
}

// Measures of the navigation, in points and in sizes of text.
const (
	sideWidth   = 216
	sideMargin  = 12
	roomyWindow = 58
)

// newShell lays side, page and toasts out.
func newShell(items []*widgets.NavItem, version string, keys *widgets.Button, page, toasts fyne.CanvasObject) fyne.CanvasObject {
	s := &shell{items: items, name: widgets.Heading("Fieldsync"), version: widgets.Caption(version), keys: keys}
	s.keys.AlignBegin()
	return widgets.Turned(container.New(s, s.makeSide(), page, toasts))
}

func (s *shell) makeSide() fyne.CanvasObject {
	logo := canvas.NewImageFromResource(look.WindowIcon())
	logo.FillMode = canvas.ImageFillContain
	logo.SetMinSize(fyne.NewSize(30, 30))
	column := widgets.Column(4, container.NewBorder(nil, nil, logo, nil, s.name), widgets.Gap(0, 6))
	for _, item := range s.items {
		column.Add(widgets.Tall(40, item))
	}
	s.name.Truncation = fyne.TextTruncateClip
	s.version.Truncation = fyne.TextTruncateEllipsis
	s.foot = widgets.Column(0, s.keys, s.version)
	ground := widgets.Surface(nil, look.ColorSide, 0)
	ground.Square = true
	body := container.New(layout.NewCustomPaddedLayout(16, 8, sideMargin, sideMargin), container.NewBorder(column, s.foot, nil, nil))
	return container.NewStack(ground, body)
}

// side is how wide the navigation is.
func (s *shell) side(compact bool) (width float32) {
	for _, item := range s.items {
		width = max(width, item.Width(compact))
	}
	width += 2 * sideMargin
	if !compact {
		width = max(width, sideWidth)
	}
	return width
}

// MinSize is what the narrow form needs, whichever is shown: a window that opens is made as large
// as it is asked for then, and stays so, beyond the edge of a small screen.
func (s *shell) MinSize(objects []fyne.CanvasObject) fyne.Size {
	page := objects[1].MinSize()
	if objects[2].Visible() {
		toast := objects[2].MinSize()
		page = fyne.NewSize(max(page.Width, toast.Width), page.Height+toast.Height)
	}
	return fyne.NewSize(s.side(true)+page.Width, max(page.Height, objects[0].MinSize().Height-s.foot.MinSize().Height))
}

// showFoot shows what stands below the pages, if there is room.
func (s *shell) showFoot(side fyne.CanvasObject, height float32) {
	show := func(on bool) {
		widgets.Show(s.keys, on)
		widgets.Show(s.version, on)
	}
	show(!s.compact)
	if !s.compact && side.MinSize().Height > height {
		show(false)
	}
}

// Layout gives the page what the others leave.
func (s *shell) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	s.compact = size.Width < roomyWindow*theme.Size(theme.SizeNameText)
	widgets.Show(s.name, !s.compact)
	for _, item := range s.items {
		item.SetCompact(s.compact)
	}
	s.showFoot(objects[0], size.Height)
	left := s.side(s.compact)
	objects[0].Resize(fyne.NewSize(left, size.Height))
	width, height := size.Width-left, size.Height
	if toast := objects[2]; toast.Visible() {
		toast.Resize(fyne.NewSize(width, toast.MinSize().Height))
		below := toast.MinSize().Height // a text's height is known once its width is
		height -= below
		toast.Move(fyne.NewPos(left, height))
		toast.Resize(fyne.NewSize(width, below))
	}
	objects[1].Move(fyne.NewPos(left, 0))
	objects[1].Resize(fyne.NewSize(width, height))
}
