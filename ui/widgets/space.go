package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// Gap is empty room of at least this size.
func Gap(width, height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(width, height))
	return r
}

// Wide gives o at least that width.
func Wide(width float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(Gap(width, 0), o)
}

// Tall gives o at least that height.
func Tall(height float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(Gap(0, height), o)
}

// Column stacks things with room between them.
func Column(space float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(space), objects...)
}

// Row puts things side by side, left to right.
func Row(objects ...fyne.CanvasObject) *fyne.Container { return container.NewHBox(objects...) }

// Split puts left at the left edge and right at the right edge of a line.
func Split(left, right fyne.CanvasObject) *fyne.Container {
	return container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(right)), left)
}

// Scrolled lets a page scroll up and down, with room at its edges. No page is
// wider than reads well.
func Scrolled(content fyne.CanvasObject) *container.Scroll {
	return container.NewVScroll(Page(content))
}

// Page gives content the margins of a page and bounds its width.
func Page(content fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(18, 22, 26, 26), container.New(&bounded{1040}, content))
}

// A bounded layout is as wide as there is room, up to a limit, at the left.
type bounded struct{ width float32 }

func (b *bounded) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func (b *bounded) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(fyne.NewSize(min(size.Width, max(b.width, objects[0].MinSize().Width)), size.Height))
}

// Bounded is as wide as there is room, up to a limit, at the left.
func Bounded(width float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(&bounded{width}, o)
}

// Columns are things of equal width side by side, with room between them. Where
// there is no room for that they stand one below the other.
func Columns(space float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columns{space: space}, objects...)
}

type columns struct {
	space   float32
	stacked bool // as last laid out
}

func visible(objects []fyne.CanvasObject) (all []fyne.CanvasObject) {
	for _, o := range objects {
		if o.Visible() {
			all = append(all, o)
		}
	}
	return all
}

// MinSize needs the width of one column only: the others go below it.
func (c *columns) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	objects = visible(objects)
	total := c.space * float32(max(0, len(objects)-1))
	for _, o := range objects {
		size = size.Max(o.MinSize())
		total += o.MinSize().Height
	}
	if c.stacked {
		size.Height = total
	}
	return size
}

func (c *columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects = visible(objects)
	n := float32(len(objects))
	width := (size.Width - c.space*(n-1)) / n
	c.stacked = false
	for _, o := range objects {
		c.stacked = c.stacked || o.MinSize().Width > width
	}
	y := float32(0)
	for i, o := range objects {
		if c.stacked {
			o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
			height := o.MinSize().Height // a text's height is known once its width is
			o.Move(fyne.NewPos(0, y))
			o.Resize(fyne.NewSize(size.Width, height))
			y += height + c.space
			continue
		}
		o.Move(fyne.NewPos(float32(i)*(width+c.space), 0))
		o.Resize(fyne.NewSize(width, size.Height))
	}
}

// Sides puts two things side by side, the left one with that portion of the
// width.
func Sides(portion float32, left, right fyne.CanvasObject) *fyne.Container {
	return container.New(sides{portion}, left, right)
}

type sides struct{ portion float32 }

const sidesGap = 14

func (s sides) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(a.Width+sidesGap+b.Width, max(a.Height, b.Height))
}

func (s sides) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left := (size.Width - sidesGap) * s.portion
	objects[0].Resize(fyne.NewSize(left, size.Height))
	objects[1].Move(fyne.NewPos(left+sidesGap, 0))
	objects[1].Resize(fyne.NewSize(size.Width-sidesGap-left, size.Height))
}

// Show shows or hides o.
func Show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// Indented leaves the room of an icon at the left.
func Indented(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, 28, 0), o)
}

// Head is a page's first line: title at the left, buttons at the right, and a
// sentence below if there is one.
func Head(title, sentence string, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	line := container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(buttons...)), Title(title))
	if sentence == "" {
		return line
	}
	return Column(0, line, Muted(sentence))
}

// Empty fills a place where there is nothing yet, and says what to do next.
func Empty(icon fyne.Resource, title, sentence string, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	image := canvas.NewImageFromResource(icon)
	image.FillMode = canvas.ImageFillContain
	image.SetMinSize(fyne.NewSize(72, 72))
	head := Heading(title)
	head.Alignment = fyne.TextAlignCenter
	text := Muted(sentence)
	text.Alignment = fyne.TextAlignCenter
	row := container.NewCenter(container.NewHBox(buttons...))
	return container.NewCenter(Wide(460, Column(6, image, head, text, Gap(0, 6), row)))
}

// Banner is a sentence with an icon on a coloured ground, and perhaps buttons.
func Banner(tone Tone, text string, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	icon := container.NewCenter(widget.NewIcon(tone.Icon()))
	right := container.NewCenter(container.NewHBox(buttons...))
	return Surface(container.NewBorder(nil, nil, icon, right, Text(text)), tone.soft(), 6)
}
