// Package storage keeps the laptop's copy of the records, and all that
// synchronising them needs, in one SQLite database in the data folder: a table
// with real columns for each resource, the versions last agreed with each
// repository, the history, the queue of what is unsent, the log. It knows SQL and
// files; what a change means is decided in core.
package storage
