package frame

import (
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// AskToSave asks under which name something is saved, with a name proposed, and
// writes it there.
func (h *Host) AskToSave(title, name string, write func(path string)) {
	d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		if err != nil || f == nil {
			h.Problem(err)
			return
		}
		path := f.URI().Path()
		_ = f.Close() // it is replaced as a whole
		if info, err := os.Stat(path); err == nil && info.Size() == 0 {
			_ = os.Remove(path) // Fyne made it: should the writing fail, nothing stays that looks saved
		}
		write(path)
	}, h.Window)
	d.SetFileName(name)
	h.ShowFiles(title, tr.L("Save"), d)
}

// The size a dialog for files would like to have, and what is left around it, in
// points.
const (
	filesWidth, filesHeight = 860, 560
	filesMargin             = 24
)

// ShowFiles shows a dialog that asks for a file or a folder, as large as is good to
// look through folders and as the window lets it be. title says what for and confirm what
// its button does: the toolkit makes both of single words ("Open" and "File"), which is a
// sentence in English alone. Fyne's own panics if its size is set before it is shown.
func (h *Host) ShowFiles(title, confirm string, d *dialog.FileDialog) {
	d.SetTitleText(title)
	d.SetConfirmText(confirm)
	d.Show()
	h.speak()
	d.SetOnClosed(widgets.Above(h.Window.Canvas(), d.Dismiss))
	room := h.Window.Canvas().Size().SubtractWidthHeight(filesMargin, filesMargin)
	d.Resize(fyne.NewSize(min(filesWidth, room.Width), min(filesHeight, room.Height)))
}
