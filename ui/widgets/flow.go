package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// Flow puts things side by side, and below where there is no room; what is lower than its line
// stands in the middle of it.
func Flow(objects ...fyne.CanvasObject) *fyne.Container { return container.New(&flow{}, objects...) }

type flow struct {
	width    float32 // as last laid out; 0 before
	centered bool    // each line
}

func (f *flow) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range visible(objects) {
		size = size.Max(o.MinSize())
	}
	if f.width > 0 {
		size.Height = f.place(objects, f.width, nil)
	}
	return size
}

func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, min fyne.Size) {
		o.Move(at)
		o.Resize(min)
	})
}

// place returns the height that is needed at that width.
func (f *flow) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	gap, y := theme.Size(theme.SizeNamePadding), float32(0)
	for i, l := range linesOf(objects, width, ownWidth) {
		x := float32(0)
		if f.centered {
			x = max(0, (width-l.long)/2)
		}
		if i > 0 {
			y += gap
		}
		for _, o := range l.objects {
			min := o.MinSize()
			if put != nil {
				put(o, fyne.NewPos(x, y+(l.high-min.Height)/2), min)
			}
			x += min.Width + gap
		}
		y += l.high
	}
	return y
}

// Floor gives o at least the height of so many lines of text: a list or a part that
// scrolls is of no use with less.
func Floor(lines float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(floor{lines}, o)
}

type floor struct{ lines float32 }

// lineHeight is the height of a line in sizes of text.
const lineHeight = 1.5

func (f floor) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[0].MinSize()
	size.Height = max(size.Height, f.lines*lineHeight*theme.Size(theme.SizeNameText))
	return size
}

func (f floor) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

// Below puts body below head, and the keyboard goes through them in this order: a border
// of the toolkit has its middle first, and asks how high head is before it has its width.
func Below(head, body fyne.CanvasObject) fyne.CanvasObject {
	return container.New(below{head: 0, body: 1}, head, body)
}

// Headed is Below where the keyboard goes through body first: head has what ends it.
func Headed(head, body fyne.CanvasObject) fyne.CanvasObject {
	return container.New(below{body: 0, head: 1}, body, head)
}

type below struct{ head, body int } // which of the two things is which

func (b below) MinSize(objects []fyne.CanvasObject) fyne.Size {
	head, body := objects[b.head].MinSize(), objects[b.body].MinSize()
	return fyne.NewSize(max(head.Width, body.Width), head.Height+theme.Size(theme.SizeNamePadding)+body.Height)
}

func (b below) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	head, body := objects[b.head], objects[b.body]
	height := heightAt(head, size.Width)
	head.Resize(fyne.NewSize(size.Width, height))
	top := height + theme.Size(theme.SizeNamePadding)
	body.Move(fyne.NewPos(0, top))
	body.Resize(fyne.NewSize(size.Width, max(0, size.Height-top)))
}

// Footed puts what is to be pressed right below body, and in sight: where there is no
// room for both, body scrolls.
func Footed(body, foot fyne.CanvasObject) fyne.CanvasObject {
	return container.New(footed{}, container.NewVScroll(body), foot)
}

type footed struct{}

const (
	footedGap   = 8
	footedLines = 5 // of the body that are seen at least
)

func (footed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	scroll, foot := objects[0].(*container.Scroll), objects[1].MinSize()
	seen := min(scroll.Content.MinSize().Height, footedLines*lineHeight*theme.Size(theme.SizeNameText))
	return fyne.NewSize(max(scroll.MinSize().Width, foot.Width), max(scroll.MinSize().Height, seen)+footedGap+foot.Height)
}

func (footed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	scroll, foot := objects[0].(*container.Scroll), objects[1]
	foot.Resize(fyne.NewSize(size.Width, foot.MinSize().Height))
	scroll.Content.Resize(fyne.NewSize(size.Width, scroll.Content.Size().Height))
	below := foot.MinSize().Height // a height is known once the width is
	room := max(0, min(scroll.Content.MinSize().Height, size.Height-footedGap-below))
	scroll.Resize(fyne.NewSize(size.Width, room))
	foot.Move(fyne.NewPos(0, room+footedGap))
	foot.Resize(fyne.NewSize(size.Width, below))
}

// Framed gives a page its margins, which are narrower where there is little room.
func Framed(o fyne.CanvasObject) fyne.CanvasObject { return container.New(framed{}, o) }

// A framed layout gives margins.
type framed struct {
	scrolls bool // so its height, which is what there is to see, says nothing about the room
}

// Margins of a page, and the widths and heights below which they are narrow.
const (
	marginX, marginY = 26, 14
	scrolledY        = 18
	narrowX, narrowY = 10, 8
	roomX, roomY     = 760, 480
)

func (f framed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	y := float32(narrowY)
	if f.scrolls {
		y = scrolledY
	}
	return objects[0].MinSize().AddWidthHeight(2*narrowX, 2*y)
}

func (f framed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x, y := float32(marginX), float32(marginY)
	if size.Width < roomX {
		x = narrowX
	}
	switch {
	case f.scrolls:
		y = scrolledY
	case size.Height < roomY:
		y = narrowY
	}
	objects[0].Move(fyne.NewPos(x, y))
	objects[0].Resize(size.SubtractWidthHeight(2*x, 2*y))
}
