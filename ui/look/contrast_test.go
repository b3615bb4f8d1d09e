package look_test

import (
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// What WCAG 2 asks for: 4.5 for texts, 3 for large ones, for icons and for the edges
// by which a place to write in is seen.
const (
	leastText  = 4.5
	leastShape = 3
)

type name = fyne.ThemeColorName

// surfaces are what most things stand on, softs what is marked by a colour.
var (
	surfaces = []name{theme.ColorNameBackground, look.ColorCard, look.ColorSide, theme.ColorNameOverlayBackground, theme.ColorNameMenuBackground}
	rows     = []name{theme.ColorNameBackground, look.ColorCard, theme.ColorNameOverlayBackground} // where lists lie, whose rows are lit up
	softs    = []name{look.ColorNeutralSoft, look.ColorInfoSoft, look.ColorSuccessSoft, look.ColorWarningSoft, look.ColorErrorSoft, look.ColorCurrent, theme.ColorNameSelection, theme.ColorNameHeaderBackground}
)

// A standing is what stands on what, and how well it has to be seen there.
type standing struct {
	least float64
	inks  []name
	on    []name
	lit   bool // under the mouse, too
}

var standings = []standing{
	{leastText, []name{theme.ColorNameForeground}, slices.Concat(surfaces, softs, []name{theme.ColorNameButton, theme.ColorNameInputBackground}), true},
	{leastText, []name{look.ColorMuted, theme.ColorNameDisabled}, slices.Concat(surfaces, softs), false},
	{leastText, []name{look.ColorMuted, theme.ColorNameDisabled, theme.ColorNameHyperlink, theme.ColorNameError, theme.ColorNamePrimary}, rows, true},
	{leastText, []name{theme.ColorNameError, theme.ColorNameHyperlink}, surfaces, false},
	{leastText, []name{theme.ColorNamePlaceHolder}, []name{theme.ColorNameInputBackground}, true},
	{leastText, []name{theme.ColorNameForegroundOnPrimary}, []name{theme.ColorNamePrimary}, true},
	{leastText, []name{theme.ColorNameForegroundOnSuccess}, []name{theme.ColorNameSuccess}, true},
	{leastText, []name{theme.ColorNameForegroundOnWarning}, []name{theme.ColorNameWarning}, true},
	{leastText, []name{theme.ColorNameForegroundOnError}, []name{theme.ColorNameError}, true},
	{leastText, []name{theme.ColorNamePrimary}, []name{look.ColorInfoSoft}, false},
	{leastText, []name{theme.ColorNameSuccess}, []name{look.ColorSuccessSoft}, false},
	{leastText, []name{theme.ColorNameWarning}, []name{look.ColorWarningSoft}, false},
	{leastText, []name{theme.ColorNameError}, []name{look.ColorErrorSoft}, false},
	{leastShape, []name{theme.ColorNamePrimary, theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError}, slices.Concat(surfaces, softs), true},
	{leastShape, []name{theme.ColorNameInputBorder}, []name{theme.ColorNameBackground, look.ColorCard, theme.ColorNameOverlayBackground, theme.ColorNameInputBackground}, false},
}

func TestEverythingStandsOutFromItsGround(t *testing.T) {
	for _, choice := range []look.Choice{look.ChoiceLight, look.ChoiceDark} {
		shown := look.Theme{Choice: choice}
		of := func(n name) color.Color { return shown.Color(n, theme.VariantLight) }
		for _, s := range standings {
			for _, on := range s.on {
				grounds := map[string]color.Color{string(on): of(on)}
				if s.lit {
					grounds[string(on)+" under the mouse"] = uitest.Over(of(theme.ColorNameHover), of(on))
				}
				for where, ground := range grounds {
					for _, ink := range s.inks {
						if got := uitest.Contrast(of(ink), ground); got < s.least {
							t.Errorf("%s: %s on %s has a contrast of %.2f, less than %.1f", choice, ink, where, got, s.least)
						}
					}
				}
			}
		}
	}
}
