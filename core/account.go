package core

// An Account is a login of a peer that calls us. Only a hash of its password
// is stored.
type Account struct {
	ID       int64
	Name     string
	Hash     string // in the PHC string format
	Created  MTime
	Disabled bool
}
