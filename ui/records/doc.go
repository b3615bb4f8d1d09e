// Package records is where a person looks records up, adds, corrects and deletes
// them: lists by kind with search, forms made from what the server told of its
// tables, and the history of each record.
package records
