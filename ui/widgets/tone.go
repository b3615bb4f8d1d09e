package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/ui/look"
)

// A Tone is the mood of a mark or banner. It is never the only sign: a word or a
// shape stands beside every colour.
type Tone int

// The tones.
const (
	Neutral Tone = iota
	Info
	Success
	Warning
	Danger
)

func (t Tone) soft() fyne.ThemeColorName {
	return [...]fyne.ThemeColorName{look.ColorNeutralSoft, look.ColorInfoSoft, look.ColorSuccessSoft, look.ColorWarningSoft, look.ColorErrorSoft}[t]
}

// Ground is the tone's colour below a text.
func (t Tone) Ground() fyne.ThemeColorName { return t.soft() }

func (t Tone) strong() fyne.ThemeColorName {
	return [...]fyne.ThemeColorName{look.ColorMuted, theme.ColorNamePrimary, theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError}[t]
}

// Icon is the tone's shape.
func (t Tone) Icon() fyne.Resource {
	switch t {
	case Success:
		return theme.NewSuccessThemedResource(theme.ConfirmIcon())
	case Warning:
		return theme.NewWarningThemedResource(theme.WarningIcon())
	case Danger:
		return theme.NewErrorThemedResource(theme.ErrorIcon())
	case Info:
		return theme.NewPrimaryThemedResource(theme.InfoIcon())
	}
	return theme.NewDisabledResource(theme.InfoIcon())
}

func colorOf(w fyne.Widget, name fyne.ThemeColorName) color.Color {
	return theme.ColorForWidget(name, w)
}
