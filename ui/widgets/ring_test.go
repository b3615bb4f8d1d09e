package widgets_test

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// Whoever has only a keyboard sees where it is, on every control and in light and dark: as
// much of it as a line around stands out from what was there before (WCAG 2.4.7, 2.4.13).
func TestWhereTheKeyboardIsIsSeen(t *testing.T) {
	button := func(i widget.Importance) fyne.Focusable {
		b := widgets.NewButton("Sync now", func() {})
		b.Importance = i
		return b
	}
	check := widgets.NewCheck("Offices", nil)
	check.SetChecked(true)
	list := widgets.NewList(func() int { return 3 }, func() fyne.CanvasObject { return widgets.NewLabel("") }, func(int, fyne.CanvasObject) {})
	for name, control := range map[string]fyne.Focusable{
		"a button": button(widget.MediumImportance), "the button to press": button(widget.HighImportance), "a quiet button": button(widget.LowImportance),
		"a button that destroys": button(widget.DangerImportance), "a box": check, "a link": widgets.NewLink("Show the record", func() {}),
		"a choice": widgets.NewChoice([]string{"one"}, []string{"1"}, nil), "a list": list,
		"an entry of the navigation": widgets.NewNavItem(theme.HomeIcon(), "Home", func() {}),
	} {
		for _, choice := range []look.Choice{look.ChoiceLight, look.ChoiceDark} {
			test.NewTempApp(t).Settings().SetTheme(look.Theme{Choice: choice})
			object := control.(fyne.CanvasObject)
			w := test.NewTempWindow(t, container.NewStack(widgets.Surface(nil, look.ColorCard, 0), container.NewPadded(object)))
			w.Resize(fyne.NewSize(200, 60))
			before := w.Canvas().Capture()
			w.Canvas().Focus(control)
			object.Refresh()
			if got, least := standingOut(w.Canvas().Capture(), before), int(object.Size().Width+object.Size().Height); got < least {
				t.Errorf("%s, %s: %d pixels stand out, want %d", name, choice, got, least)
			}
			w.Canvas().Unfocus()
		}
	}
}

// standingOut counts the pixels that stand out from what was there before.
func standingOut(after, before image.Image) (n int) {
	for y := range after.Bounds().Dy() {
		for x := range after.Bounds().Dx() {
			if uitest.Contrast(after.At(x, y), before.At(x, y)) >= 3 {
				n++
			}
		}
	}
	return n
}
