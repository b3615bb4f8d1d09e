package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/look"
)

// A Panel is a rounded surface with something on it.
type Panel struct {
	widget.BaseWidget

	Content fyne.CanvasObject
	Fill    fyne.ThemeColorName
	Border  fyne.ThemeColorName // "" for none
	Padding float32
	// Square takes the round corners off.
	Square bool
	// OnTapped makes the whole panel a button.
	OnTapped func()

	hovered, focused bool
}

var (
	_ fyne.Tappable      = (*Panel)(nil)
	_ desktop.Hoverable  = (*Panel)(nil)
	_ desktop.Cursorable = (*Panel)(nil)
	_ fyne.Focusable     = (*Panel)(nil)
	_ fyne.Disableable   = (*Panel)(nil) // a panel that does nothing is not stopped at
)

// Card is a white surface with a thin border.
func Card(content fyne.CanvasObject) *Panel {
	p := &Panel{Content: content, Fill: look.ColorCard, Border: look.ColorCardBorder, Padding: 14}
	p.ExtendBaseWidget(p)
	return p
}

// Surface is a coloured, borderless panel.
func Surface(content fyne.CanvasObject, fill fyne.ThemeColorName, padding float32) *Panel {
	p := &Panel{Content: content, Fill: fill, Padding: padding}
	p.ExtendBaseWidget(p)
	return p
}

// SetContent puts something else on the panel.
func (p *Panel) SetContent(o fyne.CanvasObject) {
	p.Content = o
	p.Refresh()
}

// Tapped calls OnTapped.
func (p *Panel) Tapped(*fyne.PointEvent) {
	if p.OnTapped != nil {
		p.OnTapped()
	}
}

// Enable does nothing: a panel is enabled by OnTapped.
func (p *Panel) Enable() {}

// Disable does nothing.
func (p *Panel) Disable() {}

// Disabled reports whether there is nothing to press.
func (p *Panel) Disabled() bool { return p.OnTapped == nil }

// FocusGained shows that the keyboard is here.
func (p *Panel) FocusGained() { p.focused = true; p.Refresh(); reveal(p) }

// FocusLost shows that it no longer is.
func (p *Panel) FocusLost() { p.focused = false; p.Refresh() }

// TypedRune does nothing.
func (p *Panel) TypedRune(rune) {}

// TypedKey presses the panel on Enter and Space.
func (p *Panel) TypedKey(e *fyne.KeyEvent) {
	if handOnKey(p, e) {
		return
	}
	if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter || e.Name == fyne.KeySpace {
		p.Tapped(nil)
	}
}

// MouseIn lights the panel up if it can be tapped.
func (p *Panel) MouseIn(*desktop.MouseEvent) { p.hover(true) }

// MouseMoved does nothing.
func (p *Panel) MouseMoved(*desktop.MouseEvent) {}

// MouseOut takes the light away.
func (p *Panel) MouseOut() { p.hover(false) }

// Cursor is a hand where the panel can be tapped.
func (p *Panel) Cursor() desktop.Cursor {
	if p.OnTapped != nil {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

func (p *Panel) hover(on bool) {
	if p.OnTapped != nil {
		p.hovered = on
		p.Refresh()
	}
}

// CreateRenderer draws the surface below its content.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, back: canvas.NewRectangle(nil), light: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type panelRenderer struct {
	panel       *Panel
	back, light *canvas.Rectangle
	drawn       drawn
}

// drawn is what of a theme a thing was drawn with last.
type drawn struct {
	text float32
	ink  color.Color
}

func (r *panelRenderer) Destroy() {}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.light.Resize(size)
	pad := r.panel.Padding
	if r.panel.Content != nil {
		Turned(r.panel.Content)
		r.panel.Content.Move(fyne.NewPos(pad, pad))
		r.panel.Content.Resize(fyne.NewSize(max(0, size.Width-2*pad), max(0, size.Height-2*pad)))
	}
}

func (r *panelRenderer) MinSize() fyne.Size {
	min := fyne.Size{}
	if r.panel.Content != nil {
		min = r.panel.Content.MinSize()
	}
	return min.AddWidthHeight(2*r.panel.Padding, 2*r.panel.Padding)
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	if r.panel.Content == nil {
		return []fyne.CanvasObject{r.back, r.light}
	}
	return []fyne.CanvasObject{r.back, r.light, r.panel.Content}
}

func (r *panelRenderer) Refresh() {
	radius := theme.Size(theme.SizeNameCardRadius)
	if r.panel.Square {
		radius = 0
	}
	r.back.FillColor = colorOf(r.panel, r.panel.Fill)
	r.back.CornerRadius = radius
	r.back.StrokeWidth = 0
	if r.panel.Border != "" {
		r.back.StrokeWidth = 1
		r.back.StrokeColor = colorOf(r.panel, r.panel.Border)
	}
	if r.panel.focused {
		r.back.StrokeWidth, r.back.StrokeColor = 2, colorOf(r.panel, theme.ColorNamePrimary)
	}
	r.light.CornerRadius = radius
	r.light.FillColor = colorOf(r.panel, theme.ColorNameHover)
	r.light.Hidden = !r.panel.hovered
	r.back.Refresh()
	r.light.Refresh()
	if now := (drawn{theme.Size(theme.SizeNameText), colorOf(r.panel, theme.ColorNameForeground)}); now != r.drawn {
		r.drawn = now
		if r.panel.Content != nil {
			r.panel.Content.Refresh() // it may not have been on the screen when the theme changed
		}
	}
	r.Layout(r.panel.Size())
}
