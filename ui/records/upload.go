package records

import (
	"bytes"
	"image"
	_ "image/gif"  // pictures that people take
	_ "image/jpeg" // and scan
	_ "image/png"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// pictureHeight is how high a picture is shown in a form.
const pictureHeight = 150

// file is the control of an upload: the picture if it is one, the file's name, a
// button to choose another.
func (f *form) file(field *Field) fyne.CanvasObject {
	name := widgets.Line("")
	picture := canvas.NewImageFromImage(nil)
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSize(0, pictureHeight))
	picture.Hide()
	var clear *widgets.Button
	show := func(img image.Image) {
		name.Importance = widget.MediumImportance
		text := field.Value
		if text == "" {
			text, name.Importance = tr.L("no file"), widget.LowImportance
		}
		name.SetText(text)
		widgets.Show(clear, field.Value != "" && !field.Required)
		picture.Image = img
		widgets.Show(picture, img != nil)
		picture.Refresh()
	}
	clear = widgets.Quiet(widgets.NewButtonWithIcon("", theme.ContentClearIcon(), func() {
		field.File = nil
		f.set(field, "", "")
		show(nil)
	}))
	choose := widgets.NewButtonWithIcon(tr.L("Choose a file…"), theme.FolderOpenIcon(), func() {
		f.askFile(func(chosen string, content []byte) {
			field.Value, field.Text, field.File = chosen, chosen, content
			f.changed(*field)
			f.decode(content, show)
		})
	})
	show(nil)
	f.presenter.content(*field, func(content []byte) { f.decode(content, show) })
	return container.NewBorder(picture, nil, nil, container.NewHBox(clear, choose), name)
}

// decode makes a picture of a file off the screen; nil if it is none.
func (f *form) decode(content []byte, show func(image.Image)) {
	f.host.Lanes.Run(func() func() {
		img, _, err := image.Decode(bytes.NewReader(content))
		if err != nil {
			img = nil // a document: only its name is shown
		}
		return func() { show(img) }
	})
}

func (f *form) askFile(chosen func(name string, content []byte)) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			f.host.Problem(err)
			return
		}
		f.host.Lanes.Run(func() func() {
			content, err := io.ReadAll(io.LimitReader(r, mostFile+1))
			_ = r.Close() // it was only read
			return func() {
				if err != nil {
					f.host.Problem(&core.Problem{Op: "choose file", Kind: core.FileUnreadable, Subject: r.URI().Name(), Err: err})
					return
				}
				chosen(r.URI().Name(), content)
			}
		})
	}, f.window)
	f.host.ShowFiles(tr.L("Choose a file"), tr.L("Open"), d)
}
