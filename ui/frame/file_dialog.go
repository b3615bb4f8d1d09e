package frame

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"github.com/fieldsync/fieldsync/ui/widgets"
)

// The size a dialog for files would like to have, and what is left around it, in
// points.
const (
	filesWidth, filesHeight = 860, 560
	filesMargin             = 24
)

// ShowFiles shows a dialog that asks for a file or a folder, as large as is good to
// look through folders and as the window lets it be. Fyne's own panics if its size is
// set before it is shown.
func (h *Host) ShowFiles(d *dialog.FileDialog) {
	d.Show()
	d.SetOnClosed(widgets.Above(h.Window.Canvas(), d.Dismiss))
	room := h.Window.Canvas().Size().SubtractWidthHeight(filesMargin, filesMargin)
	d.Resize(fyne.NewSize(min(filesWidth, room.Width), min(filesHeight, room.Height)))
}
