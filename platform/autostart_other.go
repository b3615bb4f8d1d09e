//go:build !linux && !windows && !darwin

package platform

import "errors"

var errNoLogin = errors.New("this operating system has no known place for it")

func autostart() (bool, string, error) { return false, "", nil }
func addAutostart(_ []string) error    { return errNoLogin }
func removeAutostart() error           { return nil }
