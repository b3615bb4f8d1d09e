package core_test

import (
	"io/fs"
	"runtime"
	"syscall"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

func TestAFullDiskIsKnownByTheNumbersOfTheSystem(t *testing.T) {
	for number, want := range map[syscall.Errno]bool{
		syscall.ENOSPC: true, 39: runtime.GOOS == "windows", 112: runtime.GOOS == "windows", syscall.EACCES: false,
	} {
		if got := core.IsDiskFull(&fs.PathError{Op: "write", Path: "x", Err: number}); got != want {
			t.Errorf("%d: %v, want %v", number, got, want)
		}
	}
}
