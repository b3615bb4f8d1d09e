package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/fieldsync/fieldsync/core"
)

// passwordVariable is the environment variable a script may set.
const passwordVariable = "FIELDSYNC_PASSWORD"

// passwordFlag adds --password-stdin. There is no flag that takes the password
// itself: every user of the computer could read it in the list of processes.
func passwordFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("password-stdin", false, "read the password from standard input; else from "+passwordVariable+", else it is asked for")
}

// password gets a password: from standard input if stdin is set, from the
// environment, or from a person at the terminal, without showing it. It is ""
// if there is nobody to ask.
func (c *commands) password(prompt string, stdin bool) (core.Secret, error) {
	if stdin {
		line, err := bufio.NewReader(io.LimitReader(c.io.In, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read password: %w", err)
		}
		return core.Secret(strings.TrimRight(line, "\r\n")), nil
	}
	if fromEnv := os.Getenv(passwordVariable); fromEnv != "" {
		return core.Secret(fromEnv), nil
	}
	return c.ask(prompt)
}

// ask lets a person at the terminal type a password, without showing it; "" if
// there is nobody.
func (c *commands) ask(prompt string) (core.Secret, error) {
	f, ok := c.io.In.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", nil
	}
	fmt.Fprint(c.io.Err, prompt+": ")
	typed, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(c.io.Err)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return core.Secret(typed), nil
}
