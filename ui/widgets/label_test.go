package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// In French a sign stays with the word before it, and a number stays whole, however wide the
// room is; nothing is lost, and nothing is wider than the room.
func TestNoLineEndsAtABlankThatJoins(t *testing.T) {
	test.NewTempApp(t)
	text := "Rien n'a été perdu\u00a0: «\u00a0Le serveur\u00a0» a 12\u202f345 fiches\u00a0; voulez-vous les voir\u00a0?  ·  urn:uuid:4fbb0ae0-12aa-4f6d-8d47-5c0de2a6f9a1"
	l := Text(text)
	w := test.NewTempWindow(t, l)
	for width := float32(60); width < 700; width += 7 {
		w.Resize(fyne.NewSize(width, 900))
		l.Resize(fyne.NewSize(width, l.MinSize().Height))
		var lines []string
		for _, o := range test.WidgetRenderer(l).Objects() {
			line, ours := o.(*canvas.Text)
			if !ours {
				t.Fatalf("at %v the toolkit draws it", width)
			}
			lines = append(lines, line.Text)
			if line.MinSize().Width > width {
				t.Errorf("at %v a line is %v wide: %q", width, line.MinSize().Width, line.Text)
			}
			if line.Text == "" || width > 150 && strings.IndexAny(line.Text, ":;?") == 0 {
				t.Errorf("at %v a line begins so: %q", width, line.Text)
			}
		}
		bare := func(s string) string { return strings.NewReplacer(" ", "").Replace(s) }
		if bare(strings.Join(lines, "")) != bare(text) {
			t.Errorf("at %v it says %q", width, lines)
		}
		if last := test.WidgetRenderer(l).Objects()[len(lines)-1]; last.Position().Y+last.Size().Height > l.Size().Height {
			t.Errorf("at %v the last line ends at %v of %v", width, last.Position().Y+last.Size().Height, l.Size().Height)
		}
	}
}

// So it is in a text that can be copied, and one where the toolkit ends no line wrongly can be
// marked word by word.
func TestNoLineOfATextToBeCopiedEndsAtABlankThatJoins(t *testing.T) {
	test.NewTempApp(t)
	r := NewReadable("Rien n'a été perdu\u00a0: «\u00a0Le serveur\u00a0» a 12\u202f345 fiches.")
	w := test.NewTempWindow(t, r)
	ours := 0
	for width := float32(160); width < 700; width += 3 {
		w.Resize(fyne.NewSize(width, 900))
		r.Resize(fyne.NewSize(width, r.MinSize().Height))
		lines := linesOn(r)
		for i, line := range lines {
			if strings.HasPrefix(line, ":") || strings.HasPrefix(line, "»") || strings.HasPrefix(line, "345") || i < len(lines)-1 && strings.HasSuffix(strings.TrimRight(line, " \u00a0"), "«") {
				t.Errorf("at %v its lines are %q", width, lines)
			}
		}
		if r.apart {
			ours++
		}
	}
	if ours == 0 || r.apart {
		t.Errorf("%d times it was drawn line by line; where there is room: %v", ours, r.apart)
	}
}

// linesOn are the texts that are drawn on something, in their order.
func linesOn(o fyne.CanvasObject) (lines []string) {
	switch o := o.(type) {
	case *canvas.Text:
		return []string{o.Text}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			lines = append(lines, linesOn(child)...)
		}
	}
	return lines
}
