package core

// A Lending is the room of what a store lends. Each call that is given it puts what it
// returns where what the call before returned has been: that is gone then, but for its
// texts. The zero Lending has no room yet; nil for whoever wants to keep what he gets.
type Lending struct {
	Room any // the store's own
	// Bodies lets the store leave the fields of what is new in the Body of its record. With
	// the rest of what was returned the texts of such a record are gone, too.
	Bodies bool
}
