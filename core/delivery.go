package core

// A Delivery is a version that a repository was proved to have: it was sent, and
// then read back from there, or sealed by the Fieldsync there (see Seal).
type Delivery struct {
	ID           int64
	RepositoryID int64
	Run          string
	At           MTime // when it was proved
	Record       Link
	Title        string // the record's name then; "" if it has none
	Deleted      bool   // the deletion was delivered
	ModifiedOn   MTime  // the version's stamp, as sent
	Hash         Hash   // of its content
}

// A Sealing is a Delivery that a seal proves, with what was read of the version
// before it was sent.
type Sealing struct {
	Delivery
	Part Part // zero if it was not read as a part of an Outgoing
}
