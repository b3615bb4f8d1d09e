package widgets

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An Item is a row of a list: an icon, two lines of text, a few chips. It is made
// once and filled again and again, and shortens its texts itself: a label's own
// ellipsis costs a long list its smoothness.
type Item struct {
	widget.BaseWidget

	icon         *Icon
	first, below *Label
	side         *Label
	chips        []*Chip

	texts [2]string // first and below, before they are cut
}

// NewItem returns a row with room for so many chips.
func NewItem(chips int) *Item {
	clip := func(l *Label) *Label {
		l.Truncation = fyne.TextTruncateClip
		return l
	}
	i := &Item{icon: NewIcon(nil), first: clip(Strong("")), below: clip(Caption("")), side: Caption("")}
	for range chips {
		i.chips = append(i.chips, NewChip("", Neutral))
	}
	i.ExtendBaseWidget(i)
	return i
}

// Mark is the content of a chip.
type Mark struct {
	Text string
	Tone Tone
}

// Fill shows one row. What is empty takes no room.
func (i *Item) Fill(icon fyne.Resource, first, below, side string, marks ...Mark) {
	i.icon.SetResource(icon)
	i.icon.Hidden = icon == nil
	i.texts = [2]string{first, below}
	i.below.Hidden = below == ""
	i.side.SetText(side)
	i.side.Hidden = side == ""
	for n, c := range i.chips {
		if n < len(marks) {
			c.Set(marks[n].Text, marks[n].Tone)
		} else {
			c.Set("", Neutral)
		}
	}
	i.Refresh()
}

// First returns the row's first line.
func (i *Item) First() string { return i.texts[0] }

// CreateRenderer lays the row out.
func (i *Item) CreateRenderer() fyne.WidgetRenderer {
	right := container.NewHBox(container.NewCenter(i.side))
	for _, c := range i.chips {
		right.Add(c)
	}
	right.Add(Gap(4, 0))
	texts := Column(-2.6*theme.Size(theme.SizeNamePadding), i.first, i.below)
	row := container.NewBorder(nil, nil, container.NewHBox(Gap(2, 0), container.NewCenter(i.icon)), right, Middle(math.MaxFloat32, texts))
	return &itemRenderer{WidgetRenderer: rendered(row), item: i}
}

type itemRenderer struct {
	fyne.WidgetRenderer
	item *Item
}

func (r *itemRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.item.fit()
}

func (r *itemRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.item.fit()
}

// fit writes as much as there is room for.
func (i *Item) fit() {
	pad := 2 * theme.Size(theme.SizeNameInnerPadding)
	for n, l := range []*Label{i.first, i.below} {
		name := l.SizeName
		if name == "" {
			name = theme.SizeNameText
		}
		if text := cut(i.texts[n], l.Size().Width-pad, theme.Size(name), l.TextStyle); text != l.Text {
			l.SetText(text)
		}
	}
}
