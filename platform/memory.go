package platform

import (
	"os"
	"runtime/debug"
)

const (
	// collectAt is by how many percent the heap may grow before the garbage
	// collector runs, in the program without a window. Its live heap is a few
	// megabytes, so that the usual 100 % means a collection for every few hundred
	// records: with 200 a first pull takes 8 % less CPU time, with 400 reading a tenth
	// less again; beyond terminalMemory it makes no difference.
	collectAt = 400
	// terminalMemory is where it begins to hurry nevertheless, in bytes. A laptop
	// that was lent for field work has other uses for its memory.
	terminalMemory = 22 << 20
)

// LimitMemory keeps the terminal program small. GOGC takes the place of collectAt; of
// GOMEMLIMIT, which says what there is and not what is to be used, and terminalMemory
// the lesser holds.
func LimitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if debug.SetMemoryLimit(-1) > terminalMemory {
		debug.SetMemoryLimit(terminalMemory)
	}
}
