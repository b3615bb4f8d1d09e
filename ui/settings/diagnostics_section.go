package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core/diagnostics"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// diagnosticsSection makes a file for whoever helps, and shows it before.
type diagnosticsSection struct {
	page    *Page
	content fyne.CanvasObject
	report  diagnostics.Report
	parts   *widgets.Choice
	text    *widgets.Readable
	looking *widget.Activity
	shown   *fyne.Container
}

func newDiagnosticsSection(p *Page) *diagnosticsSection {
	s := &diagnosticsSection{page: p, text: widgets.NewReadable(""), looking: widget.NewActivity()}
	s.looking.Hide()
	s.text.TextStyle.Monospace = true
	s.text.SizeName = theme.SizeNameCaptionText
	s.text.Wrapping = fyne.TextWrapOff
	s.parts = widgets.NewChoice(nil, nil, s.showPart)
	make := widgets.Primary(widgets.NewButtonWithIcon(tr.L("Make the report"), theme.DocumentCreateIcon(), s.collect))
	zip := widgets.NewButtonWithIcon(tr.L("Save as archive (zip)…"), theme.DocumentSaveIcon(), func() { s.save(true) })
	plain := widgets.NewButtonWithIcon(tr.L("Save as text…"), theme.DocumentSaveIcon(), func() { s.save(false) })
	copied := widgets.NewButtonWithIcon(tr.L("Copy"), theme.ContentCopyIcon(), func() {
		fyne.CurrentApp().Clipboard().SetContent(s.report.Text())
		p.Say(tr.L("The report is on the clipboard."))
	})
	paper := widgets.Card(widgets.Tall(300, container.NewScroll(s.text)))
	s.shown = widgets.Column(6, container.NewBorder(nil, nil, widgets.Wide(240, s.parts), container.NewHBox(copied, plain, zip)), paper)
	s.shown.Hide()
	s.content = widgets.Column(10, card(tr.L("Diagnostics"), widgets.Muted(tr.L("A report for whoever helps you: what is set up, how the last syncs went, the logs. Passwords, e-mail addresses and records are not in it. Look at it before you save it; it is not sent anywhere.")),
		container.NewHBox(make, s.looking)), s.shown)
	return s
}

// Content is the tab.
func (s *diagnosticsSection) Content() fyne.CanvasObject { return s.content }

func (s *diagnosticsSection) collect() {
	s.looking.Show()
	s.looking.Start()
	s.page.presenter.report(func(r diagnostics.Report) {
		s.looking.Stop()
		s.looking.Hide()
		s.report = r
		var names []string
		for _, part := range r {
			names = append(names, part.Name)
		}
		s.parts.SetChoices(names, names)
		if len(names) > 0 {
			s.parts.SetValue(names[0])
			s.showPart(names[0])
		}
		s.shown.Show()
	})
}

func (s *diagnosticsSection) showPart(name string) {
	for _, part := range s.report {
		if part.Name == name {
			s.text.SetText(part.Text)
		}
	}
}

func (s *diagnosticsSection) save(archive bool) {
	report := s.report
	s.page.chooseFolder(func(path string) { s.page.presenter.saveReport(report, path, archive) })
}

func (s *diagnosticsSection) show(State) {}
