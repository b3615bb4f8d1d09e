package simulation

// ringing is how many worlds there are to one in which two laptops synchronise with the same two
// servers.
const ringing = 16

func (s *simulation) rings() bool { return s.seed%ringing == 11 }

// ring has the second laptop know the second server, too. Each laptop takes what the other one
// brought there for an edit of what was there, and the history has that.
func (s *simulation) ring() {
	s.laptops[1].join(s.hubs[1], false)
	s.strange = true
}
