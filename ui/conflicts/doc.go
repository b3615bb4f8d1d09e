// Package conflicts is the page "Needs you": records that were changed on both
// sides, records a server refused, and deletions that wait for a word.
package conflicts
