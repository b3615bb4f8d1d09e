package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

// Of two long texts all is shown: they may differ where a line of the table ends.
func TestALongTextInConflictIsShownWhole(t *testing.T) {
	road := strings.Repeat("The road to this place is washed away. ", 5)
	record := func(comment string) (r core.Record) {
		r.Set(core.Field{Name: "comments", Value: core.Value{Kind: core.String, Str: comment}})
		r.Set(core.Field{Name: "code", Value: core.Value{Kind: core.String, Str: comment[len(road):]}})
		return r
	}
	k := core.Conflict{Ours: record(road + "here"), Theirs: record(road + "there")}
	rows, whole := sideBySide(&k)
	if len(rows) != 4 || len(whole) != 2 || !strings.HasSuffix(whole[0], road+"here") || !strings.HasSuffix(whole[1], road+"there") {
		t.Errorf("%q, %q", rows, whole)
	}
}

// What is wrong with how a table is exchanged is one sentence.
func TestAWrongFlagOfATableIsOneSentence(t *testing.T) {
	for _, flag := range []string{"mode", "strategy", "update-policy", "conflict-policy"} {
		var f taskFlags
		cmd, task := &cobra.Command{}, core.NewTask(1, "org_office")
		f.add(cmd)
		if err := cmd.Flags().Set(flag, "nothing"); err != nil {
			t.Fatal(err)
		}
		if err := f.apply(cmd, &task); !core.IsKind(err, core.InvalidSetting) || strings.HasSuffix(core.AsProblem(err).Message(), "..") {
			t.Errorf("--%s: %v", flag, err)
		}
	}
}
