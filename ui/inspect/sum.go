package inspect

import tr "github.com/fieldsync/fieldsync/ui/translations"

// Sum says of a test as a whole how it went: how many checks failed, and of how many
// that went well somebody should know something.
func Sum(failed, noted int) string {
	switch {
	case failed > 0:
		return tr.N("{{.N}} answers need attention. They stand first.", failed)
	case noted > 0:
		return tr.L("It works. What should be known about it stands first.")
	}
	return tr.L("All is well.")
}
