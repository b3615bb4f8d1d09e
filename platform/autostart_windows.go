package platform

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// What starts at login of the user is a value of this key.
const (
	runKey  = `Software\Microsoft\Windows\CurrentVersion\Run`
	runName = "Fieldsync"
)

func autostart() (bool, string, error) {
	const where = `HKEY_CURRENT_USER\` + runKey
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return false, where, ignoreAbsent(err)
	}
	defer key.Close()
	_, _, err = key.GetStringValue(runName)
	return err == nil, where, ignoreAbsent(err)
}

func addAutostart(command []string) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer key.Close()
	return key.SetStringValue(runName, windows.ComposeCommandLine(command))
}

func removeAutostart() error {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return ignoreAbsent(err)
	}
	defer key.Close()
	return ignoreAbsent(key.DeleteValue(runName))
}

func ignoreAbsent(err error) error {
	if errors.Is(err, registry.ErrNotExist) || errors.Is(err, syscall.ERROR_FILE_NOT_FOUND) {
		return nil
	}
	return err
}
