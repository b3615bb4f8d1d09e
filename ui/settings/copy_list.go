package settings

import (
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A copyList shows the copies of the database that were made by themselves.
type copyList struct {
	page   *Page
	rows   *fyne.Container
	button *widgets.Button
	folder string
}

func (l *copyList) make(p *Page) fyne.CanvasObject {
	l.page, l.rows = p, widgets.Column(-6)
	l.button = widgets.NewButtonWithIcon(tr.L("Copy the path"), theme.ContentCopyIcon(), func() {
		fyne.CurrentApp().Clipboard().SetContent(l.folder)
		p.Say(tr.L("Copied."))
	})
	box := card(tr.L("Automatic copies"), widgets.Muted(tr.L("Fieldsync copies the database by itself: once a day, and before steps that change much. The newest are kept.")),
		l.rows, container.NewHBox(l.button))
	widgets.Show(box, p.presenter.around.Copies != nil)
	return box
}

func (l *copyList) show(copies []Copy) {
	l.rows.RemoveAll()
	widgets.Show(l.button, len(copies) > 0)
	if len(copies) == 0 {
		l.rows.Add(widgets.Text(tr.L("Nothing here")))
		return
	}
	l.folder = filepath.Dir(copies[0].Path)
	for _, c := range copies {
		l.rows.Add(widgets.Text(words.When(c.Made, l.page.host.Now()) + "  ·  " + tr.Size(c.Size) + "  ·  " + reasonWords(c.Reason)))
	}
}

func reasonWords(r CopyReason) string {
	switch r {
	case CopyBeforeUpdate:
		return tr.L("before a new version of Fieldsync")
	case CopyBeforeUndo:
		return tr.L("before a run was taken back")
	case CopyBeforeMending:
		return tr.L("before mending")
	}
	return tr.L("once a day")
}
