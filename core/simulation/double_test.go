package simulation

import (
	"maps"

	"github.com/fieldsync/fieldsync/core"
)

// doubling is how many worlds there are to one in which a laptop's data folder is copied to
// another laptop, and both are used: a set-up laptop as the model of others, say.
const doubling = 16

func (s *simulation) doubles() bool { return s.seed%doubling == 10 }

// double copies a laptop's data folder to a new laptop.
func (s *simulation) double(l *laptop) {
	s.tell("%s: its data folder is copied to another laptop", l.name)
	c := &laptop{s: s, name: "the copy of " + l.name, keys: maps.Clone(l.keys), gone: map[core.Link]bool{}, double: true}
	c.weak = weakness{dir: s.newDir(), newDir: s.newDir}
	s.must(copyStore(l.weak.dir, c.weak.dir))
	c.openFolder()
	for _, k := range l.links {
		c.know(&link{hub: k.hub, repo: k.repo, push: k.push})
	}
	l.double = true
	s.laptops = append(s.laptops, c)
	c.look()
}

// ownIdentity is a person who is told that the data may be used elsewhere, too, and knows that
// it is.
func (s *simulation) ownIdentity(l *laptop, k *link) core.Run {
	s.t.Helper()
	s.tell("%s: somebody says that both are used", l.name)
	_, err := l.db.NewIdentity(s.ctx)
	s.must(err)
	return s.syncAt(l, k, false)
}
