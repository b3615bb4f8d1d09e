package home

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"github.com/fieldsync/fieldsync/core/setup"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// chooseFile asks for a setup file.
func (s *startPage) chooseFile() {
	s.host.Guard(func() {
		d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
			if err != nil || f == nil {
				s.host.Problem(err)
				return
			}
			s.host.Problem(f.Close())
			s.presenter.openFile(f.URI().Path())
		}, s.host.Window)
		d.SetFilter(storage.NewExtensionFileFilter([]string{".json"}))
		s.host.ShowFiles(tr.L("Choose the setup file"), tr.L("Open"), d)
	})
}

// ShowFile shows what a setup file would set up, or everything that is wrong with
// it.
func (s *startPage) ShowFile(_ setup.Setup, faults []string) {
	s.faults = faults
	s.ShowStep(stepFile)
	s.opened()
	s.keyboard(stepFile) // now that it is in the window
}

func (s *startPage) makeFile() fyne.CanvasObject {
	next := widgets.NewButton(tr.L("Next"), s.presenter.askLogin)
	if len(s.faults) > 0 || s.presenter.file == nil {
		next.Disable()
		return s.frame(stepFile, tr.L("This file cannot be used"), tr.L("Give this list to whoever made the file. Nothing was changed."),
			widgets.Banner(widgets.Danger, strings.Join(s.faults, "\n")), next)
	}
	column := widgets.Column(6)
	for _, r := range s.presenter.file.Repositories {
		var kinds []string
		for _, t := range r.Tasks {
			kinds = append(kinds, words.Many(t.Resource, nil))
		}
		column.Add(widgets.Column(-8, widgets.Strong(r.Name), widgets.Text(r.URL), widgets.Muted(strings.Join(kinds, tr.L(", ")))))
		if before := s.presenter.file.replaced(r.Repository); before != "" {
			column.Add(widgets.Banner(widgets.Warning, tr.L("This takes the place of {{.Before}}, with which this laptop exchanges records now. If you do not expect that, ask your administrator first.", tr.D{"Before": before})))
		}
		for _, j := range r.Jobs {
			column.Add(widgets.Caption(words.Schedule(j, s.host.Now())))
		}
	}
	if proxy := s.presenter.file.Proxy; proxy != "" && proxy != "none" {
		column.Add(widgets.Caption(tr.L("Proxy: {{.Proxy}}", tr.D{"Proxy": proxy})))
	}
	return s.frame(stepFile, tr.L("This will be set up"), tr.L("Then only your user name and password are needed."), column, next)
}
