package cli

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// terminalWidth is how many letters a line of a terminal has that nobody made wider.
const terminalWidth = 80

// filled breaks the lines of a text anew, between words, so that a terminal breaks none. What
// is set out in columns stays as it is.
func filled(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		if strings.Contains(p, "  ") {
			continue
		}
		var lines []string
		line := ""
		for word := range strings.FieldsSeq(p) {
			if longer := strings.TrimSpace(line + " " + word); utf8.RuneCountInString(longer) < terminalWidth || line == "" {
				line = longer
				continue
			}
			lines, line = append(lines, line), word
		}
		paragraphs[i] = strings.Join(append(lines, line), "\n")
	}
	return strings.Join(paragraphs, "\n\n")
}

// plainly lets a command, and all below it, explain itself in lines that a terminal holds, and
// say in plain words what is wrong with what was typed after it.
func plainly(cmd *cobra.Command) {
	cmd.Long = filled(cmd.Long)
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) == nil {
				return nil
			}
			return errors.New(misuse(cmd, args))
		}
	}
	for _, sub := range cmd.Commands() {
		plainly(sub)
	}
}

// flagTrouble says in plain words what is wrong with a flag's value; what else is wrong
// with flags the library says well enough.
func flagTrouble(_ *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return err
	}
	wanted := map[string]string{"int": "a number", "uint": "a number, 0 or greater", "duration": "a time, such as 30s, 10m or 2h", "bool": "true or false"}[wrong.GetFlag().Value.Type()]
	if wanted == "" {
		return err
	}
	return fmt.Errorf("--%s takes %s; found: %s", wrong.GetFlag().Name, wanted, wrong.GetValue())
}

func misuse(cmd *cobra.Command, args []string) string {
	given := "nothing"
	if len(args) > 0 {
		given = strings.Join(args, " ")
	}
	_, wanted, _ := strings.Cut(cmd.Use, " ")
	switch {
	case cmd.HasAvailableSubCommands() && len(args) > 0:
		return unknownCommand(cmd, args[0])
	case wanted == "":
		return fmt.Sprintf("only flags may follow; found: %s", given)
	}
	return fmt.Sprintf("what must follow is: %s; found: %s", wanted, given)
}

func unknownCommand(cmd *cobra.Command, word string) string {
	cmd.SuggestionsMinimumDistance = 2
	switch close := cmd.SuggestionsFor(word); {
	case len(close) > 0:
		return fmt.Sprintf("there is no command %q; perhaps you mean: %s", word, strings.Join(close, ", "))
	case cmd.HasParent():
		return fmt.Sprintf("there is no command %q; there are: %s", word, names(cmd))
	}
	return fmt.Sprintf("there is no command %q; “%s help” lists them all", word, cmd.CommandPath())
}
