package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// Where there is no display the program is fieldsync-cli alone: what is told to be typed
// can be typed.
func TestCommandsAreNamedByTheProgramThatWasCalled(t *testing.T) {
	for program, want := range map[string]string{"": "fieldsync", "fieldsync": "fieldsync", "fieldsync-cli": "fieldsync-cli"} {
		var out bytes.Buffer
		app := App{Program: program}
		c := &commands{app: app, io: IO{Out: &out, Err: &out}, started: true}
		c.say("Try “fieldsync demo”. The fieldsync folder of Fieldsync stays.")
		c.report(nil, &core.Problem{Kind: core.NoPassword, Subject: "HQ"})
		Run(t.Context(), app, []string{"sync", "--help"}, IO{Out: &out, Err: &out})
		for _, line := range []string{"Try “" + want + " demo”. The fieldsync folder of Fieldsync stays.", `Enter it: ` + want + ` repository edit "HQ" --password.`, "  " + want + " sync [flags]", "  " + want + " sync --dry-run"} {
			if !strings.Contains(out.String(), line) {
				t.Errorf("called as %q it does not say %q:\n%s", program, line, &out)
			}
		}
	}
}
