package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// Checks are the answers of a test, one below the other as they come.
type Checks struct {
	column              *fyne.Container
	names               []*Label
	failed, noted, good []fyne.CanvasObject
}

// NewChecks returns a place for answers.
func NewChecks() *Checks { return &Checks{column: Column(-4)} }

// Content is the answers' place.
func (c *Checks) Content() fyne.CanvasObject { return c.column }

// RemoveAll makes room for another test.
func (c *Checks) RemoveAll() {
	c.failed, c.noted, c.good, c.names = nil, nil, nil, nil
	c.column.RemoveAll()
}

// Answer adds an answer: a sign, the name of the question, the answer in a sentence. Where one
// name has no room beside its answer, all answers go below their names.
func (c *Checks) Answer(ok, warning bool, name, answer string) {
	line, to := c.makeLine(ok, warning, name, answer), &c.good
	switch {
	case !ok:
		to = &c.failed
	case warning:
		to = &c.noted
	}
	*to = append(*to, line)
	c.column.Add(line)
	c.column.Refresh() // the name may be the widest
}

// Conclude sums the answers up above them, in a sentence about how many failed and how
// many have something to note, and puts those first: of a long test the last ones stand
// where nobody looks.
func (c *Checks) Conclude(say func(failed, noted int) string) {
	tone := Success
	switch {
	case len(c.column.Objects) == 0:
		return
	case len(c.failed) > 0:
		tone = Danger
	case len(c.noted) > 0:
		tone = Warning
	}
	sum := Banner(tone, say(len(c.failed), len(c.noted)))
	c.column.Objects = slices.Concat([]fyne.CanvasObject{sum, Gap(0, 8)}, c.failed, c.noted, c.good)
	c.column.Refresh()
}

func (c *Checks) makeLine(ok, warning bool, name, answer string) fyne.CanvasObject {
	tone := Success
	switch {
	case !ok:
		tone = Danger
	case warning:
		tone = Warning
	}
	sign := container.NewVBox(container.New(layout.NewCustomPaddedLayout(8, 0, 4, 0), NewIcon(tone.Icon())))
	question := Strong(name)
	c.names = append(c.names, question)
	return container.NewBorder(nil, nil, sign, nil, container.New(&sides{portion: 0.4, below: -10, widest: c.widest}, question, Muted(answer)))
}

// widest is the width of the longest name, in letters as large as they are now.
func (c *Checks) widest() (width float32) {
	for _, name := range c.names {
		width = max(width, name.MinSize().Width)
	}
	return width
}
