package app

import (
	"os"
	"runtime/debug"
)

const (
	// collectAt is by how many percent the heap may grow before the garbage
	// collector runs, in the program without a window. Its live heap is a few
	// megabytes, so that the usual 100 % means a collection for every few hundred
	// records: with 200 a first pull takes 8 % less CPU time.
	collectAt = 200
	// terminalMemory is where it begins to hurry nevertheless, in bytes. A laptop
	// that was lent for field work has other uses for its memory.
	terminalMemory = 28 << 20
)

// limitMemory keeps the terminal program small, unless somebody chose otherwise
// (GOGC, GOMEMLIMIT).
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(terminalMemory)
	}
}
