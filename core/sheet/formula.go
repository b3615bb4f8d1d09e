package sheet

import "strings"

// A spreadsheet program takes a CSV cell that begins with one of these for a
// formula, and may run it.
const formulaStarts = "=+-@\t\r"

// Harmless returns a text as a cell that no spreadsheet program takes for a
// formula.
func Harmless(text string) string { return disarm(text) }

// disarm puts an apostrophe before a text that would be a formula, or that
// looks as if it had been disarmed before, so that arm gives it back exactly.
func disarm(text string) string {
	if armed(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// arm is the opposite of disarm.
func arm(text string) string {
	rest, found := strings.CutPrefix(text, "'")
	if found && armed(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return text
}

func armed(text string) bool { return text != "" && strings.IndexByte(formulaStarts, text[0]) >= 0 }
