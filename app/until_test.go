package app

import (
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// until runs fieldsync again and again until its output matches: what another
// process does cannot be waited for in any other way.
func until(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[0])
	deadline := time.Now().Add(30 * time.Second)
	for {
		ts.Check(ts.Exec("fieldsync", args[1:]...))
		if want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s was not printed by %v", args[0], args[1:])
		}
		time.Sleep(100 * time.Millisecond) // another process: no virtual time
	}
}
