package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// usualProgram is how sentences call the program when they name a command.
const usualProgram = "fieldsync"

// program is the name the program was called by.
func (c *commands) program() string {
	if c.app.Program == "" {
		return usualProgram
	}
	return c.app.Program
}

// named names the program in a text as it was called, so that a command can be typed as
// it is read: where there is no display it is fieldsync-cli alone.
func (c *commands) named(text string) string {
	if c.program() == usualProgram || !strings.Contains(text, usualProgram+" ") {
		return text
	}
	if c.command == nil {
		var names []string
		for _, group := range c.makers() {
			for name := range group {
				names = append(names, name)
			}
		}
		c.command = regexp.MustCompile(`\b` + usualProgram + ` (help|` + strings.Join(names, "|") + `)\b`)
	}
	return c.command.ReplaceAllString(text, c.program()+" $1")
}

// note says something beside what a command prints.
func (c *commands) note(format string, args ...any) {
	fmt.Fprint(c.io.Err, c.named(fmt.Sprintf(format, args...)))
}

// A naming is a writer of help, which is no data.
type naming struct {
	c *commands
	w io.Writer
}

func (n naming) Write(p []byte) (int, error) {
	_, err := io.WriteString(n.w, n.c.named(string(p)))
	return len(p), err
}
