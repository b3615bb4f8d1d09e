package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// The colours Fyne has no name for.
const (
	ColorCard       fyne.ThemeColorName = "fieldsyncCard"
	ColorCardBorder fyne.ThemeColorName = "fieldsyncCardBorder"
	ColorSide       fyne.ThemeColorName = "fieldsyncSide"
	ColorMuted      fyne.ThemeColorName = "fieldsyncMuted"
	ColorCurrent    fyne.ThemeColorName = "fieldsyncCurrent"

	ColorInfoSoft    fyne.ThemeColorName = "fieldsyncInfoSoft"
	ColorSuccessSoft fyne.ThemeColorName = "fieldsyncSuccessSoft"
	ColorWarningSoft fyne.ThemeColorName = "fieldsyncWarningSoft"
	ColorErrorSoft   fyne.ThemeColorName = "fieldsyncErrorSoft"
	ColorNeutralSoft fyne.ThemeColorName = "fieldsyncNeutralSoft"
)

func rgb(hex uint32) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func rgba(hex uint32, alpha uint8) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}

// light and dark hold every colour once. Texts reach a contrast of 4.5 to 1 on the
// surfaces they stand on, icons and the edges of inputs 3 to 1.
var light = map[fyne.ThemeColorName]color.Color{
	theme.ColorNameBackground:          rgb(0xf3f6f7),
	theme.ColorNameForeground:          rgb(0x1d2a30),
	theme.ColorNamePrimary:             rgb(0x14697a),
	theme.ColorNameForegroundOnPrimary: rgb(0xffffff),
	theme.ColorNameHyperlink:           rgb(0x14697a),
	theme.ColorNameButton:              rgb(0xe4ebed),
	theme.ColorNameDisabledButton:      rgb(0xe9eef0),
	theme.ColorNameDisabled:            rgb(0x53636a),
	theme.ColorNamePlaceHolder:         rgb(0x5f6e76),
	theme.ColorNameInputBackground:     rgb(0xffffff),
	theme.ColorNameInputBorder:         rgb(0x7f9097),
	theme.ColorNameHover:               rgba(0x14697a, 0x14),
	theme.ColorNamePressed:             rgba(0x14697a, 0x2e),
	theme.ColorNameFocus:               rgba(0x14697a, 0x40),
	theme.ColorNameSelection:           rgb(0xcfe5e9),
	theme.ColorNameSeparator:           rgb(0xdde5e8),
	theme.ColorNameShadow:              rgba(0x10242b, 0x2a),
	theme.ColorNameScrollBar:           rgba(0x3a4d55, 0x70),
	theme.ColorNameHeaderBackground:    rgb(0xe9eff1),
	theme.ColorNameMenuBackground:      rgb(0xffffff),
	theme.ColorNameOverlayBackground:   rgb(0xffffff),
	theme.ColorNameSuccess:             rgb(0x22743f),
	theme.ColorNameWarning:             rgb(0x9a5b00),
	theme.ColorNameError:               rgb(0xb3322b),
	theme.ColorNameForegroundOnSuccess: rgb(0xffffff),
	theme.ColorNameForegroundOnWarning: rgb(0xffffff),
	theme.ColorNameForegroundOnError:   rgb(0xffffff),

	ColorCard:        rgb(0xffffff),
	ColorCardBorder:  rgb(0xdbe4e7),
	ColorSide:        rgb(0xe8eef0),
	ColorMuted:       rgb(0x53636a),
	ColorCurrent:     rgb(0xcfe3e8),
	ColorInfoSoft:    rgb(0xdcedf1),
	ColorSuccessSoft: rgb(0xdff1e5),
	ColorWarningSoft: rgb(0xfbeed6),
	ColorErrorSoft:   rgb(0xfae3e1),
	ColorNeutralSoft: rgb(0xe7edef),
}

var dark = map[fyne.ThemeColorName]color.Color{
	theme.ColorNameBackground:          rgb(0x12191d),
	theme.ColorNameForeground:          rgb(0xe4ecef),
	theme.ColorNamePrimary:             rgb(0x62bccb),
	theme.ColorNameForegroundOnPrimary: rgb(0x06272e),
	theme.ColorNameHyperlink:           rgb(0x7cccd9),
	theme.ColorNameButton:              rgb(0x2a373e),
	theme.ColorNameDisabledButton:      rgb(0x222d33),
	theme.ColorNameDisabled:            rgb(0x9cacb3),
	theme.ColorNamePlaceHolder:         rgb(0x8496a0),
	theme.ColorNameInputBackground:     rgb(0x151d22),
	theme.ColorNameInputBorder:         rgb(0x66777f),
	theme.ColorNameHover:               rgba(0x9adbe6, 0x16),
	theme.ColorNamePressed:             rgba(0x9adbe6, 0x30),
	theme.ColorNameFocus:               rgba(0x62bccb, 0x50),
	theme.ColorNameSelection:           rgb(0x1b3f48),
	theme.ColorNameSeparator:           rgb(0x2b373d),
	theme.ColorNameShadow:              rgba(0x000000, 0x80),
	theme.ColorNameScrollBar:           rgba(0xb9c8ce, 0x60),
	theme.ColorNameHeaderBackground:    rgb(0x1f2a30),
	theme.ColorNameMenuBackground:      rgb(0x1f2a30),
	theme.ColorNameOverlayBackground:   rgb(0x1c262b),
	theme.ColorNameSuccess:             rgb(0x74c991),
	theme.ColorNameWarning:             rgb(0xe6b25c),
	theme.ColorNameError:               rgb(0xf0938b),
	theme.ColorNameForegroundOnSuccess: rgb(0x06240f),
	theme.ColorNameForegroundOnWarning: rgb(0x2b1a00),
	theme.ColorNameForegroundOnError:   rgb(0x330805),

	ColorCard:        rgb(0x1b2429),
	ColorCardBorder:  rgb(0x2b373d),
	ColorSide:        rgb(0x161f24),
	ColorMuted:       rgb(0x9cacb3),
	ColorCurrent:     rgb(0x21434b),
	ColorInfoSoft:    rgb(0x1c3a42),
	ColorSuccessSoft: rgb(0x193525),
	ColorWarningSoft: rgb(0x3a2d14),
	ColorErrorSoft:   rgb(0x42211f),
	ColorNeutralSoft: rgb(0x28343a),
}
