package home

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// makeResources is the last step: which kinds of record are exchanged.
func (s *startPage) makeResources() fyne.CanvasObject {
	s.offered = [2]*fyne.Container{widgets.Column(-8), widgets.Column(-8)} // close together: on a small screen the button below is to be seen
	s.lacking = widgets.Note("")
	s.kinds, s.named = map[core.Resource]*widgets.Check{}, map[core.Resource]core.Resource{}
	for _, r := range words.Common() {
		check := widgets.NewCheck(words.Many(r, nil), func(on bool) { s.picked[r] = on; s.noResources.SetTrouble("") })
		check.Checked, s.named[r] = s.picked[r], r
		s.kinds[r] = check
	}
	s.arrangeKinds()
	s.noResources = widgets.NewField(tr.L("Kinds of record"), true, widgets.Column(0, widgets.Columns(4, s.offered[0], s.offered[1]), s.lacking), tr.L("You can change this later under Repositories. Records that are referred to come along."))
	s.fields["resources"] = s.noResources
	label := tr.L("First sync")
	if s.presenter.file != nil && !s.login.Last {
		label = tr.L("Next")
	}
	done := widgets.NewButtonWithIcon(label, theme.ViewRefreshIcon(), func() {
		var chosen []core.Resource
		for _, r := range words.Common() {
			if s.picked[r] {
				chosen = append(chosen, s.named[r])
			}
		}
		s.presenter.finish(chosen)
	})
	activity := widget.NewActivity()
	activity.Start()
	s.asking = container.NewBorder(nil, nil, activity, nil, widgets.Note(tr.L("Asking the server which of them it has…")))
	s.asking.Hide()
	return s.frame(stepResources, tr.L("Which records do you need?"), tr.L("They are fetched to this laptop, and what you change is sent back."), widgets.Column(4, s.noResources, s.asking), done)
}

// arrangeKinds puts what can be chosen into the columns, and names the rest below.
func (s *startPage) arrangeKinds() {
	var lacking []string
	n := 0
	for _, column := range s.offered {
		column.RemoveAll()
	}
	for _, r := range words.Common() {
		if s.kinds[r].Disabled() {
			lacking = append(lacking, words.Many(r, nil))
			continue
		}
		s.offered[n%len(s.offered)].Add(s.kinds[r])
		n++
	}
	s.lacking.SetText(tr.L("This server does not have: {{.Kinds}}.", tr.D{"Kinds": strings.Join(lacking, tr.L(", "))}))
	widgets.Show(s.lacking, len(lacking) > 0)
}

// ShowOffering shows that the server is asked what it has. What it does not have leaves the choice
// only when all of it is known: nothing moves below a finger before.
func (s *startPage) ShowOffering(on bool) {
	if s.asking == nil {
		return
	}
	if widgets.Show(s.asking, on); !on {
		s.arrangeKinds()
	}
	widgets.Settle(s.content)
}

// ShowLacking says of a kind of record that the server does not have it.
func (s *startPage) ShowLacking(r core.Resource) {
	if check := s.kinds[r]; check != nil {
		check.SetChecked(false)
		check.SetText(tr.L("{{.Kind}} (not at this server)", tr.D{"Kind": words.Many(r, nil)}))
		check.Disable()
		widgets.Settle(s.content)
	}
}

// ShowRenamed offers a kind of record after all, which the server has by another name.
func (s *startPage) ShowRenamed(r, now core.Resource) {
	if check := s.kinds[r]; check != nil {
		s.named[r] = now
		check.SetText(words.Many(now, nil))
		check.Enable()
	}
}
