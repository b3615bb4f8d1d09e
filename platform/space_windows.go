package platform

import "golang.org/x/sys/windows"

// FreeSpace returns how many bytes this user can still write to the disk on
// which dir lies.
func FreeSpace(dir string) (free uint64, err error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return free, err
}
