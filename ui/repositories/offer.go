package repositories

import (
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/inspect"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// known lists what may be offered to choose from without asking anybody: the
// common tables and those that have records here, without those of tasks.
func (p *presenter) known(tasks []core.Task, tell func([]core.Resource)) {
	p.lanes.Run(func() func() {
		here, err := p.store.Tables(p.ctx)
		list := append(words.Common(), here...)
		slices.SortFunc(list, words.Compare)
		list = slices.Compact(list)
		list = slices.DeleteFunc(list, func(r core.Resource) bool {
			return r.Private() || slices.ContainsFunc(tasks, func(t core.Task) bool { return t.Resource == r })
		})
		return func() {
			p.view.ShowProblem(err)
			tell(list)
		}
	})
}

// offered asks the server which of the tables it has, one after the other: Eden
// has no list of them. What it has and shows to this account comes first.
func (p *presenter) offered(r core.Repository, list []core.Resource, tell func(offer []core.Resource, said string)) {
	p.lanes.Run(func() func() {
		offer, err := p.ask(r, list)
		said := tr.N("The server has {{.N}} of these kinds.", len(offer))
		if err != nil {
			offer, said = list, tr.L("The server could not be asked: {{.Reason}} These are the kinds that are known.", tr.D{"Reason": words.Message(err)})
		}
		return func() { tell(offer, said) }
	})
}

func (p *presenter) ask(r core.Repository, list []core.Resource) (offer []core.Resource, err error) {
	node, err := p.store.Node(p.ctx)
	if err != nil {
		return nil, err
	}
	err = inspect.Offer(p.ctx, p.connect, node, r, list, func(resource core.Resource, err error) {
		if err == nil {
			offer = append(offer, resource)
		}
	})
	return offer, err
}
