package core

import (
	"errors"
	"runtime"
	"syscall"
)

// IsDiskFull reports whether what was to be written found no room on the disk.
func IsDiskFull(err error) bool {
	const handleDiskFull, diskFull = syscall.Errno(39), syscall.Errno(112) // Windows; elsewhere they are something else
	if runtime.GOOS == "windows" && (errors.Is(err, handleDiskFull) || errors.Is(err, diskFull)) {
		return true
	}
	return errors.Is(err, syscall.ENOSPC)
}
