package cli

import (
	"net/url"
	"os"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// proxyPasswordVariable is where a script may put the proxy's password.
const proxyPasswordVariable = "FIELDSYNC_PROXY_PASSWORD" //nolint:gosec // the name of it

// proxyAddress completes a proxy's address by the password that belongs to it:
// from the environment, or from a person at the terminal. It does not take one in
// the address: every user of the computer could read it in the list of processes.
func (c *commands) proxyAddress(text string) (string, error) {
	if !strings.Contains(text, "://") {
		return text, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return text, nil //nolint:nilerr // the store says what is wrong with it
	}
	if u.User == nil {
		return text, nil
	}
	if _, has := u.User.Password(); has {
		return "", core.Invalid("proxy", "Leave the password out of the proxy's address: others could read it on the command line. It is asked for, or taken from %s.", proxyPasswordVariable)
	}
	password := core.Secret(os.Getenv(proxyPasswordVariable))
	if password == "" {
		if password, err = c.ask("Password of " + u.User.Username() + " at the proxy"); err != nil {
			return "", err
		}
	}
	if password != "" {
		u.User = url.UserPassword(u.User.Username(), password.Reveal())
	}
	return u.String(), nil
}
