package core

// An InventoryLine is a peer's word that it has a record, without its fields:
// what the full comparison compares.
type InventoryLine struct {
	Link
	ModifiedOn MTime
	Deleted    bool
	Master     Link // of a component
}
