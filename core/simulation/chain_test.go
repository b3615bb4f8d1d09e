package simulation

import "github.com/fieldsync/fieldsync/core"

// chaining is how many worlds there are to one in which a Fieldsync that laptops synchronise
// with synchronises itself with another server: an office's, say, with an Eden. A laptop that
// knows both makes a ring of it.
const chaining = 16

func (s *simulation) chains() bool { return s.seed%chaining == 6 }

// chain adds that Fieldsync, and the laptops that know it.
func (s *simulation) chain() {
	between := newNodeHub(s, false)
	s.hubs = append(s.hubs, between)
	active := &laptop{s: s, name: "the hub between", keys: between.keys, gone: map[core.Link]bool{}, serves: between}
	active.weak = weakness{dir: between.weak.dir, newDir: s.newDir}
	active.db, between.active = between.db, active
	active.join(s.hubs[0], false)
	for _, l := range s.laptops[1:] {
		s.move(l, between)
	}
	s.laptops = append(s.laptops, active)
	s.strange = true // what was changed at both, before a laptop knew both
	active.look()
}

// move makes a laptop know that Fieldsync alone.
func (s *simulation) move(l *laptop, between *nodeHub) {
	for _, k := range l.links {
		s.must(l.db.DeleteRepository(s.ctx, k.repo))
	}
	l.links = nil
	l.join(between, false)
}
