package home

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/setup"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/inspect"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// Connect makes the peer of a repository.
type Connect = inspect.Connect

// A StartStore is what the first start needs besides.
type StartStore interface {
	Store
	setup.Store
	// Record returns what is here of a record; core.ErrNotFound.
	Record(ctx context.Context, l core.Link) (core.Record, error)
}

// A Practice is the practice repository inside the program.
type Practice interface {
	// Start starts it and returns how to reach it and what it offers.
	Start(ctx context.Context) (core.Repository, []core.Resource, error)
	// Is reports whether r is the practice repository, running or not.
	Is(r core.Repository) bool
	// Running reports whether it answers.
	Running() bool
	// Office is one to try things on.
	Office() (core.Link, error)
	// Clash lets somebody there change a field of a record.
	Clash(ctx context.Context, l core.Link, field string) (core.Saying, error)
	// End removes the repository with all its records.
	End(ctx context.Context, repo int64) error
	// Colleague lets somebody there change something and says what.
	Colleague(ctx context.Context) (core.Saying, error)
}

// A startView is the first start as its presenter sees it.
type startView interface {
	ShowStep(step int)
	// ShowFile shows what a setup file would set up, or what is wrong with it.
	ShowFile(s setup.Setup, faults []string)
	// ShowLogin asks for the login of one of the file's servers.
	ShowLogin(login)
	ShowTrouble(field, words string) // "" clears
	// ShowAddress puts the end of the address in that somebody left out.
	ShowAddress(url string)
	ShowTesting(on bool)
	ShowCheck(inspect.Check)
	ShowTested(ok bool)
	// ShowTrusted says whose certificate is believed from now on.
	ShowTrusted(eden.Authority)
	// ShowOffering says that the server is asked which kinds of record it has.
	ShowOffering(on bool)
	// ShowLacking says that it does not have one, or has it by another name.
	ShowLacking(r core.Resource)
	ShowRenamed(r, now core.Resource)
	ShowProblem(error)
	ShowDone(first bool) // first: a first sync is to follow
}

// The steps of connecting.
const (
	stepChoose = iota
	stepAddress
	stepLogin
	stepTest
	stepResources
	stepFile // instead of the address
)

// A startPresenter leads through the first start: practice data, or four steps to
// the organisation's server.
type startPresenter struct {
	ctx      context.Context // the window's life
	store    StartStore
	connect  Connect
	practice Practice
	lanes    async.Lanes
	view     startView

	ticket     async.Ticket
	repository core.Repository
	file       *fileSetup // that was opened, if any
	dir        string     // the data folder
}

// practise sets the practice repository up and asks for the first sync.
func (p *startPresenter) practise() {
	p.lanes.Run(func() func() {
		r, resources, err := p.practice.Start(p.ctx)
		if err == nil {
			r.Name = tr.L("Practice repository")
			err = p.add(r, resources, core.PolicyAsk) // conflicts are to be seen
		}
		return func() { p.done(err) }
	})
}

func (p *startPresenter) done(err error) {
	if err != nil {
		p.view.ShowProblem(err)
		return
	}
	p.view.ShowDone(true)
}

func (p *startPresenter) add(r core.Repository, resources []core.Resource, conflict core.Policy) error {
	stored, err := p.store.AddRepository(p.ctx, r)
	if err != nil {
		return err
	}
	for _, resource := range resources {
		task := core.NewTask(stored.ID, resource)
		task.Conflict = conflict
		if _, err := p.store.AddTask(p.ctx, task); err != nil {
			return err
		}
	}
	return nil
}

// setAddress takes the first step: the name, and the address once it is one.
func (p *startPresenter) setAddress(name, address string) {
	url, err := core.NormalizeURL(address)
	wrong := []fault{{"url", words.Message(err)}, {"name", ""}}
	if strings.TrimSpace(name) == "" {
		wrong[1].words = tr.L("Give the server a name, for example “Headquarters”.")
	}
	if p.showTroubles(wrong) {
		return
	}
	p.repository.URL, p.repository.Name = url, strings.TrimSpace(name)
	p.view.ShowStep(stepLogin)
}

// A fault is what is wrong with a field; nothing is where there are no words.
type fault struct{ field, words string }

// showTroubles shows what is wrong with the fields of a step, in the order in which they
// stand, and reports whether anything is. The first of it is led to.
func (p *startPresenter) showTroubles(all []fault) (wrong bool) {
	for _, t := range slices.Backward(all) {
		p.view.ShowTrouble(t.field, t.words)
		wrong = wrong || t.words != ""
	}
	return wrong
}

// checkAddress says while one types whether the address is one.
func (p *startPresenter) checkAddress(address string) {
	trouble := ""
	if address != "" {
		if _, err := core.NormalizeURL(address); err != nil {
			trouble = words.Message(err)
		}
	}
	p.view.ShowTrouble("url", trouble)
}

// setLogin takes the second step and goes on to the test.
func (p *startPresenter) setLogin(user, password string) {
	if password == "" && p.file != nil {
		if have, ok := p.file.stored(p.repository); ok && have.Username == strings.TrimSpace(user) {
			password = have.Password.Reveal()
		}
	}
	if p.showTroubles(checkLogin(user, password)) {
		return
	}
	p.repository.Username, p.repository.Password = strings.TrimSpace(user), core.Secret(password)
	p.view.ShowStep(stepTest)
	p.test()
}

// test asks the server everything and shows each answer as it comes.
func (p *startPresenter) test() {
	ticket := p.ticket.Next()
	r, fileErr := p.tried()
	p.view.ShowTesting(true)
	p.lanes.RunOr(func() func() {
		node, err := p.store.Node(p.ctx)
		ok := false
		if err = errors.Join(fileErr, err); err == nil {
			if p.file == nil {
				r = inspect.Complete(p.ctx, p.connect, node, r)
			}
			ok = inspect.Run(p.ctx, p.connect, node, r, nil, func(c inspect.Check) {
				p.lanes.Screen(func() {
					if ticket == p.ticket {
						p.view.ShowCheck(c)
					}
				})
			})
		}
		return func() {
			if ticket != p.ticket {
				return
			}
			if p.file == nil && p.repository.URL != r.URL {
				p.repository.URL = r.URL
				p.view.ShowAddress(r.URL)
			}
			p.view.ShowTesting(false)
			p.view.ShowTested(ok)
			p.view.ShowProblem(err)
		}
	}, func() {
		if ticket == p.ticket {
			p.view.ShowTesting(false)
		}
	})
}

// trust believes the certificate in a file, keeps it where it stays when the file goes, and
// tests again.
func (p *startPresenter) trust(path string) {
	p.lanes.Run(func() func() {
		folder := setup.Folder(p.dir)
		list, err := eden.Authorities(path)
		text, kept := "", ""
		if err == nil {
			text, err = folder.Read(path)
		}
		if err == nil {
			kept, err = folder.Write(p.repository.Name, text)
		}
		return func() {
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			if p.repository.CAFile = kept; p.file != nil {
				p.file.Repositories[p.file.at].Authority = text
			}
			p.view.ShowTrusted(list[0])
			p.test()
		}
	})
}

// offer asks the server which of the common kinds of record it has: what is not
// there cannot be chosen, for the first sync would end with it. What it does not
// answer for, perhaps because it does not know this laptop yet, can be.
func (p *startPresenter) offer() {
	ticket := p.ticket.Next()
	r, err := p.tried()
	if err != nil || r.Password == "" {
		return // the test has told, or was left out
	}
	show := func(f func()) func() {
		return func() {
			if ticket == p.ticket {
				f()
			}
		}
	}
	p.view.ShowOffering(true)
	p.lanes.RunOr(func() func() {
		if node, err := p.store.Node(p.ctx); err == nil {
			_ = inspect.Offer(p.ctx, p.connect, node, r, words.Common(), func(resource core.Resource, err error) {
				switch was := slices.IndexFunc(words.Common(), func(r core.Resource) bool { return r.Renamed() == resource }); {
				case was >= 0 && err == nil:
					p.lanes.Screen(show(func() { p.view.ShowRenamed(words.Common()[was], resource) }))
				case was < 0 && core.IsKind(err, core.UnknownResource):
					p.lanes.Screen(show(func() { p.view.ShowLacking(resource) }))
				}
			}) // what could not be asked stays as it is
		}
		return show(func() { p.view.ShowOffering(false) })
	}, show(func() { p.view.ShowOffering(false) }))
}

// finish stores the repository with what is to be exchanged.
func (p *startPresenter) finish(resources []core.Resource) {
	if len(resources) == 0 {
		p.view.ShowTrouble("resources", tr.L("Choose at least one kind of record."))
		return
	}
	if p.file != nil {
		p.choose(resources)
		return
	}
	r := p.repository
	p.lanes.Run(func() func() {
		err := p.add(r, resources, core.PolicyNewer)
		return func() { p.done(err) }
	})
}
