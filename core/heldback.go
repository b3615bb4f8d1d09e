package core

// A HeldBack are the deletions of one resource that the brake holds until a
// person has decided (DESIGN §5): let them through, once or always, or keep the
// records.
type HeldBack struct {
	RepositoryID int64
	Resource     Resource
	Held         int   // deletions that wait
	Alive        int   // records of the resource that are here, those included
	Since        MTime // when the first was held
}
