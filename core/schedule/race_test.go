//go:build race

package schedule_test

// hurry shortens what is long enough without the race detector, which makes
// everything ten times slower.
const hurry = true
