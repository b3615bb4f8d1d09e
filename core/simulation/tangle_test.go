package simulation

import "github.com/fieldsync/fieldsync/core"

// tangling is how many worlds there are to one in which contacts are exchanged as a table of
// their own, too, and organisations point to each other, in circles as it comes.
const tangling = 16

func (s *simulation) tangles() bool { return s.seed%tangling == 8 }

// tangle lets an organisation belong to another one, or to itself.
func (s *simulation) tangle(rec *core.Record) (words string, done bool) {
	if !s.tangles() && !s.ties() || rec.Resource != "org_organisation" || !s.chance(40) {
		return "", false
	}
	org, _ := s.some("org_organisation")
	rec.Set(core.Field{Name: "root_organisation", Value: core.RefTo(org.Resource, org.UUID)})
	return "root_organisation=" + short(org), true
}
