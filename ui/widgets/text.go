package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Title is the one big line of a page.
func Title(text string) *Label {
	l := newBold(text)
	l.SizeName = theme.SizeNameHeadingText
	l.Wrapping = fyne.TextWrapWord
	return l
}

func newBold(text string) *Label {
	l := NewLabel(text)
	l.TextStyle.Bold = true
	return l
}

// Heading opens a section.
func Heading(text string) *Label {
	l := newBold(text)
	l.SizeName = theme.SizeNameSubHeadingText
	return l
}

// Strong is a bold line.
func Strong(text string) *Label {
	return newBold(text)
}

// Text is a paragraph.
func Text(text string) *Label {
	l := NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// Muted is a paragraph of less weight.
func Muted(text string) *Label {
	l := Text(text)
	l.Importance = widget.LowImportance
	return l
}

// Line is one line that is cut with an ellipsis where there is no room. Not for
// the cells of long lists.
func Line(text string) *Label {
	l := NewLabel(text)
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// Caption is a small line of less weight.
func Caption(text string) *Label {
	l := NewLabel(text)
	l.SizeName = theme.SizeNameCaptionText
	l.Importance = widget.LowImportance
	return l
}

// Note is a small paragraph of less weight.
func Note(text string) *Label {
	l := Caption(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}
