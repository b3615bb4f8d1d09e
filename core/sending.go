package core

// A Sending is a version of ours that is about to be sent to a repository.
type Sending struct {
	Record     Link
	Part       Part  // as it was read
	ModifiedOn MTime // the version's stamp, as it is sent
}
