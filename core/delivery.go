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
