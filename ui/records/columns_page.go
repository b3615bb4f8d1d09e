package records

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// chooseColumns lets a person say which columns the list shows. The choice is
// remembered for each kind of record.
func (p *Page) chooseColumns() {
	checks := make(map[string]*widgets.Check)
	boxes := container.NewGridWithColumns(2)
	var d *widgets.Dialog
	use := widgets.Primary(widgets.NewButton(tr.L("Show these"), nil))
	wanted := func() []string {
		fields := []string{}
		for _, c := range p.shown.Offered {
			if checks[c.Field].Checked {
				fields = append(fields, c.Field)
			}
		}
		return fields
	}
	for _, c := range p.shown.Offered {
		check := widgets.NewCheck(c.Name, func(bool) {
			widgets.Enable(use, len(wanted()) <= mostColumns)
		})
		checks[c.Field] = check
		boxes.Add(check)
	}
	for _, c := range p.shown.Columns {
		if check := checks[c.Field]; check != nil {
			check.Checked = true
		}
	}
	use.OnTapped = func() { d.Hide(); p.presenter.choose(wanted()) }
	usual := widgets.NewButton(tr.L("The usual ones"), func() { d.Hide(); p.presenter.choose(nil) })
	hint := widgets.Muted(tr.N("Up to {{.N}} columns, besides the name. Where the window is too narrow, the last ones are left out.", mostColumns))
	d = widgets.NewDialog(p.host.Window, tr.L("Columns"), 540, widgets.Column(0, hint, boxes))
	d.SetButtons([]fyne.CanvasObject{widgets.NewButton(tr.L("Cancel"), func() { d.Hide() }), usual, use})
	d.Show()
}
