// Package simulation holds the proof of the program's promises, as tests only:
// seeded worlds of laptops, servers and people in which everything goes wrong
// that can, and in which nothing may be lost (docs/reliability.md). Everything
// happens in one goroutine, so that a seed replays.
package simulation
