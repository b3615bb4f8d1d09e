package widgets

import (
	"sort"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Label is a text that is not written into. One that is written from the right, or has a
// name in it that is, is broken into lines here, each of which is drawn in its script's
// order; and so is one with blanks at which no line may end, where the toolkit ends lines, too.
// It draws all others.
type Label struct {
	widget.Label
	apart bool // it is drawn line by line
}

// NewLabel returns a text.
func NewLabel(text string) *Label {
	l := &Label{}
	l.Text, l.Alignment = text, begin()
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer draws the text.
func (l *Label) CreateRenderer() fyne.WidgetRenderer { return l.render(l) }

// render draws the text of a widget, which is l or something around it.
func (l *Label) render(of fyne.Widget) *labelRenderer {
	r := &labelRenderer{WidgetRenderer: l.Label.CreateRenderer(), label: l, of: of}
	r.arrange(l.Size())
	return r
}

type labelRenderer struct {
	fyne.WidgetRenderer
	label *Label
	of    fyne.Widget
	lines []fyne.CanvasObject // nil: the toolkit draws it
}

func (r *labelRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	before := len(r.lines)
	if r.arrange(size); len(r.lines) != before {
		canvas.Refresh(r.of) // who holds it has to ask for its height again
	}
}

func (r *labelRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.arrange(r.label.Size())
	canvas.Refresh(r.of)
}

func (r *labelRenderer) Objects() []fyne.CanvasObject {
	if r.lines != nil {
		return r.lines
	}
	return r.WidgetRenderer.Objects()
}

func (r *labelRenderer) MinSize() fyne.Size {
	min := r.WidgetRenderer.MinSize()
	if r.lines == nil {
		return min
	}
	pad := 2 * r.label.Theme().Size(theme.SizeNameInnerPadding)
	size := fyne.NewSize(0, pad)
	for _, line := range r.lines {
		size = fyne.NewSize(max(size.Width, line.MinSize().Width+pad), size.Height+line.MinSize().Height)
	}
	if r.label.Wrapping != fyne.TextWrapOff || r.label.Truncation != fyne.TextTruncateOff {
		size.Width = min.Width // it gives way
	}
	return size
}

// arrange makes and places the lines for that room.
func (r *labelRenderer) arrange(room fyne.Size) {
	l := r.label
	pad, style := l.Theme().Size(theme.SizeNameInnerPadding), l.TextStyle
	draw := Visual
	if r.lines = nil; !isRightToLeft(l.Text) {
		if l.apart = l.Wrapping != fyne.TextWrapOff && (hasRightToLeft(l.Text) || l.joins(room.Width-2*pad)); !l.apart {
			return
		}
		draw = fromLeft
	}
	l.apart = true
	y := pad
	for _, text := range l.broken(l.Text, room.Width-2*pad) {
		line := canvas.NewText(draw(text), colorOf(r.of, l.ink()))
		line.TextStyle, line.TextSize, line.Alignment = style, l.textSize(), l.Alignment
		height := line.MinSize().Height
		line.Move(fyne.NewPos(pad, y))
		line.Resize(fyne.NewSize(max(0, room.Width-2*pad), height))
		y += height
		r.lines = append(r.lines, line)
	}
}

// joins reports whether the toolkit may end a line of the text at a blank that joins. A text
// that can be marked is left to it unless it does so in a room of that width: it marks only what
// it draws.
func (l *Label) joins(width float32) bool {
	if !l.Selectable || !strings.ContainsAny(l.Text, joining) {
		return strings.ContainsAny(l.Text, joining)
	}
	ours, theirs := l.broken(l.Text, width), l.broken(unjoined.Replace(l.Text), width)
	return unjoined.Replace(strings.Join(ours, "\n")) != strings.Join(theirs, "\n")
}

// broken returns the lines of a text in a room of that width.
func (l *Label) broken(text string, width float32) (lines []string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		switch {
		case width <= 0: // not laid out yet
			lines = append(lines, paragraph)
		case l.Truncation != fyne.TextTruncateOff:
			lines = append(lines, cut(paragraph, width, l.textSize(), l.TextStyle))
		case l.Wrapping == fyne.TextWrapOff:
			lines = append(lines, paragraph)
		default:
			lines = append(lines, l.wrapped(paragraph, width)...)
		}
	}
	return lines
}

// joining are the blanks at which no line ends: before a sign of French, within a number.
const joining = "\u00a0\u202f"

var unjoined = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

// wrapped puts as many words into each line as there is room for, or as much of one as there is.
func (l *Label) wrapped(paragraph string, width float32) (lines []string) {
	fits := func(text string) bool { return fyne.MeasureText(text, l.textSize(), l.TextStyle).Width <= width }
	var line []string
	for word := range strings.SplitSeq(paragraph, " ") {
		if len(line) > 0 && !fits(strings.Join(append(line, word), " ")) {
			lines, line = append(lines, strings.TrimRight(strings.Join(line, " "), " ")), nil
		}
		if word == "" && len(line) == 0 { // one blank of several, where a line begins
			continue
		}
		for runes := []rune(word); !fits(word); word = string(runes) {
			n := max(1, sort.Search(len(runes), func(n int) bool { return !fits(string(runes[:n+1])) }))
			lines, runes = append(lines, string(runes[:n])), runes[n:]
		}
		line = append(line, word)
	}
	return append(lines, strings.Join(line, " "))
}

func (l *Label) textSize() float32 {
	if l.SizeName == "" {
		return l.Theme().Size(theme.SizeNameText)
	}
	return l.Theme().Size(l.SizeName)
}

// ink is the colour that the toolkit gives a text of that importance.
func (l *Label) ink() fyne.ThemeColorName {
	switch l.Importance {
	case widget.LowImportance:
		return theme.ColorNameDisabled
	case widget.HighImportance:
		return theme.ColorNamePrimary
	case widget.DangerImportance:
		return theme.ColorNameError
	case widget.WarningImportance:
		return theme.ColorNameWarning
	case widget.SuccessImportance:
		return theme.ColorNameSuccess
	}
	return theme.ColorNameForeground
}
