package widgets

import (
	"cmp"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
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
	return container.New(column{space}, objects...)
}

// Settle lays o out until heights fit widths: some of what gives way in narrow
// places knows its height only once it was given a width.
func Settle(o fyne.CanvasObject) {
	o.Refresh()
	o.Refresh()
}

// A column layout gives each thing its width before it asks for the height: a text's
// height is known only then.
type column struct{ space float32 }

func (c column) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for i, o := range visible(objects) {
		min := o.MinSize()
		size.Width = max(size.Width, min.Width)
		size.Height += min.Height
		if i > 0 {
			size.Height += c.space
		}
	}
	return size
}

func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range visible(objects) {
		o.Resize(fyne.NewSize(size.Width, o.Size().Height))
		height := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		y += height + c.space
	}
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
	return container.New(framed{scrolls: true}, container.New(&bounded{1040}, content))
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

// BesideBar leaves room above, below and beside o, there for the bar of what scrolls it: the toolkit
// draws that at the right, in a language that is written from there, too.
func BesideBar(above, below, room float32, o fyne.CanvasObject) fyne.CanvasObject {
	left, right := float32(0), room
	if rightToLeft.Load() { // it is turned round
		left, right = right, left
	}
	return container.New(layout.NewCustomPaddedLayout(above, below, left, right), o)
}

// Middle puts o into the middle, as wide as there is room, up to a limit.
func Middle(width float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(middle{width}, o)
}

// Pictured is Middle with a picture above o where there is room for it: on a low screen it would
// push what is to be pressed out of sight.
func Pictured(width float32, picture, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(middle{width}, o, picture)
}

// pictureGap is between a picture and what is below it, in points.
const pictureGap = 6

type middle struct{ width float32 }

func (m middle) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func (m middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	o := objects[0]
	width := min(size.Width, max(m.width, o.MinSize().Width))
	height := heightAt(o, width)
	top := max(0, (size.Height-height)/2)
	if len(objects) > 1 {
		top += m.placePicture(objects[1], size, height)
	}
	o.Resize(fyne.NewSize(width, height))
	o.Move(fyne.NewPos((size.Width-width)/2, top))
}

// placePicture puts the picture above what has that height, if there is room, and returns by how
// much that is lower then.
func (middle) placePicture(picture fyne.CanvasObject, size fyne.Size, height float32) float32 {
	high := picture.MinSize().Height
	spare := size.Height - height - high - pictureGap
	Show(picture, spare >= 0)
	if spare < 0 {
		return 0
	}
	picture.Move(fyne.NewPos(0, spare/2))
	picture.Resize(fyne.NewSize(size.Width, high))
	return (high + pictureGap) / 2
}

// Aside puts a list of where to go beside main; where there is no room for that,
// instead stands above it, and what says the same, twice, is hidden.
func Aside(side, instead, main, twice fyne.CanvasObject) *fyne.Container {
	return container.New(aside{twice}, side, instead, main)
}

type aside struct{ twice fyne.CanvasObject }

// Measures in sizes of text.
const (
	asideWidth = 15
	asideRoom  = 50
	asideGap   = 12 // in points
)

func (aside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	instead, main := objects[1].MinSize(), objects[2].MinSize()
	return fyne.NewSize(max(instead.Width, main.Width), instead.Height+asideGap+main.Height)
}

func (a aside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	side, instead, main := objects[0], objects[1], objects[2]
	text := theme.Size(theme.SizeNameText)
	beside := size.Width >= asideRoom*text
	Show(side, beside)
	Show(instead, !beside)
	Show(a.twice, beside)
	if !beside {
		top := instead.MinSize().Height
		instead.Resize(fyne.NewSize(size.Width, top))
		main.Move(fyne.NewPos(0, top+asideGap))
		main.Resize(fyne.NewSize(size.Width, size.Height-top-asideGap))
		return
	}
	left := asideWidth * text
	side.Resize(fyne.NewSize(left, size.Height))
	main.Move(fyne.NewPos(left+asideGap, 0))
	main.Resize(fyne.NewSize(size.Width-left-asideGap, size.Height))
}

// Columns are things of equal width side by side, with room between them. Where
// there is no room for that they stand one below the other.
func Columns(space float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columns{space: space}, objects...)
}

type columns struct {
	space   float32
	uneven  bool // their widths may differ
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
	var widths []float32
	widths, c.stacked = c.divide(objects, size.Width)
	x, y := float32(0), float32(0)
	for i, o := range objects {
		if c.stacked {
			height := heightAt(o, size.Width)
			o.Move(fyne.NewPos(0, y))
			o.Resize(fyne.NewSize(size.Width, height))
			y += height + c.space
			continue
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(widths[i], size.Height))
		x += widths[i] + c.space
	}
}

// divide returns how wide each is side by side, or that there is no room for that.
func (c *columns) divide(objects []fyne.CanvasObject, room float32) (widths []float32, stacked bool) {
	room -= c.space * float32(len(objects)-1)
	widths = make([]float32, len(objects))
	widest := make([]int, len(objects))
	for i := range widest {
		widest[i] = i
	}
	slices.SortFunc(widest, func(i, j int) int { return cmp.Compare(objects[j].MinSize().Width, objects[i].MinSize().Width) })
	for n, i := range widest {
		part, needs := room/float32(len(objects)-n), objects[i].MinSize().Width
		if needs > part && (!c.uneven || n == len(objects)-1) {
			return nil, true
		}
		widths[i] = max(part, needs)
		room -= widths[i]
	}
	return widths, false
}

// Tiles are things side by side as Columns are, but for one that needs more than its part: the
// others are narrower then. Only where there is no room for that either they stand one below the
// other.
func Tiles(space float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columns{space: space, uneven: true}, objects...)
}

// Sides puts two things side by side, the left one with that portion of the
// width, or less where the right one needs more. Where there is no room for both, the right one
// goes below.
func Sides(portion float32, left, right fyne.CanvasObject) *fyne.Container {
	return container.New(&sides{portion: portion, below: sidesGap}, left, right)
}

// Listed is Sides for a list and what is chosen in it. Above that the list is no higher than its
// rows. Where there is no room for it there either, all the room is for what is chosen, and steps,
// which stand elsewhere, lead through the list.
func Listed(portion float32, list *List, chosen, steps fyne.CanvasObject) *fyne.Container {
	some := someRows{list}
	return container.New(&sides{portion: portion, below: sidesGap, steps: steps, most: some.more}, Card(container.New(some, list)), chosen)
}

// someRows gives a list room for a few of its rows.
type someRows struct{ list *List }

const (
	fewRows   = 2   // of a list that are seen at least, if it has them
	listWidth = 220 // in points
)

func (s someRows) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(max(listWidth, s.list.MinSize().Width), s.list.Rows(fewRows))
}

func (s someRows) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

// more is by how much it may be higher before there is empty room below its rows.
func (s someRows) more() float32 { return s.list.Rows(s.list.Length()) - s.list.Rows(fewRows) }

type sides struct {
	portion float32           // of the width for the left one, at most that where it is one of several
	below   float32           // between them where one stands below the other
	stacked bool              // as last laid out
	widest  func() float32    // the left one of several that look alike; nil: it stands alone
	most    func() float32    // by how much the left one may be higher than it has to, above the right one; nil: it may
	steps   fyne.CanvasObject // what is shown instead of the left one where it would push the right one out of sight; nil: it may
}

const sidesGap = 14

func (s *sides) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	switch {
	case !s.stacked:
		b.Height = max(a.Height, b.Height)
	case s.steps == nil:
		b.Height += a.Height + s.below
	}
	return fyne.NewSize(max(a.Width, b.Width), b.Height)
}

func (s *sides) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	left := (size.Width - sidesGap) * s.portion
	if s.widest != nil {
		widest := s.widest()
		s.stacked = widest > left || b.Width > size.Width-sidesGap-left
		left = min(left, widest)
	} else {
		both := min(left, size.Width-sidesGap-b.Width)
		s.stacked = a.Width > both && size.Width >= max(a.Width, b.Width)
		if a.Width <= both {
			left = both
		}
	}
	if s.steps != nil {
		alone := s.stacked && size.Height < a.Height+s.below+b.Height
		Show(s.steps, alone)
		Show(objects[0], !alone)
		if alone {
			objects[1].Move(fyne.Position{})
			objects[1].Resize(size)
			return
		}
	}
	if s.stacked {
		more := max(0, size.Height-s.below-a.Height-b.Height) / 2
		if s.most != nil {
			more = min(more, s.most())
		}
		top := a.Height + more
		objects[0].Resize(fyne.NewSize(size.Width, top))
		objects[1].Move(fyne.NewPos(0, top+s.below))
		objects[1].Resize(fyne.NewSize(size.Width, size.Height-s.below-top))
		return
	}
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

// Enable has o answer to a press, or not.
func Enable(o fyne.Disableable, on bool) {
	if on {
		o.Enable()
	} else {
		o.Disable()
	}
}

// Indented leaves the room of an icon at the left.
func Indented(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, 28, 0), o)
}

// Head is a page's first line: title at the left, buttons at the right, and a
// sentence below if there is one.
func Head(title, sentence string, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	line := Actions(Title(title), buttons...)
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
	return Pictured(460, image, Column(6, head, text, Gap(0, 6), row))
}

// Banner is a sentence with an icon on a coloured ground, and perhaps buttons.
func Banner(tone Tone, text string, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	icon := container.NewCenter(NewIcon(tone.Icon()))
	return Surface(Actions(container.NewBorder(nil, nil, icon, nil, Text(text)), buttons...), tone.soft(), 6)
}
