package conflicts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Namesake is another record for which a server would take one that was kept back.
type Namesake struct {
	Record core.Link
	By     Author
}

// mostNamesakes bounds how many of one name are offered.
const mostNamesakes = 5

// namesakes returns those living records that have the name of one that was kept back.
func (p *presenter) namesakes(l core.Link) (out []Namesake, err error) {
	found, err := p.store.Namesakes(p.ctx, []core.Link{l})
	if err != nil {
		return nil, err
	}
	for _, other := range found[l] {
		rec, err := p.store.Record(p.ctx, other)
		if err != nil {
			return nil, err
		}
		if !rec.Deleted && len(out) < mostNamesakes {
			out = append(out, Namesake{other, author(&rec, func(m core.MTime) string { return words.When(m, p.now()) })})
		}
	}
	return out, nil
}

// merge makes one record of the one that was kept back and another.
func (p *presenter) merge(r Refusal, into Namesake) {
	p.lanes.Run(func() func() {
		err := p.store.Merge(p.ctx, r.Quarantine.Record, into.Record, p.by)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				p.view.ShowDone(tr.L("They are one record now. It is sent with the next sync."))
			}
			p.load()
		}
	})
}

// namesakeAdvice says what a person can do about a record that has the name of others.
func namesakeAdvice(r Refusal) string {
	if len(r.Namesakes) == 0 {
		return tr.L("The other one was deleted. Give yours another name, or restore the other one and use that.")
	}
	return tr.L("If yours is something else, open it and give it another name: it is then sent by itself. If both mean the same, make one record of them.")
}

// mergeButtons offer to make one record of the two.
func (p *Page) mergeButtons(r Refusal) (buttons []fyne.CanvasObject) {
	for _, other := range r.Namesakes {
		label := tr.L("Make one record of them")
		if len(r.Namesakes) > 1 {
			label = tr.L("Make one with that of {{.Who}}, {{.When}}", tr.D{"Who": other.By.Who, "When": other.By.When})
		}
		buttons = append(buttons, widgets.NewButtonWithIcon(label, theme.ContentCopyIcon(), func() { p.askMerge(r, other) }))
	}
	return buttons
}

func (p *Page) askMerge(r Refusal, other Namesake) {
	p.host.Ask(tr.L("Do both mean the same?"),
		tr.L("The server's record stays, and yours goes. What it lacks is taken from yours; where they differ, its values stay. What belongs to yours, or points to it, then belongs to that one. Yours can be looked up in its history."),
		tr.L("Make one record of them"), false, func() { p.presenter.merge(r, other) })
}
