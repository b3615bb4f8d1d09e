package widgets

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Grid is what the head and the rows of a table share: how many columns there
// are and how the width is divided. A column is as wide as its texts; what is left
// over is shared, and where there is too little the long columns give way, the
// first one last. What has no room is left out from the right, never squeezed.
type Grid struct {
	count int
	// MarkWidth is kept free at the right for a mark; 0 for none.
	MarkWidth float32

	heads  []string
	wishes []float32 // by column, in sizes of text; nil: all are alike
	whole  []bool    // by column: never shown in part
}

// Measures of a grid's columns, in parts and in multiples of the size of text.
const (
	gridFirst = 1.7 // the first column, if the others are 1
	gridLeast = 7.2 // the least width of a column, in text sizes; the first one needs more: by it a row is known
	gridHead  = 5.5 // what the name of a whole column may ask for, on two lines: its short texts leave room for others
)

// SetColumns changes how many columns there are.
func (g *Grid) SetColumns(n int) { g.count = n }

// Suit makes the columns as wide as the names above them and the texts of some
// rows need, and keeps room for the widest of marks. Of a column for which whole is
// true no text is ever cut; its name may be.
func (g *Grid) Suit(rows [][]string, marks []Mark, whole func(column int) bool) {
	g.MarkWidth = 0
	for _, m := range marks {
		if m.Text != "" {
			g.MarkWidth = max(g.MarkWidth, NewChip(m.Text, m.Tone).MinSize().Width)
		}
	}
	pad := 2 * theme.Size(theme.SizeNameInnerPadding)
	g.wishes, g.whole = make([]float32, g.count), make([]bool, g.count)
	for i := range g.count {
		g.whole[i] = whole(i)
		wish := float32(0)
		if i < len(g.heads) {
			name := g.heads[i]
			if g.whole[i] {
				name = inTwo(name)
			}
			wish = headArrow + widestLine(name, theme.Size(theme.SizeNameCaptionText))
			if g.whole[i] {
				wish = min(wish, gridHead*theme.Size(theme.SizeNameText))
			}
		}
		texts := longest(rows, i)
		if g.whole[i] {
			texts = shapes(rows, i)
		}
		for _, text := range texts {
			wish = max(wish, measure(text, theme.Size(theme.SizeNameText), i == 0))
		}
		g.wishes[i] = (wish + pad + 2) / theme.Size(theme.SizeNameText)
	}
}

func measure(text string, size float32, bold bool) float32 {
	return fyne.MeasureText(text, size, fyne.TextStyle{Bold: bold}).Width
}

// inTwo breaks a name into two lines, between words, as narrow as can be; a single word
// stays as it is.
func inTwo(name string) string {
	broken, narrowest := name, float32(math.MaxFloat32)
	for i, r := range name {
		if r != ' ' {
			continue
		}
		lines := name[:i] + "\n" + name[i+1:]
		if w := widestLine(lines, theme.Size(theme.SizeNameCaptionText)); w < narrowest {
			broken, narrowest = lines, w
		}
	}
	return broken
}

func widestLine(name string, size float32) (widest float32) {
	for line := range strings.SplitSeq(name, "\n") {
		widest = max(widest, measure(line, size, true))
	}
	return widest
}

// measured is how many texts of a column are measured: those of the most letters.
const measured = 4

func longest(rows [][]string, column int) []string {
	var texts []string
	for _, row := range rows {
		if column < len(row) {
			texts = append(texts, row[column])
		}
	}
	slices.SortFunc(texts, func(a, b string) int { return utf8.RuneCountInString(b) - utf8.RuneCountInString(a) })
	return texts[:min(measured, len(texts))]
}

// shapes returns what the texts of a column look like, each once: figures are as wide as one
// another, so that many dates look like a few.
func shapes(rows [][]string, column int) (texts []string) {
	seen := map[string]bool{}
	for _, row := range rows {
		if column >= len(row) {
			continue
		}
		if shape := strings.Map(zero, row[column]); !seen[shape] {
			seen[shape] = true
			texts = append(texts, shape)
		}
	}
	return texts
}

// zero is the 0 of a figure's script, or the letter itself.
func zero(r rune) rune {
	for _, first := range [...]rune{'0', '٠', '۰', '०'} {
		if r >= first && r <= first+9 {
			return first
		}
	}
	return r
}

// places returns the left edge and width of each column that has room.
func (g *Grid) places(width float32) (left, wide []float32) {
	width -= theme.Size(theme.SizeNameInnerPadding)
	if g.MarkWidth > 0 {
		width -= g.MarkWidth
	}
	n := g.count
	for wide = g.divide(width, n); n > 1 && !g.enough(wide); wide = g.divide(width, n) {
		n--
	}
	at := float32(0)
	for _, w := range wide {
		left = append(left, at)
		at += w
	}
	return left, wide
}

// wish is how wide a column would like to be, and weight what it gets of a width
// that is too little for all.
func (g *Grid) wish(i int) float32 {
	if i < len(g.wishes) {
		return g.wishes[i] * theme.Size(theme.SizeNameText)
	}
	return gridLeast * theme.Size(theme.SizeNameText) * weight(i)
}

func weight(i int) float32 {
	if i == 0 {
		return gridFirst
	}
	return 1
}

// enough reports whether every column has the least width it needs.
func (g *Grid) enough(wide []float32) bool {
	for i, w := range wide {
		least := min(g.wish(i), gridLeast*theme.Size(theme.SizeNameText)*weight(i))
		if i < len(g.whole) && g.whole[i] {
			least = g.wish(i)
		}
		if w < least {
			return false
		}
	}
	return true
}

// divide gives n columns what they wish, and shares what is left over. If it is
// too little, the ones that wish for more than their share are cut down to it; a
// whole one comes first.
func (g *Grid) divide(width float32, n int) []float32 {
	wide, given := make([]float32, n), make([]bool, n)
	rest := width
	for again := true; again; {
		again = false
		total := float32(0)
		for i := range n {
			if !given[i] {
				total += weight(i)
			}
		}
		for i := range n {
			modest := i < len(g.whole) && g.whole[i] || g.wish(i) <= rest*weight(i)/total
			if !given[i] && modest {
				wide[i], given[i], again = g.wish(i), true, true
				rest -= wide[i]
				break
			}
		}
		for i := range n {
			if !given[i] {
				wide[i] = max(0, rest*weight(i)/total)
			}
		}
	}
	if slices.Contains(given, false) {
		return wide
	}
	for i := range wide {
		wide[i] += max(0, rest) / float32(n)
	}
	return wide
}

// lay puts cells into the columns and hides those without room.
func (g *Grid) lay(cells []fyne.CanvasObject, size fyne.Size) {
	left, wide := g.places(size.Width)
	for i, c := range cells {
		if i >= len(left) {
			c.Hide()
			continue
		}
		c.Show()
		c.Move(fyne.NewPos(left[i], 0))
		c.Resize(fyne.NewSize(wide[i], size.Height))
	}
	turnRound(size, cells...)
}

// gridCells is the most columns a table can show.
const gridCells = 8

// A GridRow is a row of a table: texts, and at the right a mark. It is made once
// and filled again and again.
type GridRow struct {
	widget.BaseWidget

	grid  *Grid
	texts [gridCells]string
	cells []fyne.CanvasObject
	mark  *Chip
}

// NewGridRow returns an empty row.
func NewGridRow(g *Grid) *GridRow {
	r := &GridRow{grid: g, mark: NewChip("", Neutral)}
	for range gridCells {
		l := NewLabel("")
		l.Truncation = fyne.TextTruncateClip
		r.cells = append(r.cells, l)
	}
	r.cells[0].(*Label).TextStyle.Bold = true
	r.ExtendBaseWidget(r)
	return r
}

// Fill shows one row.
func (r *GridRow) Fill(texts []string, mark Mark) {
	r.texts = [gridCells]string{}
	copy(r.texts[:], texts)
	r.mark.Set(mark.Text, mark.Tone)
	r.Refresh()
}

// Text returns what stands in a column.
func (r *GridRow) Text(column int) string { return r.texts[column] }

// fit writes into each cell as much as there is room for. A label's own ellipsis
// measures a text many times over, which a long list would be felt to do; this
// measures it once and estimates.
func (r *GridRow) fit() {
	size, pad := theme.Size(theme.SizeNameText), 2*theme.Size(theme.SizeNameInnerPadding)
	for i, c := range r.cells {
		l := c.(*Label)
		if l.Hidden {
			continue
		}
		text := cut(r.texts[i], l.Size().Width-pad, size, l.TextStyle)
		if text != l.Text {
			l.SetText(text)
		}
	}
}

// cut shortens a text to the room there is, with an ellipsis: it is measured once
// and its length estimated, then letters are taken off until it fits.
func cut(text string, room, size float32, style fyne.TextStyle) string {
	letters := []rune(text)
	if len(letters) == 0 || room <= 0 {
		return text
	}
	width := fyne.MeasureText(text, size, style).Width
	if width <= room {
		return text
	}
	each := width / float32(len(letters))
	keep := min(len(letters)-1, int(room/each))
	for ; keep > 0; keep-- {
		short := strings.TrimRight(string(letters[:keep]), " ") + "…"
		over := fyne.MeasureText(short, size, style).Width - room
		if over <= 0 {
			return short
		}
		keep -= int(over / each / 2)
	}
	return "…"
}

// CreateRenderer draws the row.
func (r *GridRow) CreateRenderer() fyne.WidgetRenderer { return &gridRenderer{row: r} }

type gridRenderer struct{ row *GridRow }

func (r *gridRenderer) Destroy() {}

func (r *gridRenderer) Layout(size fyne.Size) {
	r.row.grid.lay(r.row.cells, size)
	r.row.fit()
	mark := r.row.mark
	width := min(mark.MinSize().Width, r.row.grid.MarkWidth)
	mark.Move(fyne.NewPos(size.Width-width-theme.Size(theme.SizeNameInnerPadding), 0))
	mark.Resize(fyne.NewSize(width, size.Height))
	turnRound(size, mark)
}

func (r *gridRenderer) MinSize() fyne.Size {
	return fyne.NewSize(gridLeast*theme.Size(theme.SizeNameText), r.row.cells[0].MinSize().Height)
}

func (r *gridRenderer) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject(nil), r.row.cells...), r.row.mark)
}

func (r *gridRenderer) Refresh() { r.Layout(r.row.Size()) }

// A GridHead names the columns; pressing a name asks to sort by it.
type GridHead struct {
	widget.BaseWidget

	// OnSort is called with the column whose name was pressed.
	OnSort func(column int)

	grid  *Grid
	cells []fyne.CanvasObject
}

// NewGridHead returns the head of a table without columns.
func NewGridHead(g *Grid) *GridHead {
	h := &GridHead{grid: g}
	for i := range gridCells {
		h.cells = append(h.cells, newHeadCell(func() {
			if h.OnSort != nil {
				h.OnSort(i)
			}
		}))
	}
	h.ExtendBaseWidget(h)
	return h
}

// SetNames names the columns; sorted is the one the rows are sorted by, -1 for
// none of them.
func (h *GridHead) SetNames(names []string, sorted int, down bool) {
	h.grid.SetColumns(min(len(names), gridCells))
	if !slices.Equal(names, h.grid.heads) {
		h.grid.heads, h.grid.wishes = slices.Clone(names), nil
	}
	for i, c := range h.cells {
		name := ""
		if i < len(names) {
			name = names[i]
		}
		c.(*headCell).set(name, i == sorted, down)
	}
	h.Refresh()
}

// CreateRenderer draws the head.
func (h *GridHead) CreateRenderer() fyne.WidgetRenderer { return &headRenderer{h} }

type headRenderer struct{ head *GridHead }

func (r *headRenderer) Destroy()              {}
func (r *headRenderer) Layout(size fyne.Size) { r.head.grid.lay(r.head.cells, size) }
func (r *headRenderer) MinSize() fyne.Size {
	return fyne.NewSize(gridLeast*theme.Size(theme.SizeNameText), r.head.cells[0].MinSize().Height)
}
func (r *headRenderer) Objects() []fyne.CanvasObject { return r.head.cells }
func (r *headRenderer) Refresh() {
	r.Layout(r.head.Size())
	for _, c := range r.head.cells {
		c.Refresh()
	}
}

// A headCell is a column's name with an arrow where the rows are sorted by it.
type headCell struct {
	widget.BaseWidget

	tapped           func()
	name             string
	label            *Label
	arrow            *Icon
	hovered, focused bool
}

var (
	_ fyne.Tappable      = (*headCell)(nil)
	_ fyne.Focusable     = (*headCell)(nil)
	_ desktop.Hoverable  = (*headCell)(nil)
	_ desktop.Cursorable = (*headCell)(nil)
)

func newHeadCell(tapped func()) *headCell {
	c := &headCell{tapped: tapped, label: Caption(""), arrow: NewIcon(nil)}
	c.label.Truncation = fyne.TextTruncateClip
	c.label.TextStyle.Bold = true
	c.ExtendBaseWidget(c)
	return c
}

func (c *headCell) set(name string, sorted, down bool) {
	c.name = name
	c.label.SetText(name)
	c.arrow.Hidden = !sorted
	c.arrow.SetResource(theme.NewPrimaryThemedResource(theme.MoveUpIcon()))
	if down {
		c.arrow.SetResource(theme.NewPrimaryThemedResource(theme.MoveDownIcon()))
	}
}

func (c *headCell) Tapped(*fyne.PointEvent)        { c.tapped() }
func (c *headCell) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (c *headCell) MouseIn(*desktop.MouseEvent)    { c.hovered = true; c.Refresh() }
func (c *headCell) MouseMoved(*desktop.MouseEvent) {}
func (c *headCell) MouseOut()                      { c.hovered = false; c.Refresh() }
func (c *headCell) FocusGained()                   { c.focused = true; c.Refresh() }
func (c *headCell) FocusLost()                     { c.focused = false; c.Refresh() }
func (c *headCell) TypedRune(rune)                 {}
func (c *headCell) TypedKey(e *fyne.KeyEvent) {
	if handOnKey(c, e) {
		return
	}
	if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter || e.Name == fyne.KeySpace {
		c.tapped()
	}
}

func (c *headCell) CreateRenderer() fyne.WidgetRenderer {
	r := &headCellRenderer{cell: c, back: canvas.NewRectangle(nil)}
	r.paint()
	return r
}

type headCellRenderer struct {
	cell *headCell
	back *canvas.Rectangle
}

func (r *headCellRenderer) Destroy() {}

// headArrow is the size of the arrow beside the name.
const headArrow = 14

func (r *headCellRenderer) Layout(size fyne.Size) {
	c := r.cell
	r.back.Resize(size)
	room := size.Width
	if !c.arrow.Hidden {
		room -= headArrow
	}
	caption, pad := theme.Size(theme.SizeNameCaptionText), 2*theme.Size(theme.SizeNameInnerPadding)
	if text := headed(c.name, room-pad, caption); text != c.label.Text {
		c.label.SetText(text)
	}
	width := min(room, widestLine(c.label.Text, caption)+pad+1)
	height := c.label.MinSize().Height
	c.label.Move(fyne.NewPos(0, (size.Height-height)/2))
	c.label.Resize(fyne.NewSize(width, height))
	c.arrow.Move(fyne.NewPos(width-theme.Size(theme.SizeNameInnerPadding)+3, (size.Height-headArrow)/2))
	c.arrow.Resize(fyne.NewSize(headArrow, headArrow))
	turnRound(size, c.label, c.arrow)
}

// headed is a column's name on one line where there is room for it, else on two, which are cut
// if need be.
func headed(name string, room, size float32) string {
	if room <= 0 || measure(name, size, true) <= room {
		return name
	}
	lines := strings.Split(inTwo(name), "\n")
	for i, line := range lines {
		lines[i] = cut(line, room, size, fyne.TextStyle{Bold: true})
	}
	return strings.Join(lines, "\n")
}

// MinSize has room for one line, and so, without the padding of a label, for two.
func (r *headCellRenderer) MinSize() fyne.Size {
	line := fyne.MeasureText("", theme.Size(theme.SizeNameCaptionText), fyne.TextStyle{Bold: true}).Height
	return fyne.NewSize(r.cell.label.MinSize().Width, line+2*theme.Size(theme.SizeNameInnerPadding))
}

func (r *headCellRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.cell.label, r.cell.arrow}
}

func (r *headCellRenderer) Refresh() {
	r.paint()
	r.Layout(r.cell.Size())
	r.cell.label.Refresh()
}

func (r *headCellRenderer) paint() {
	c := r.cell
	r.back.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	r.back.Hidden = !c.hovered && !c.focused || c.label.Text == ""
	r.back.FillColor = colorOf(c, theme.ColorNameHover)
	r.back.StrokeWidth = 0
	if c.focused {
		r.back.StrokeWidth, r.back.StrokeColor = 2, colorOf(c, theme.ColorNamePrimary)
	}
	r.back.Refresh()
}
