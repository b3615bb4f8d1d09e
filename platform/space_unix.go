//go:build unix && !solaris && !illumos && !aix

package platform

import "golang.org/x/sys/unix"

// FreeSpace returns how many bytes somebody without privileges can still write
// to the disk on which dir lies.
func FreeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(max(int64(s.Bavail), 0)) * uint64(s.Bsize), nil
}
