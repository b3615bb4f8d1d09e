package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// A Choice is what a person chose for light and dark.
type Choice string

// The choices; the zero value follows the operating system.
const (
	ChoiceSystem Choice = ""
	ChoiceLight  Choice = "light"
	ChoiceDark   Choice = "dark"
)

// A Theme is Fieldsync's own look. Fonts and icons are Fyne's.
type Theme struct {
	Choice Choice
	// Scale multiplies the size of texts; 0 means 1.
	Scale float32
}

var _ fyne.Theme = Theme{}

// Color returns a colour of the palette, for the person's choice of light or dark.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch t.Choice {
	case ChoiceLight:
		variant = theme.VariantLight
	case ChoiceDark:
		variant = theme.VariantDark
	}
	palette := light
	if variant == theme.VariantDark {
		palette = dark
	}
	if c, ok := palette[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font returns Fyne's font of that style.
func (t Theme) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon returns Fyne's icon of that name.
func (t Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

var sizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNamePadding:         5,
	theme.SizeNameInnerPadding:    9,
	theme.SizeNameInputRadius:     7,
	theme.SizeNameButtonRadius:    7,
	theme.SizeNameSelectionRadius: 7,
	theme.SizeNameCardRadius:      12,
	theme.SizeNameDialogRadius:    12,
	theme.SizeNamePopupRadius:     10,
	theme.SizeNameMenuRadius:      8,
	theme.SizeNameScrollBar:       12,
	theme.SizeNameScrollBarSmall:  4,
}

var textSizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNameText:           14,
	theme.SizeNameHeadingText:    24,
	theme.SizeNameSubHeadingText: 17,
	theme.SizeNameCaptionText:    12,
	theme.SizeNameInlineIcon:     20,
}

// Size returns spacing and text sizes, the latter scaled.
func (t Theme) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := sizes[name]; ok {
		return s
	}
	if s, ok := textSizes[name]; ok {
		if t.Scale > 0 {
			return s * t.Scale
		}
		return s
	}
	return theme.DefaultTheme().Size(name)
}
