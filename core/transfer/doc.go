// Package transfer moves records between the store and a person's files: S3XML,
// CSV, XLSX. What is read counts as that person's edits and is sent with the next
// sync; all of a file is taken, or nothing.
package transfer
