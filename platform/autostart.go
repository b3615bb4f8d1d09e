package platform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fieldsync/fieldsync/core"
)

// Autostart reports whether Fieldsync starts at login, and where that is noted,
// for a person.
func Autostart() (on bool, where string, err error) { return autostart() }

// SetAutostart lets the command, the program's full path first, start at login of
// this user, or ends that. Doing it again changes nothing.
func SetAutostart(on bool, command []string) error {
	var err error
	if on {
		err = addAutostart(command)
	} else {
		err = removeAutostart()
	}
	if err != nil {
		return &core.Problem{Op: "start at login", Kind: core.FileUnreadable, Subject: "autostart", Words: "Starting at login could not be changed.", Err: err}
	}
	return nil
}

// exists reports whether a file is there.
func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// write writes a small file in one step, with the folders it needs.
func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	beside := path + ".new"
	if err := os.WriteFile(beside, content, 0o644); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// remove removes a file that may be absent.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
