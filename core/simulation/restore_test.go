package simulation

import (
	"maps"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// restoring is how many worlds there are to one in which the data folders of laptops are
// put back to what they were.
const restoring = 16

func (s *simulation) restores() bool { return s.seed%restoring == 5 }

// folderOf is what happens to a laptop's data folder: it is copied, or put back as it was
// when it was copied last.
func (s *simulation) folderOf(l *laptop) {
	switch n := s.rand.IntN(100); {
	case n < 6:
		s.tell("%s: its data folder is copied", l.name)
		l.copied = s.newDir()
		s.must(copyStore(l.weak.dir, l.copied))
	case n < 10 && l.copied != "":
		s.putBack(l)
	}
}

// putBack puts a laptop's data folder back to an earlier copy. What its person has
// entered since and was not sent is gone, as is what only its history told of. Its list of
// conflicts is gone, too: a version that lost there by the policy may stand at others still,
// who hear of the decision only afterwards, and find it in their histories then.
func (s *simulation) putBack(l *laptop) {
	s.tell("%s: its data folder is put back to an earlier copy", l.name)
	s.account()
	list, err := l.db.Conflicts(s.ctx, storage.ConflictQuery{})
	s.must(err)
	maps.Copy(s.unlisted, valuesOf(nil, list))
	s.must(l.db.Close())
	l.weak.dir = s.newDir()
	s.must(copyStore(l.copied, l.weak.dir))
	l.openFolder()
	l.putBack = true
	s.strange = s.strange || len(l.links) > 1 // it has forgotten what it carried from one to the other
	clear(l.gone)
	l.look()
	for text, v := range s.values {
		if !v.seen && !s.kept(text, v) {
			v.seen = true
		}
	}
}

// recognised is a person who is told that the laptop was put back, says that this is
// right, and synchronises again.
func (s *simulation) recognised(l *laptop, k *link) core.Run {
	s.t.Helper()
	if l.double {
		return s.ownIdentity(l, k)
	}
	if !l.putBack {
		s.t.Errorf("%s is taken for restored, and was not", l.name)
		return core.Run{}
	}
	l.putBack = s.state.unreadable // what cannot be read now raises the question again
	s.tell("%s: somebody says that it was put back", l.name)
	s.must(l.db.ConfirmRestored(s.ctx))
	if s.seed%(4*restoring) == 21 && !l.waits {
		return s.lateTable(l, k)
	}
	return s.syncAt(l, k, false)
}

// lateTable is a person who synchronises a laptop that was put back, at first without one of
// its tables, which is added again when all else is here. What stands at a Fieldsync, which
// shows nobody his own as a rule, must be here then, too.
func (s *simulation) lateTable(l *laptop, k *link) core.Run {
	s.t.Helper()
	tasks, err := l.db.Tasks(s.ctx, k.repo)
	s.must(err)
	task := pick(s, tasks)
	s.tell("%s: %s is not exchanged with %s for now", l.name, task.Resource, k.hub.name())
	s.must(l.db.DeleteTask(s.ctx, task.ID))
	l.waits = true
	s.syncAt(l, k, false)
	s.tell("%s: %s is exchanged with %s again", l.name, task.Resource, k.hub.name())
	task.ID, task.LastPull, task.Checkpoint, task.Compared = 0, 0, core.Checkpoint{}, 0
	_, err = l.db.AddTask(s.ctx, task)
	s.must(err)
	l.putBack = true // what it made there raises the question again
	run := s.syncAt(l, k, false)
	l.putBack, l.waits = s.state.unreadable || s.missing(k.hub, task.Resource), false
	if _, own := k.hub.(*nodeHub); !own || k.push || run.Result != core.ResultSuccess {
		return run
	}
	for _, rec := range k.hub.all() {
		if _, err := l.db.Record(s.ctx, rec.Link()); err != nil && rec.Resource == task.Resource && !rec.Deleted {
			s.t.Errorf("%s: %s is at %s, and was not brought when its table was read: %v", l.name, short(rec.Link()), k.hub.name(), err)
		}
	}
	return run
}
