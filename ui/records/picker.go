package records

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// pickWait is how long the search waits for the next letter.
const pickWait = 150 * time.Millisecond

// pick lets a person search for the record that a reference points to.
func pick(host *frame.Host, p *recordPresenter, f Field, chosen func(value, text string)) {
	var lines []Line
	var d *dialog.CustomDialog
	list := widget.NewList(func() int { return len(lines) }, func() fyne.CanvasObject { return widgets.NewItem(0) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			o.(*widgets.Item).Fill(nil, lines[i].Title, lines[i].Below, "")
		})
	list.OnSelected = func(i widget.ListItemID) {
		d.Hide()
		chosen(lines[i].Link.UUID, lines[i].Title)
	}
	none := widgets.Muted(tr.L("Nothing found."))
	none.Alignment = fyne.TextAlignCenter
	ask := func(text string) {
		p.find(f.Target, text, func(found []Line) {
			lines = found
			widgets.Show(none, len(lines) == 0)
			list.UnselectAll()
			list.Refresh()
		})
	}
	wait := &async.Debouncer{Delay: min(pickWait, host.Pause)}
	search := widgets.Search(tr.L("Search"), func(text string) { wait.Call(func() { host.Lanes.Screen(func() { ask(text) }) }) })
	body := container.NewBorder(search, nil, nil, nil, container.NewStack(widgets.Tall(340, widgets.Wide(520, list)), container.NewVBox(widgets.Gap(0, 20), none)))
	d = dialog.NewCustom(tr.L("Choose: {{.Kind}}", tr.D{"Kind": words.One(f.Target, nil)}), tr.L("Cancel"), body, host.Window)
	d.Show()
	host.Window.Canvas().Focus(search)
	ask("")
}
