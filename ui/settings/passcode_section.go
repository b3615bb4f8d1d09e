package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/lock"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// passcodeSection sets the administrator's passcode.
type passcodeSection struct {
	page          *Page
	content       fyne.CanvasObject
	first, second *widgets.Entry
	fields        map[string]*widgets.Field
	state         *widgets.Label
	save          *widgets.Button
	away, shut    *widgets.Button
}

func newPasscodeSection(p *Page) *passcodeSection {
	s := &passcodeSection{page: p, first: widgets.NewPasswordEntry(), second: widgets.NewPasswordEntry(), state: widgets.Text("")}
	s.fields = map[string]*widgets.Field{
		"passcode": widgets.NewField(tr.L("New passcode"), true, s.first, tr.L("Any characters, at least four.")),
		"again":    widgets.NewField(tr.L("Once more"), true, s.second, ""),
	}
	s.first.OnChanged = func(text string) {
		trouble := ""
		if text != "" {
			trouble = lock.Trouble(core.Secret(text))
		}
		s.fields["passcode"].SetTrouble(trouble)
	}
	s.second.OnChanged = func(string) { s.fields["again"].SetTrouble("") }
	s.second.OnSubmitted = func(string) { s.change() }
	s.save = widgets.Primary(widgets.NewButton(tr.L("Set the passcode"), s.change))
	s.away = widgets.NewButton(tr.L("Take it away"), func() { s.set("", "") })
	s.shut = widgets.NewButtonWithIcon(tr.L("Lock now"), theme.LogoutIcon(), func() { p.lock.Shut(); p.showTab() })
	text := tr.L("With a passcode, repositories and these settings can only be changed by whoever knows it. It is asked for once, and again after five minutes without a change. Looking up and editing records, and “Sync now”, never need it.")
	forgotten := tr.L("If it is forgotten, nobody can tell it to you: only deleting Fieldsync's data folder takes it away, and with it whatever was not sent. It keeps people from changing settings by mistake; it does not encrypt the records.")
	s.content = widgets.Column(12, widgets.Bounded(560, card(tr.L("Passcode for the configuration"), s.state, widgets.Muted(text), s.fields["passcode"], s.fields["again"],
		widgets.Gap(0, 4), widgets.Banner(widgets.Warning, forgotten), widgets.Gap(0, 4), widgets.Flow(s.save, s.away, s.shut))))
	return s
}

// Content is the tab.
func (s *passcodeSection) Content() fyne.CanvasObject { return s.content }

func (s *passcodeSection) change() {
	if s.first.Text == "" {
		s.fields["passcode"].SetTrouble(lock.Trouble(""))
		return
	}
	s.set(core.Secret(s.first.Text), core.Secret(s.second.Text))
}

func (s *passcodeSection) set(passcode, again core.Secret) {
	words1 := tr.L("The passcode is set.")
	if passcode == "" {
		words1 = tr.L("There is no passcode any more.")
	}
	s.page.presenter.change(words1, func() error { return s.page.lock.Change(s.page.host.Context, passcode, again) }, func(err error) {
		if err == nil {
			s.first.SetText("")
			s.second.SetText("")
			return
		}
		problem := core.AsProblem(err)
		if f := s.fields[problem.Subject]; f != nil {
			f.SetTrouble(words.Message(problem))
			return
		}
		s.page.ShowProblem(err)
	})
}

func (s *passcodeSection) show(State) {
	set := s.page.lock.Set()
	widgets.Show(s.away, set)
	widgets.Show(s.shut, set)
	s.state.SetText(tr.L("No passcode is set: everybody at this laptop can change the configuration."))
	s.save.SetText(tr.L("Set the passcode"))
	if set {
		s.state.SetText(tr.L("A passcode is set."))
		s.save.SetText(tr.L("Change the passcode"))
	}
	s.content.Refresh() // the buttons are of another width
}
