package simulation

import (
	"maps"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/setup"
	"github.com/fieldsync/fieldsync/storage"
)

// moving is how many worlds there are to one in which servers get other addresses.
const moving = 64

// provisions reports whether files of settings are saved, and read later over what was set up
// since, also in the middle of a run; setsUpAgain whether servers are set up a second time under
// another address.
func (s *simulation) provisions() bool  { return s.seed%moving == 3 }
func (s *simulation) setsUpAgain() bool { return s.seed%moving == 19 }

// setupAt is an administrator who works with files of settings.
func (s *simulation) setupAt(l *laptop) {
	switch {
	case len(s.files) == 0 || s.chance(20):
		file, err := setup.Collect(s.ctx, l.db, setup.Files{}, nil)
		s.must(err)
		text, err := file.Write()
		s.must(err)
		s.tell("%s: its settings are saved to a file", l.name)
		s.files = append(s.files, text)
	case s.chance(40):
		s.rulesOf(l, pick(s, l.links))
	default:
		s.readSetup(l)
	}
}

// readSetup reads an earlier file, in which servers may have other addresses. At another host
// the password is entered again.
func (s *simulation) readSetup(l *laptop) {
	file, err := setup.Parse(pick(s, s.files))
	s.must(err)
	servers := map[string]hub{}
	for _, k := range l.links {
		servers[s.repositoryOf(l, k).Name] = k.hub
	}
	file.Repositories = slices.DeleteFunc(file.Repositories, func(r setup.Repository) bool { return servers[r.Name] == nil })
	for i := range file.Repositories {
		if s.chance(40) {
			file.Repositories[i].URL = s.otherAddress(file.Repositories[i].URL)
		}
	}
	stored, err := setup.Apply(s.ctx, l.db, setup.Files{}, file)
	s.must(err)
	for _, r := range stored {
		s.tell("%s reads a file of settings: %s at %s", l.name, r.Name, r.URL)
		login := servers[r.Name].repository()
		r.Username, r.Password = login.Username, login.Password
		_, err := l.db.UpdateRepository(s.ctx, r)
		s.must(err)
	}
	s.strange = true // a policy of the file may let ours win, and the history tells of what lost
}

// otherAddress is where the same server is found, too.
func (s *simulation) otherAddress(address string) string {
	if rest, plain := strings.CutPrefix(address, "http:"); plain && s.chance(50) {
		return "https:" + rest
	}
	_, rest, _ := strings.Cut(address, "//")
	_, path, _ := strings.Cut(rest, "/")
	return pick(s, []string{"http://moved.example.org/", "https://eden.example.org/"}) + path
}

// setUpAgainAt is a person who sets a server up once more, under another address, tries it, and
// removes one of the two.
func (s *simulation) setUpAgainAt(l *laptop, k *link) {
	first := s.repositoryOf(l, k)
	again := k.hub.repository()
	again.ID, again.Name, again.URL = 0, first.Name+" again", s.otherAddress(first.URL)
	again, err := l.db.AddRepository(s.ctx, again)
	s.must(err)
	s.tell("%s: %s is set up again, at %s", l.name, first.Name, again.URL)
	twin := &link{hub: k.hub, repo: again.ID, push: k.push, wire: &wire{s: s, hub: k.hub, agreed: func(c core.Link) bool { return l.agreed(again.ID, c) }}}
	for _, r := range s.tasks {
		_, err := l.db.AddTask(s.ctx, s.usual(twin, r))
		s.must(err)
	}
	s.strange = true // of what they changed since, nobody can tell who had seen what: the history does
	s.twice = true
	s.syncAt(l, twin, s.chance(40))
	s.twice = false
	list, err := l.db.Conflicts(s.ctx, storage.ConflictQuery{})
	s.must(err)
	maps.Copy(s.unlisted, valuesOf(nil, list))
	gone := again.ID
	if s.chance(50) {
		gone, k.repo, k.anew = k.repo, again.ID, true
	}
	s.tell("%s: the one at %s stays", l.name, s.repositoryOf(l, k).URL)
	s.must(l.db.DeleteRepository(s.ctx, gone))
	l.look()
	s.account()
}
