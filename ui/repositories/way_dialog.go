package repositories

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// OfferWaysOn shows the ways on for a repository that stopped because of who is who,
// with what each of them does, to an administrator; then is called when one was gone.
// It does nothing for other repositories.
func OfferWaysOn(host *frame.Host, store WayStore, engine WayEngine, r core.Repository, then func()) {
	kind, ok := r.IdentityTrouble()
	if !ok {
		return
	}
	host.Guard(func() {
		host.Lanes.Run(func() func() {
			numbers, err := stake(host.Context, store, r.ID)
			return func() {
				if err != nil {
					host.Problem(err)
					return
				}
				showWays(host, store, engine, r, kind, numbers, then)
			}
		})
	})
}

func showWays(host *frame.Host, store WayStore, engine WayEngine, r core.Repository, kind core.Trouble, numbers string, then func()) {
	var d *widgets.Dialog
	body := widgets.Column(6, widgets.Text(words.Told(r.Stopped)), widgets.Muted(numbers))
	for _, w := range waysOn(kind) {
		button := widgets.NewButton(w.label, func() {
			d.Hide()
			lookThenGoOn(host, store, engine, r, w, then)
		})
		body.Add(widgets.Card(widgets.Column(4, widgets.Text(w.explain), container.NewHBox(button))))
	}
	body.Add(widgets.Text(waitingIsSafe(kind)))
	d = host.Tell(tr.L("How to go on with {{.Name}}", tr.D{"Name": r.Name}), tr.L("Close"), 580, body)
}

// lookThenGoOn shows what a way would do before it is gone, where that is a question
// of numbers.
func lookThenGoOn(host *frame.Host, store WayStore, engine WayEngine, r core.Repository, w way, then func()) {
	if w.numbers == nil {
		goOn(host, store, r.ID, w, then)
		return
	}
	host.Toast(tr.L("Looking at what {{.Name}} has…", tr.D{"Name": r.Name}), "", nil)
	host.Lanes.Run(func() func() {
		numbers, err := w.numbers(host.Context, engine, r)
		return func() {
			if err != nil {
				host.Problem(err)
				return
			}
			host.Ask(tr.L("How to go on with {{.Name}}", tr.D{"Name": r.Name}), numbers+" "+tr.L("Every version that is replaced stays in the history."), tr.L("Take the server's older state"), true,
				func() { goOn(host, store, r.ID, w, then) })
		}
	})
}

// goOn carries a way out.
func goOn(host *frame.Host, store WayStore, repo int64, w way, then func()) {
	host.Lanes.Run(func() func() {
		err := w.do(host.Context, store, repo)
		return func() {
			host.Problem(err)
			if err == nil {
				host.Toast(w.done, "", nil)
				then()
			}
		}
	})
}

// wayButton opens the ways on; nil if there are none.
func (p *Page) wayButton(r core.Repository) fyne.CanvasObject {
	if _, ok := r.IdentityTrouble(); !ok {
		return nil
	}
	return widgets.NewButton(tr.L("How to go on…"), func() {
		OfferWaysOn(p.host, p.presenter.store, p.presenter.engine, r, func() { p.presenter.open(r.ID) })
	})
}
