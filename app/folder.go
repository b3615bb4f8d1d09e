package app

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
)

// dataFolder is where the data lies by default: not in a folder that a company's
// network copies round (Windows' Roaming).
func dataFolder() string {
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "fieldsync")
		}
	case "linux", "freebsd":
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "fieldsync")
		}
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, ".local", "share", "fieldsync")
		}
	}
	if dir, err := os.UserConfigDir(); err == nil {
		return filepath.Join(dir, "fieldsync")
	}
	return "fieldsync-data"
}

// person is who edits, for the history.
func person() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "somebody"
}

// stateFolder is a place that a backup of the data folder does not bring back: the
// store remembers there how far it was. "" if there is none.
func stateFolder() string {
	switch runtime.GOOS {
	case "windows": // Roaming: the data folder is in the other one
		if dir, err := os.UserConfigDir(); err == nil {
			return filepath.Join(dir, "fieldsync")
		}
	case "linux", "freebsd":
		if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "fieldsync")
		}
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, ".local", "state", "fieldsync")
		}
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "fieldsync")
	}
	return ""
}
