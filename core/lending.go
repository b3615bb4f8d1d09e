package core

// A Lending is the room of what a store lends. Each call that is given it puts what it
// returns where what the call before returned has been: that is gone then, but for its
// texts. The zero Lending has no room yet; nil for whoever wants to keep what he gets.
type Lending struct {
	Room any // the store's own
}
