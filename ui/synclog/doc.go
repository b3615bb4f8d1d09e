// Package synclog is the page of the synchronisation log: newest first, with
// filters, search, and all fields of an entry.
package synclog
