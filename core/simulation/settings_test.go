package simulation

import (
	"maps"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// administering is how many worlds there are to one in which an administrator changes what
// laptops exchange, and how, again and again.
const administering = 16

func (s *simulation) administers() bool { return s.seed%administering == 12 }

// interferes reports whether that happens in the middle of a run, too, and with filters.
func (s *simulation) interferes() bool { return s.seed%(2*administering) == 12 }

// settingsOf is an administrator at a laptop: one of its tables is exchanged by other rules, in
// another direction, or not at all for a while, or a server is removed and added again.
func (s *simulation) settingsOf(l *laptop) {
	k := pick(s, l.links)
	if s.chance(25) {
		s.addAnew(l, k)
		return
	}
	s.rulesOf(l, k)
}

// rulesOf is an administrator who changes how a table is exchanged.
func (s *simulation) rulesOf(l *laptop, k *link) {
	r := pick(s, s.tasks)
	task, there := l.task(k, r)
	switch {
	case !there:
		s.tell("%s: %s is exchanged with %s again", l.name, r, k.hub.name())
		_, err := l.db.AddTask(s.ctx, s.usual(k, r))
		s.must(err)
	case s.chance(30):
		s.tell("%s: %s is not exchanged with %s any more", l.name, r, k.hub.name())
		s.must(l.db.DeleteTask(s.ctx, task.ID))
	default:
		s.otherRules(&task)
		s.tell("%s: %s with %s: mode %s, strategy %s, update %s, conflict %s, merge %t, filters %v", l.name, r, k.hub.name(), task.Mode, task.Strategy, task.Update, task.Conflict, task.Merge, task.Filters)
		s.must(l.db.UpdateTask(s.ctx, task))
	}
}

// otherRules changes one thing of a task.
func (s *simulation) otherRules(task *core.Task) {
	kinds := 5
	if s.interferes() {
		kinds++
	}
	switch s.rand.IntN(kinds) {
	case 5:
		if task.Filters = nil; s.chance(70) {
			task.Filters = []core.Filter{{Query: "~." + fields[task.Resource][0] + "__like=*" + pick(s, []string{"1", "2", "v1"}) + "*"}}
		}
	case 0:
		task.Mode = core.Mode(1 + s.rand.IntN(4))
	case 1:
		task.Strategy = pick(s, []core.Strategy{core.StrategyAll, core.StrategyAll &^ core.Strategy(core.MethodCreate), core.StrategyAll &^ core.Strategy(core.MethodUpdate),
			core.StrategyAll &^ core.Strategy(core.MethodDelete|core.MethodMerge)})
	case 2:
		task.Update = pick(s, []core.Policy{core.PolicyThis, core.PolicyOther, core.PolicyNewer, core.PolicyMaster})
		s.strange = s.strange || task.Update == core.PolicyThis // what it wins over goes through the history
	case 3:
		task.Conflict = pick(s, []core.Policy{core.PolicyThis, core.PolicyOther, core.PolicyNewer, core.PolicyMaster, core.PolicyAsk})
	default:
		task.Merge = !task.Merge
	}
}

// addAnew is whoever helps when something does not work: the server is removed and added
// again. What the laptop knew of it is gone, as when two servers had versions of their own:
// the update policy decides, and the history tells of what lost.
func (s *simulation) addAnew(l *laptop, k *link) {
	s.tell("%s: %s is removed and added again", l.name, k.hub.name())
	repo := s.repositoryOf(l, k)
	list, err := l.db.Conflicts(s.ctx, storage.ConflictQuery{})
	s.must(err)
	maps.Copy(s.unlisted, valuesOf(nil, list))
	s.must(l.db.DeleteRepository(s.ctx, k.repo))
	added := k.hub.repository()
	added.ID, added.Name = 0, repo.Name
	added, err = l.db.AddRepository(s.ctx, added)
	s.must(err)
	k.repo, k.anew, s.strange = added.ID, true, true
	for _, r := range s.tasks {
		_, err := l.db.AddTask(s.ctx, s.usual(k, r))
		s.must(err)
	}
	l.look()
	s.account()
}

// usualSettings makes everything as it was in the beginning.
func (s *simulation) usualSettings() {
	for _, l := range s.laptops {
		for _, k := range l.links {
			for _, r := range s.tasks {
				task, there := l.task(k, r)
				if !there {
					_, err := l.db.AddTask(s.ctx, s.usual(k, r))
					s.must(err)
					continue
				}
				usual := s.usual(k, r)
				usual.ID = task.ID
				s.must(l.db.UpdateTask(s.ctx, usual))
			}
		}
	}
}

// usual is how a table is exchanged with a server in this story.
func (s *simulation) usual(k *link, r core.Resource) core.Task {
	task := core.NewTask(k.repo, r)
	task.Update, task.Conflict, task.Merge = s.update, s.conflict, s.merge
	if k.push {
		task.Mode = core.ModePush
	}
	return task
}

// task returns a laptop's task for a table, if there is one.
func (l *laptop) task(k *link, r core.Resource) (core.Task, bool) {
	tasks, err := l.db.Tasks(l.s.ctx, k.repo)
	l.s.must(err)
	i := slices.IndexFunc(tasks, func(t core.Task) bool { return t.Resource == r })
	if i < 0 {
		return core.Task{}, false
	}
	return tasks[i], true
}
