package settings

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/ui/inspect"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// storageSection is the data folder: its size, a copy of it, its health.
type storageSection struct {
	page     *Page
	content  fyne.CanvasObject
	size     *widgets.Label
	findings *widgets.Checks
	looking  *widget.Activity
	copies   copyList
}

func newStorageSection(p *Page) *storageSection {
	s := &storageSection{page: p, size: widgets.Text(""), findings: widgets.NewChecks(), looking: widget.NewActivity()}
	s.looking.Hide()
	folder := widgets.NewReadable(p.presenter.around.Dir)
	folder.Wrapping = fyne.TextWrapBreak
	backup := widgets.NewButtonWithIcon(tr.L("Back up now…"), theme.DocumentSaveIcon(), func() { p.chooseFolder(p.presenter.backup) })
	s.content = widgets.Columns(16,
		widgets.Column(12, card(tr.L("Data folder"), widgets.NewField(tr.L("Where it is"), false, folder, ""), widgets.NewField(tr.L("Size"), false, s.size, "")),
			card(tr.L("Backup"), widgets.Muted(tr.L("A checked copy of everything, without passwords, in a folder of your choice. It holds personal data: keep it safe.")), container.NewHBox(backup))),
		widgets.Column(12, s.makeExamine(), s.copies.make(p)))
	return s
}

// Content is the tab.
func (s *storageSection) Content() fyne.CanvasObject { return s.content }

func (s *storageSection) makeExamine() fyne.CanvasObject {
	around := s.page.presenter.around
	look := widgets.NewButtonWithIcon(tr.L("Check now"), theme.SearchIcon(), nil)
	mend := widgets.Primary(widgets.NewButtonWithIcon(tr.L("Put it right"), theme.ConfirmIcon(), nil))
	mend.Hide()
	run := func(do func(context.Context) ([]Finding, error)) func() {
		return func() {
			s.findings.RemoveAll()
			s.looking.Show()
			s.looking.Start()
			look.Disable()
			mend.Hide()
			s.page.presenter.examine(do, func(list []Finding) {
				s.looking.Stop()
				s.looking.Hide()
				look.Enable()
				widgets.Show(mend, around.Mend != nil && slices.ContainsFunc(list, func(f Finding) bool { return f.Mendable }))
				for _, f := range list {
					s.findings.Answer(f.OK, false, words.CheckName(f.Name), words.Said(f.Said))
				}
				s.findings.Conclude(inspect.Sum)
				widgets.Settle(s.page.content) // the card is of another height
			})
		}
	}
	look.OnTapped, mend.OnTapped = run(around.Examine), run(around.Mend)
	box := card(tr.L("Health"), widgets.Muted(tr.L("Looks the database over. Nothing is lost by it.")), container.NewHBox(look, mend, s.looking), s.findings.Content())
	widgets.Show(box, around.Examine != nil)
	return box
}

// chooseFolder asks for a folder in which something is saved.
func (p *Page) chooseFolder(do func(path string)) {
	p.host.ShowFiles(tr.L("Choose a folder"), tr.L("Save here"), dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		if err != nil || folder == nil {
			p.ShowProblem(err)
			return
		}
		do(folder.Path())
	}, p.host.Window))
}

func (s *storageSection) show(state State) {
	s.size.SetText(tr.Size(state.Size))
	s.copies.show(state.Copies)
}
