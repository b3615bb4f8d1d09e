package repositories

import (
	"context"
	"errors"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/inspect"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Summary is a repository as the list shows it.
type Summary struct {
	Repository core.Repository
	Resources  int
	Jobs       int
}

// Details are what is shown of one repository.
type Details struct {
	core.Repository
	Tasks    []core.Task
	Jobs     []core.Job
	Ended    map[int64]schedule.JobMemory // how the jobs' last runs ended
	Troubles map[core.Resource]string     // see Store.TableTroubles
}

type view interface {
	ShowList([]Summary)
	// ShowRepository shows one; of a new one nothing is known.
	ShowRepository(Details)
	ShowTroubles(map[string]string)
	ShowSaved(id int64, created bool)
	ShowGone()
	ShowTesting(on bool)
	ShowCheck(inspect.Check)
	ShowDone(words string)
	ShowProblem(error)
}

// A presenter sets repositories up.
type presenter struct {
	ctx     context.Context // the window's life
	store   Store
	engine  Engine
	connect inspect.Connect
	lanes   async.Lanes
	view    view
	ticket  async.Ticket
}

// list shows all repositories.
func (p *presenter) list() {
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		list, err := p.readList()
		return func() {
			if ticket == p.ticket {
				p.view.ShowProblem(err)
				p.view.ShowList(list)
			}
		}
	})
}

func (p *presenter) readList() (out []Summary, err error) {
	repositories, err := p.store.Repositories(p.ctx)
	for _, r := range repositories {
		tasks, err1 := p.store.Tasks(p.ctx, r.ID)
		jobs, err2 := p.store.Jobs(p.ctx, r.ID)
		err = errors.Join(err, err1, err2)
		out = append(out, Summary{r, len(tasks), len(jobs)})
	}
	return out, err
}

// open shows one repository; 0 is a new one.
func (p *presenter) open(id int64) {
	if id == 0 {
		p.ticket.Next()
		p.view.ShowRepository(Details{})
		return
	}
	ticket := p.ticket.Next()
	p.lanes.Run(func() func() {
		d, err := p.read(id)
		return func() {
			if ticket != p.ticket {
				return
			}
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowRepository(d)
		}
	})
}

func (p *presenter) read(id int64) (d Details, err error) {
	var errs [5]error
	var agenda schedule.Agenda
	d.Repository, errs[0] = p.store.Repository(p.ctx, id)
	d.Tasks, errs[1] = p.store.Tasks(p.ctx, id)
	d.Jobs, errs[2] = p.store.Jobs(p.ctx, id)
	agenda, errs[3] = p.store.Agenda(p.ctx)
	d.Ended = agenda.JobMemories
	d.Troubles, errs[4] = p.store.TableTroubles(p.ctx, id)
	return d, errors.Join(errs[:]...)
}

// save stores a draft that has no troubles, and shows what is stored.
func (p *presenter) save(d Draft) { p.saveThen(d, nil) }

// saveThen saves and then goes on; nil shows what is stored.
func (p *presenter) saveThen(d Draft, goOn func()) {
	wrong := d.Troubles()
	p.view.ShowTroubles(wrong)
	if len(wrong) > 0 {
		return
	}
	r := d.Result()
	p.lanes.Run(func() func() {
		if r.CAFile != d.Repository.CAFile {
			if err := eden.CheckCAFile(r.CAFile); err != nil {
				return func() { p.view.ShowTroubles(map[string]string{fieldAuthority: words.Message(err)}) }
			}
		}
		var err error
		created := r.ID == 0
		if created {
			r, err = p.store.AddRepository(p.ctx, r)
		} else {
			r, err = p.store.UpdateRepository(p.ctx, r)
		}
		return func() {
			var problem *core.Problem
			if errors.As(err, &problem) && problem.Kind == core.InvalidSetting {
				p.view.ShowTroubles(map[string]string{problem.Subject: words.Message(problem)})
				return
			}
			if err != nil {
				p.view.ShowProblem(err)
				return
			}
			p.view.ShowSaved(r.ID, created)
			if goOn != nil {
				goOn()
				return
			}
			p.open(r.ID)
		}
	})
}

// unsent counts what would be lost sight of if the repository were removed.
func (p *presenter) unsent(r core.Repository, tell func(int)) {
	p.lanes.Run(func() func() {
		n, err := p.store.Unsent(p.ctx, r.ID)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				tell(n)
			}
		}
	})
}

func (p *presenter) remove(r core.Repository) {
	p.lanes.Run(func() func() {
		err := p.store.DeleteRepository(p.ctx, r.ID)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				p.view.ShowGone()
			}
		}
	})
}

// test asks the server everything, with what is typed and not yet stored.
func (p *presenter) test(d Draft) {
	wrong := d.Troubles()
	p.view.ShowTroubles(wrong)
	if len(wrong) > 0 {
		return
	}
	r := d.Result()
	p.view.ShowTesting(true)
	p.lanes.Run(func() func() {
		node, err := p.store.Node(p.ctx)
		tasks, err1 := p.store.Tasks(p.ctx, r.ID)
		if err = errors.Join(err, err1); err == nil {
			var resources []core.Resource
			for _, t := range tasks {
				resources = append(resources, t.Resource)
			}
			inspect.Run(p.ctx, p.connect, node, r, resources, func(c inspect.Check) { p.lanes.Screen(func() { p.view.ShowCheck(c) }) })
		}
		return func() {
			p.view.ShowTesting(false)
			p.view.ShowProblem(err)
		}
	})
}

// register makes this laptop known at the server now.
func (p *presenter) register(r core.Repository) {
	p.lanes.Run(func() func() {
		_, err := p.engine.Register(p.ctx, r)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				p.view.ShowDone(tr.L("This laptop is registered at {{.Name}}.", tr.D{"Name": r.Name}))
				p.open(r.ID)
			}
		}
	})
}

// saveSetup writes what is set up here to a file for other laptops.
func (p *presenter) saveSetup(path string) {
	p.lanes.Run(func() func() {
		err := p.store.SaveSetup(p.ctx, path)
		return func() {
			p.view.ShowProblem(err)
			if err == nil {
				p.view.ShowDone(tr.L("Saved as {{.Path}}, without passwords.", tr.D{"Path": path}))
			}
		}
	})
}

// authorities reads the certificates of a CA file as it is typed.
func (p *presenter) authorities(file string, tell func(list []eden.Authority, err error)) {
	p.lanes.Run(func() func() {
		list, err := eden.Authorities(file)
		return func() { tell(list, err) }
	})
}

// preview tries a run without changing anything and says what it would do.
func (p *presenter) preview(r core.Repository, tell func(words string)) {
	p.lanes.Run(func() func() {
		run, err := p.engine.Sync(p.ctx, r, replicate.Options{DryRun: true})
		return func() {
			if problem := core.AsProblem(err); problem.OfTables() { // the others were tried
				tell(words.Message(problem) + " " + previewWords(run))
				return
			}
			p.view.ShowProblem(err)
			if err == nil {
				tell(previewWords(run))
			}
		}
	})
}

func previewWords(run core.Run) string {
	c := run.Counts
	c.Quarantined = max(0, c.Quarantined-run.Held) // those are said apart
	text := tr.L("A sync now would do this: {{.Outcome}}.", tr.D{"Outcome": words.Forecast(c)})
	if idle := (core.Counts{Received: c.Received, Unchanged: c.Unchanged}); c == idle && run.Held == 0 {
		text = tr.L("Nothing waits to be exchanged at the moment, so this would change nothing.")
	}
	if run.Held > 0 {
		text += " " + tr.N("{{.N}} deletions would wait for your word, because they are unusually many.", run.Held)
	}
	if c.Kept > 0 {
		text += " " + tr.N("You would keep {{.N}} records of yours that differ from the server's.", c.Kept)
	}
	return text + " " + tr.L("Nothing was changed.")
}

// saveTask stores a resource; the error is shown beside the form it came from.
func (p *presenter) saveTask(t core.Task, stored func(error)) {
	if err := t.Validate(); err != nil {
		stored(err)
		return
	}
	p.lanes.Run(func() func() {
		var err error
		if t.ID == 0 {
			_, err = p.store.AddTask(p.ctx, t)
		} else {
			err = p.store.UpdateTask(p.ctx, t)
		}
		return func() {
			stored(err)
			if err == nil {
				p.open(t.RepositoryID)
			}
		}
	})
}

func (p *presenter) deleteTask(t core.Task) {
	p.change(t.RepositoryID, func() error { return p.store.DeleteTask(p.ctx, t.ID) })
}

// saveJob stores a schedule; the error is shown beside the form it came from.
func (p *presenter) saveJob(j core.Job, stored func(error)) {
	if err := schedule.ValidateJob(j); err != nil {
		stored(err)
		return
	}
	p.lanes.Run(func() func() {
		_, err := p.store.SaveJob(p.ctx, j)
		return func() {
			stored(err)
			if err == nil {
				p.open(j.RepositoryID)
			}
		}
	})
}

func (p *presenter) deleteJob(j core.Job) {
	p.change(j.RepositoryID, func() error { return p.store.DeleteJob(p.ctx, j.ID) })
}

func (p *presenter) change(repo int64, do func() error) {
	p.lanes.Run(func() func() {
		err := do()
		return func() {
			p.view.ShowProblem(err)
			p.open(repo)
		}
	})
}
