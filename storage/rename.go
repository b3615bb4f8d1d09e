//go:build !windows

package storage

import "os"

// rename moves a file into the place of another.
func rename(from, to string) error { return os.Rename(from, to) }
