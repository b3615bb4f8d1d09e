package records

import (
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// Where a former version went is told by why it was replaced, not by a guess.
func TestTheHistorySaysWhyAVersionWasReplaced(t *testing.T) {
	peers := []core.Repository{{ID: 1, Name: "HQ"}}
	for want, c := range map[string]core.Change{
		"Rescued from the damaged database": {Rule: "rescued"},
		"Updated from HQ":                   {Rule: "older state", Origin: 1},
		"Restored by ada":                   {Rule: "restore", By: "ada"},
		"Decided between two versions":      {Rule: "conflict NEWER", Origin: 1},
	} {
		if got := ruleWords(c, peers); got != want {
			t.Errorf("%q is told as %q, want %q", c.Rule, got, want)
		}
	}
}

// Of two long texts that begin alike it is seen where they differ.
func TestLongTextsAreShownWhereTheyDiffer(t *testing.T) {
	road := "The road to this place is washed away in the rainy season, ask the chief first; "
	for name, tt := range map[string][4]string{
		"short":                {"yes", "no", "yes", "no"},
		"apart from the start": {"A " + road, "B " + road, short("A " + road), short("B " + road)},
		"alike for long":       {road + "closed", road + "open", "…chief first; closed", "…chief first; open"},
		"one goes on":          {road, road + "closed", "…chief first;", "…chief first; closed"},
		"no blank":             {strings.Repeat("x", 90) + "1", strings.Repeat("x", 90) + "2", "…xxxxxxxxxxxxxxxx1", "…xxxxxxxxxxxxxxxx2"},
	} {
		if before, after := apart(tt[0], tt[1]); before != tt[2] || after != tt[3] {
			t.Errorf("%s: %q and %q, want %q and %q", name, before, after, tt[2], tt[3])
		}
	}
}

// What names a record is not said again below it, whichever field that is.
func TestWhatNamesARecordIsNotSaidTwice(t *testing.T) {
	sector := core.Record{Resource: "org_sector_organisation"}
	sector.Set(core.Field{Name: "sector_id", Value: core.Value{Kind: core.Reference, Aux: "org_sector", Str: "urn:uuid:1"}, Text: "Education"})
	sector.Set(core.Field{Name: "comments", Value: core.Text("since May")})
	if line := NewLine(&Row{Record: sector}, &core.Schema{}); line.Title != "Education" || line.Below != "since May" {
		t.Errorf("%q, and below %q", line.Title, line.Below)
	}
}
