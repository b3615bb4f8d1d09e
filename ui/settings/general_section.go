package settings

import (
	"strconv"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// generalSection is what everybody may choose: language, look, notifications.
type generalSection struct {
	page                 *Page
	state                State
	content              fyne.CanvasObject
	language, look, size *widgets.Choice
	login, metered       *check
	saver                *check
	kinds                map[core.NoticeClass]*check
	overdue              *widgets.Choice
}

func newGeneralSection(p *Page) *generalSection {
	s := &generalSection{page: p, kinds: map[core.NoticeClass]*check{}}
	s.content = widgets.Columns(16, widgets.Column(12, s.makeLanguage(), s.makeLook(), s.makeAlone()), widgets.Column(12, s.makeNotices(), s.makeStart()))
	return s
}

// Content is the tab.
func (s *generalSection) Content() fyne.CanvasObject { return s.content }

func (s *generalSection) makeLanguage() fyne.CanvasObject {
	labels, values := []string{tr.L("As the operating system")}, []string{""}
	for _, l := range tr.Languages() {
		labels, values = append(labels, l.Name), append(values, l.Code)
	}
	s.language = widgets.NewChoice(labels, values, func(v string) {
		s.state.Preferences.Language = v
		s.page.presenter.savePreferences(s.state.Preferences, true)
	})
	return card(tr.L("Language"), widgets.NewField(tr.L("Fieldsync speaks"), false, s.language, tr.L("It changes when Fieldsync is started the next time.")))
}

func (s *generalSection) makeLook() fyne.CanvasObject {
	s.look = widgets.NewChoice([]string{tr.L("As the operating system"), tr.L("Light"), tr.L("Dark")}, []string{"", "light", "dark"}, func(v string) {
		s.state.Preferences.Look = v
		s.page.presenter.savePreferences(s.state.Preferences, false)
	})
	var labels, values []string
	for _, percent := range core.TextSizes() {
		labels, values = append(labels, tr.L("{{.Percent}} %", tr.D{"Percent": tr.Number(percent)})), append(values, strconv.Itoa(percent))
	}
	s.size = widgets.NewChoice(labels, values, func(v string) {
		if percent, err := strconv.Atoi(v); err == nil {
			s.state.Preferences.TextSize = percent
			s.page.presenter.savePreferences(s.state.Preferences, false)
		}
	})
	return card(tr.L("Look"), widgets.NewField(tr.L("Colours"), false, s.look, ""), widgets.NewField(tr.L("Size of text"), false, s.size, ""))
}

func (s *generalSection) makeStart() fyne.CanvasObject {
	s.login = newCheck(tr.L("Start when I log in, in the tray"), func(on bool) { s.page.presenter.setLogin(on) })
	box := card(tr.L("Start"), s.login.Check, widgets.Muted(tr.L("So that records are exchanged without anybody thinking of it.")))
	widgets.Show(box, s.page.presenter.around.SetLogin != nil)
	return box
}

// makeAlone is about runs that nobody asked for.
func (s *generalSection) makeAlone() fyne.CanvasObject {
	s.metered = newCheck(tr.L("On networks that cost by volume, too"), func(on bool) {
		s.state.Schedule.OnMetered = on
		s.page.presenter.saveSchedule(s.state.Schedule)
	})
	s.saver = newCheck(tr.L("While the battery saver is on, too"), func(on bool) {
		s.state.Schedule.OnSaver = on
		s.page.presenter.saveSchedule(s.state.Schedule)
	})
	return card(tr.L("Syncing by itself"), widgets.Column(-4, s.metered.Check, s.saver.Check), widgets.Muted(tr.L("As far as the system tells. “Sync now” always works.")))
}

func (s *generalSection) makeNotices() fyne.CanvasObject {
	column := widgets.Column(-4)
	for _, class := range core.NoticeClasses() {
		box := newCheck(words.NoticeClass(class), func(on bool) {
			s.state.Schedule.Notify[class] = on
			s.page.presenter.saveSchedule(s.state.Schedule)
		})
		s.kinds[class] = box
		column.Add(box.Check)
	}
	labels, values := []string{tr.L("Never")}, []string{"0"}
	for _, days := range []int{1, 2, 3, 7, 14} {
		labels, values = append(labels, tr.N("After {{.N}} days", days)), append(values, strconv.Itoa(days))
	}
	s.overdue = widgets.NewChoice(labels, values, func(v string) {
		if days, err := strconv.Atoi(v); err == nil {
			s.state.Schedule.OverdueDays = days
			s.page.presenter.saveSchedule(s.state.Schedule)
		}
	})
	return card(tr.L("Notifications"), widgets.Muted(tr.L("One for each change of state, never a flood. Tell me when:")), column, widgets.Gap(0, 6),
		widgets.NewField(tr.L("Remind me of days without an exchange"), false, s.overdue, ""))
}

func (s *generalSection) show(state State) {
	s.state = state
	s.language.SetValue(state.Preferences.Language)
	s.look.SetValue(state.Preferences.Look)
	size := state.Preferences.TextSize
	if size == 0 {
		size = 100
	}
	s.size.SetValue(strconv.Itoa(size))
	s.login.set(state.Login)
	s.metered.set(state.Schedule.OnMetered)
	s.saver.set(state.Schedule.OnSaver)
	for class, box := range s.kinds {
		box.set(state.Schedule.Notify[class])
	}
	s.overdue.SetValue(strconv.Itoa(state.Schedule.OverdueDays))
}
