package lock

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Gate shows something while the lock is open, and asks for the passcode while
// it is shut. What is behind it keeps what was typed.
type Gate struct {
	host    *frame.Host
	lock    *Lock
	inside  frame.Page
	content *fyne.Container
	shown   bool // the gate is to be seen
	within  bool // and so is what is inside
	timer   *time.Timer
}

// NewGate puts a gate before a page.
func NewGate(host *frame.Host, l *Lock, inside frame.Page) *Gate {
	return &Gate{host: host, lock: l, inside: inside, content: container.NewStack()}
}

// Content is the gate's place in the window.
func (g *Gate) Content() fyne.CanvasObject { return g.content }

// Shown shows what is inside, or asks.
func (g *Gate) Shown() {
	g.shown = true
	g.Check()
}

// Hidden hides both.
func (g *Gate) Hidden() {
	g.shown = false
	if g.timer != nil {
		g.timer.Stop()
	}
	g.leave()
}

func (g *Gate) leave() {
	if g.within {
		g.within = false
		g.inside.Hidden()
	}
}

// Inside returns the page behind the gate, nil while it is shut.
func (g *Gate) Inside() frame.Page {
	if g.lock.Open() {
		return g.inside
	}
	return nil
}

// Check opens or shuts what is shown, as the lock is.
func (g *Gate) Check() {
	if !g.shown {
		return
	}
	if !g.lock.Open() {
		g.leave()
		g.put(g.makeQuestion())
		return
	}
	if !g.within {
		g.within = true
		g.put(g.inside.Content())
		g.inside.Shown()
	}
	g.watch()
}

// watch looks again when the time is up.
func (g *Gate) watch() {
	if g.host.Pause == 0 || !g.lock.Set() {
		return
	}
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(g.lock.Left()+time.Second, func() { g.host.Lanes.Screen(g.Check) })
}

func (g *Gate) put(o fyne.CanvasObject) {
	g.content.Objects = []fyne.CanvasObject{o}
	g.content.Refresh()
}

func (g *Gate) makeQuestion() fyne.CanvasObject {
	form, entry := Question(g.host, g.lock, g.Check)
	open := widgets.Middle(420, widgets.Card(widgets.Column(6, widgets.Heading(tr.L("For the administrator")),
		widgets.Muted(tr.L("These settings are behind a passcode. Everything else works without it.")), form)))
	if g.host.Window != nil {
		g.host.Window.Canvas().Focus(entry)
	}
	return open
}

// Question is a form that asks for the passcode; opened is called once it was
// right.
func Question(host *frame.Host, l *Lock, opened func()) (fyne.CanvasObject, *widgets.Entry) {
	entry := widgets.NewPasswordEntry()
	field := widgets.NewField(tr.L("Passcode"), false, entry, tr.L("Forgotten? Only deleting Fieldsync's data folder takes it away, with all that was not sent."))
	var button *widgets.Button
	try := func() {
		passcode := core.Secret(entry.Text)
		button.Disable()
		host.Lanes.RunOr(func() func() {
			err := l.Try(passcode)
			return func() {
				button.Enable()
				entry.SetText("")
				field.SetTrouble(words.Message(err))
				if err == nil {
					opened()
				}
			}
		}, button.Enable)
	}
	entry.OnSubmitted = func(string) { try() }
	entry.OnChanged = func(s string) {
		if s != "" {
			field.SetTrouble("")
		}
	}
	button = widgets.Primary(widgets.NewButtonWithIcon(tr.L("Unlock"), theme.LoginIcon(), try))
	return widgets.Column(6, field, container.NewHBox(button)), entry
}

// Guard does something at once while the lock is open, else asks for the passcode
// first.
func Guard(host *frame.Host, l *Lock, do func()) {
	if l.Open() {
		do()
		return
	}
	var d *widgets.Dialog
	form, entry := Question(host, l, func() { d.Hide(); do() })
	d = host.Tell(tr.L("For the administrator"), tr.L("Cancel"), 420, form)
	host.Window.Canvas().Focus(entry)
}
