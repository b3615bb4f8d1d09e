//go:build !headless

package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What make race-window finds: the programs that a desktop started, built with the
// race detector, write what they see into files.
const raceReport = "WARNING: DATA RACE"

// access is the head of a part of a report that says who touched the memory, and
// where.
var access = regexp.MustCompile(`(?m)^(?:Previous )?(?:[Ww]rite|[Rr]ead|[Aa]tomic [a-z]+) at .*\n  (\S+)\(`)

// races fails for every data race that the programs saw. The library of the tray
// icon counts its menus without a lock: a race between two of its own functions
// is not ours.
func (d *desktop) races() {
	files, err := filepath.Glob(filepath.Join(d.dir, "race.*"))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			d.t.Error(err)
		}
		for _, report := range strings.Split(string(text), raceReport)[1:] {
			if !ofTheIconAlone(report) {
				d.t.Error(raceReport + report)
			}
		}
	}
}

// ofTheIconAlone reports whether every access of a race is one of the tray library.
func ofTheIconAlone(report string) bool {
	found := access.FindAllStringSubmatch(report, -1)
	for _, f := range found {
		if !strings.HasPrefix(f[1], "fyne.io/systray.") {
			return false
		}
	}
	return len(found) >= 2
}

func TestOnlyRacesWithinTheTrayLibraryAreLetPass(t *testing.T) {
	report := func(first, second string) string {
		return "\nWrite at 0x01 by goroutine 4:\n  " + first + "()\n      a.go:1 +0x1\n  main.other()\n      b.go:2\n\nPrevious read at 0x01 by goroutine 5:\n  " + second +
			"()\n      c.go:3\n\nGoroutine 4 (running) created at:\n  main.begin()\n"
	}
	const theirs, ours = "fyne.io/systray.(*tray).GetLayout", "github.com/fieldsync/fieldsync/ui/home.(*Page).ShowState"
	for _, tt := range []struct {
		report string
		pass   bool
	}{
		{report(theirs, "fyne.io/systray.refresh"), true}, {report(ours, theirs), false}, {report(theirs, ours), false}, {report(ours, ours), false}, {"", false},
	} {
		if got := ofTheIconAlone(tt.report); got != tt.pass {
			t.Errorf("let pass: %v, want %v:\n%s", got, tt.pass, tt.report)
		}
	}
}
