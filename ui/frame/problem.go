package frame

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// Problem tells a person what went wrong: what happened, whether the data is
// safe, what to do; the technical cause only behind "Details". A nil error and
// a person's own cancelling show nothing.
func (h *Host) Problem(err error) { h.ProblemAnd(err, "", nil) }

// ProblemAnd is Problem with a button that leads on; "" for none.
func (h *Host) ProblemAnd(err error, label string, do func()) {
	if err == nil || errors.Is(err, context.Canceled) || core.IsKind(err, core.Cancelled) {
		return
	}
	p := core.AsProblem(err)
	d := h.Tell(words.Heading(p), tr.L("Close"), 480, ProblemText(p))
	if label == "" {
		return
	}
	on := widgets.Primary(widgets.NewButton(label, func() { d.Hide(); do() }))
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Close"), d.Hide), on})
	h.Window.Canvas().Focus(on)
}

// Tell shows something in a dialog with one button, which closes it.
func (h *Host) Tell(title, closes string, width float32, body fyne.CanvasObject) *widgets.Dialog {
	d := widgets.NewDialog(h.Window, title, width, body)
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(closes, d.Hide)})
	d.Show()
	return d
}

// ProblemText is what a person is told of a problem.
func ProblemText(p *core.Problem) fyne.CanvasObject {
	body := widgets.Column(2, container.NewBorder(nil, nil, container.NewVBox(container.New(layout.NewCustomPaddedLayout(8, 0, 0, 0), widgets.NewIcon(graveness(p).Icon()))), nil, widgets.Text(words.Message(p))))
	for _, text := range []string{words.Peer(p), words.Safe(p), words.Hint(p)} {
		if text != "" {
			body.Add(widgets.Text(text))
		}
	}
	body.Add(ProblemDetails(p))
	return body
}

// graveness is how a problem looks: nothing is wrong where somebody only has to accept this
// laptop, and little where most was exchanged.
func graveness(p *core.Problem) widgets.Tone {
	switch {
	case p.Kind == core.NotAccepted:
		return widgets.Info
	case p.OfTables():
		return widgets.Warning
	}
	return widgets.Danger
}

// ProblemDetails is the technical cause of a problem, folded.
func ProblemDetails(p *core.Problem) fyne.CanvasObject {
	return widgets.NewFold(tr.L("Details"), details(p))
}

// details shows the chain of causes, to be read out to an administrator.
func details(p *core.Problem) fyne.CanvasObject {
	text := widgets.NewReadable(p.Error())
	text.TextStyle.Monospace = true
	copied := widgets.NewButtonWithIcon(tr.L("Copy"), theme.ContentCopyIcon(), func() { fyne.CurrentApp().Clipboard().SetContent(p.Error()) })
	return container.NewVBox(text, container.NewHBox(copied))
}

// AskSave asks what to do with what was typed before it is left: save, discard, or
// stay.
func (h *Host) AskSave(text string, save, discard func()) {
	d := widgets.NewDialog(h.Window, tr.L("Leave without saving?"), 440, widgets.Text(text))
	button := func(label string, do func()) *widgets.Button {
		return widgets.NewButton(label, func() { d.Hide(); do() })
	}
	saves := widgets.Primary(button(tr.L("Save"), save))
	d.SetButtons([]fyne.CanvasObject{button(tr.L("Stay here"), func() {}), button(tr.L("Discard my changes"), discard), saves})
	d.Show()
	h.Window.Canvas().Focus(saves)
}

// Ask puts a question; yes says what the button does ("Delete 12 records") and do
// does it. A dangerous one is red, and not what Enter does.
func (h *Host) Ask(title, text, yes string, dangerous bool, do func()) {
	d := widgets.NewDialog(h.Window, title, 440, widgets.Text(text))
	sure := widgets.Primary(widgets.NewButton(yes, func() { d.Hide(); do() }))
	if dangerous {
		sure.Importance = widget.DangerImportance
	}
	cancel := widgets.NewButton(tr.L("Cancel"), d.Hide)
	d.SetButtons([]fyne.CanvasObject{cancel, sure})
	d.Show()
	if dangerous {
		sure = cancel
	}
	h.Window.Canvas().Focus(sure)
}
