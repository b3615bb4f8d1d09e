//go:build mutants

package simulation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A mutant is the program with one rule broken on purpose.
type mutant struct {
	rule string // what holds no longer
	file string // below the module
	old  string // occurs once in the file
	new  string
	seed int // a world that noticed it lately, tried first; 0: none is known
}

// mutants break one rule each. The shipped code has no trace of them: the compiler
// is given another text for the one file. A text that is no longer found fails the
// test, so that the list follows the code.
var mutants = []mutant{
	{"what both sides changed is a conflict", "core/decide.go", "case s.ChangedHere:", "case s.ChangedHere && false:", 115},
	{"fields that clash are told, not settled in silence", "core/merge.go", "clashes = append(clashes, name)", "_ = name", 992},
	{"a conflict is stored with the version that lost", "core/intake/apply.go", "if s.State == core.StateConflict {", "if s.State == core.StateConflict && false {", 230},
	{"what is overwritten is looked at first", "core/replicate/push.go", "if p.own && p.task.Mode.Pulls() || p.opts.DryRun {\n\t\treturn false, nil\n\t}", "if true {\n\t\treturn false, nil\n\t}", 177},
	{"what the server does not show is not overwritten", "core/replicate/push.go", "if len(hidden) == 0 || p.opts.Confirm {", "if true {", 965},
	{"delivered is what was read back", "core/replicate/prove.go", "if there == nil {\n\t\tif sent.rec.Deleted {", "if there == nil || true {\n\t\tif true {", 1000},
	{"a seal is that of the version that was sent", "core/replicate/batch.go", "seals[core.SealOf(l, sent.read.Hash, sent.wire.ModifiedOn)]", "(len(seals) > 0 || seals[core.SealOf(l, sent.read.Hash, sent.wire.ModifiedOn)])", 96},
	{"markers are not trusted for ever: everything is compared", "core/replicate/compare.go", "case !r.opts.Full && r.recent(task.Compared, r.tuning.CompareEvery):", "case true:", 1},
	{"a moment in the future is not recent", "core/replicate/compare.go", "return passed >= 0 && passed < age", "return passed < age", 127},
	{"deleted on both sides is no conflict", "core/decide.go", "case s.Ours.Deleted && s.Theirs.Deleted: // nothing", "case s.Ours.Deleted && s.Theirs.Deleted && false: // nothing", 52},
	{"a passive side judges by what an edit grew from", "core/intake/apply.go", "return p.head.Hash != basedOn", "return false", 5},
	{"every record ends in one counted state", "core/run.go", "c.Merged++", "c.Merged += 0", 258},
	{"the counter moves with the transaction", "storage/tx.go", "if t.seq != t.seqBefore {", "if t.seq != t.seqBefore && t.seq%7 != 0 {", 260},
	{"what a missing field means depends on the stamp", "core/merge.go", "if !cleared || !moved || linksMaster {", "if moved || !cleared || linksMaster {", 209},
	{"nothing is known to have gone back where nothing was agreed", "core/decide.go", "case s.HasBase && s.SeenBefore && r.Update.name() == string(PolicyNewer):", "case r.Update.name() == string(PolicyNewer):", 123},
	{"a component's tombstone goes over nothing unseen", "core/replicate/push.go", "slices.Concat(known(out), buried(out), unknown)", "slices.Concat(known(out), unknown)", 0},
	{"what a column held that a server has lost is not cleared here", "core/intake/columns.go", "if has == nil || has[f.Name] {", "if has == nil || has[f.Name] || true {", 0},
	{"unusually many deletions wait for a person", "core/replicate/brake.go", "n > r.tuning.Brake && 2*n > alive+gone", "n < 0", 995},
	{"all deletions of a run count together", "core/replicate/brake.go", "n := len(held) + gone;", "n := len(held) + 0*gone;", 510},
	{"a pull puts deletions off until all are known", "core/replicate/brake.go", "p.rules.Hold = p.hold(p.task.Resource)", "p.rules.Hold = nil", 0},
	{"a look before a push deletes nothing past the brake", "core/replicate/push.go", "return p.hold(p.task.Resource)(l)", "return \"\"", 81},
	{"reading back deletes nothing past the brake", "core/replicate/prove.go", "rules := p.rules(p.task)\n", "rules := p.rules(p.task)\n\trules.Hold = nil\n", 0},
	{"what a brake holds waits, however the table grows", "core/replicate/brake.go", "return q.ID > upTo", "return q.ID > 0*upTo", 0},
	{"what a brake holds is not sent", "storage/outgoing.go", "if o.conflicts[l] || o.braked[l] {", "if o.conflicts[l] {", 952},
	{"a stranger's version is seen before it is overwritten", "core/replicate/push.go", "slices.Concat(known(out), buried(out), unknown)", "slices.Concat(known(out), buried(out))", 989},
	{"where nothing is pulled a Fieldsync is looked at, too", "core/replicate/push.go", "if p.own && p.task.Mode.Pulls() || p.opts.DryRun {", "if p.own || p.opts.DryRun {", 989},
}

// mutantSeeds is how many worlds a mutant has to survive to count as unseen.
const mutantSeeds = 1000

// The simulator can fail: each rule that is broken on purpose is caught, by a world
// in which the program as it is holds.
func TestEveryMutantIsCaught(t *testing.T) {
	root := moduleRoot(t)
	whole := build(t, root, nil)
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.rule, " ", "_"), func(t *testing.T) {
			began := time.Now()
			broken := build(t, root, m.overlay(t, root))
			seed, fault := notice(t, broken, whole, m.seed)
			if fault == "" {
				t.Fatalf("%d seeds did not notice that this rule is broken", mutantSeeds)
			}
			t.Logf("%s: seed %d, where the program as it is holds: %s (%s)", m.file, seed, fault, time.Since(began).Round(time.Second))
		})
	}
}

// notice returns the first world in which the broken program fails and the whole one
// does not, and what was seen; "" if there is none.
func notice(t *testing.T, broken, whole string, lately int) (seed int, fault string) {
	t.Helper()
	if lately > 0 {
		if _, fault = simulate(t, broken, lately, 1); fault != "" && holds(t, whole, lately) {
			return lately, fault
		}
	}
	for seed < mutantSeeds {
		next, fault := simulate(t, broken, seed+1, mutantSeeds-seed)
		if fault == "" {
			return 0, ""
		}
		if seed = next; holds(t, whole, seed) {
			return seed, fault
		}
	}
	return 0, ""
}

// holds reports whether the program as it is holds in a world.
func holds(t *testing.T, whole string, seed int) bool {
	t.Helper()
	_, fault := simulate(t, whole, seed, 1)
	if fault != "" {
		t.Errorf("seed %d: the program as it is fails, too: %s", seed, fault)
	}
	return fault == ""
}

// simulate runs worlds until one fails, and returns its seed and what was seen
// first; "" if all hold.
func simulate(t *testing.T, program string, from, count int) (seed int, fault string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, "-test.run", "^TestSimulation$", "-test.failfast", "-from", fmt.Sprint(from), "-seeds", fmt.Sprint(count)).CombinedOutput() //nolint:gosec // what was just built
	if err == nil {
		return 0, ""
	}
	var exit *exec.ExitError
	found := failed.FindSubmatch(out)
	if !errors.As(err, &exit) || found == nil {
		t.Fatalf("it ended otherwise: %v\n%.2000s", err, out)
	}
	seed, _ = strconv.Atoi(string(found[1])) // digits
	return seed, firstFault(out[bytes.Index(out, found[0]):])
}

var failed = regexp.MustCompile(`--- FAIL: TestSimulation/(\d+)`)

// overlay writes the mutant's text down and returns the file that tells the compiler
// to read it.
func (m mutant) overlay(t *testing.T, root string) []string {
	t.Helper()
	dir := t.TempDir()
	original := filepath.Join(root, filepath.FromSlash(m.file))
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		t.Fatalf("%s has %d times: %s", m.file, n, m.old)
	}
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{changed: []byte(strings.Replace(string(text), m.old, m.new, 1)), overlay: list} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"-overlay", overlay}
}

// build compiles the simulator.
func build(t *testing.T, root string, flags []string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "simulation.test")
	build := exec.CommandContext(t.Context(), "go", slices.Concat([]string{"test"}, flags, []string{"-tags", "sqlite_fts5", "-vet=off", "-c", "-o", program, "./core/simulation"})...) //nolint:gosec // flags are ours
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

var fault = regexp.MustCompile(`(?m)^\s+(?:step|settle|value|simulate|schema|brake)_test\.go:\d+: (.*)$`)

// firstFault returns what was seen first.
func firstFault(out []byte) string {
	if found := fault.FindSubmatch(out); found != nil {
		return fmt.Sprintf("%.160s", found[1])
	}
	return "seen"
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}
