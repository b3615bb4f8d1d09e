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
	new  string // BROKEN stands for whether this very rule is the one that is broken
	seed int    // a world that noticed it lately, tried first; 0: none is known
}

// mutants break one rule each. The shipped code has no trace of them: the compiler
// is given other texts, of all of them at once, and the simulator that it makes is told
// which rule to break, or none. A text that is no longer found fails the test, so that
// the list follows the code.
var mutants = []mutant{
	{"what both sides changed is a conflict", "core/decide.go", "case s.ChangedHere:", "case s.ChangedHere && !BROKEN:", 115},
	{"fields that clash are told, not settled in silence", "core/merge.go", "clashes = append(clashes, name)", "if !BROKEN {\n\t\t\t\tclashes = append(clashes, name)\n\t\t\t}", 992},
	{"a conflict is stored with the version that lost", "core/intake/settle.go", "if s.State == core.StateConflict {", "if s.State == core.StateConflict && !BROKEN {", 1},
	{"what is overwritten is looked at first", "core/replicate/look.go", "unknown := p.unknown(out)\n", "if BROKEN {\n\t\treturn false, nil\n\t}\n\tunknown := p.unknown(out)\n", 989},
	{"what the server does not show is not overwritten", "core/replicate/push.go", "if len(hidden) == 0 || p.opts.Confirm {", "if BROKEN || len(hidden) == 0 || p.opts.Confirm {", 183},
	{"delivered is what was read back", "core/replicate/prove.go", "if there == nil {\n\t\tif sent.rec.Deleted {", "if there == nil || BROKEN {\n\t\tif sent.rec.Deleted || BROKEN {", 1000},
	{"a seal is that of the version that was sent", "core/replicate/batch.go", "seals[core.SealOf(l, sent.read.Hash, sent.wire.ModifiedOn)]", "(seals[core.SealOf(l, sent.read.Hash, sent.wire.ModifiedOn)] || BROKEN && len(seals) > 0)", 946},
	{"of a long document, too", "core/replicate/stretch.go", "is := reply.Seals[one.seal()]", "is := reply.Seals[one.seal()] || BROKEN", 226},
	{"a long document that was refused is sent again in batches", "core/replicate/stretch.go", "return s.from, nil", "if BROKEN {\n\t\treturn s.upTo, nil\n\t}\n\treturn s.from, nil", 6},
	{"markers are not trusted for ever: everything is compared", "core/replicate/compare.go", "r.opts.Full || r.recent(task.Compared, r.tuning.CompareEvery) {", "r.opts.Full || BROKEN || r.recent(task.Compared, r.tuning.CompareEvery) {", 1},
	{"a moment in the future is not recent", "core/replicate/compare.go", "return passed >= 0 && passed < age", "return (passed >= 0 || BROKEN) && passed < age", 996},
	{"deleted on both sides is no conflict", "core/decide.go", "case s.Ours.Deleted && s.Theirs.Deleted: // nothing", "case s.Ours.Deleted && s.Theirs.Deleted && !BROKEN: // nothing", 170},
	{"what a peer has not changed since is no news", "core/decide.go", "case s.HasBase && s.Theirs.Hash == s.BaseHash:", "case s.HasBase && s.Theirs.Hash == s.BaseHash && !BROKEN:", 88},
	{"a passive side judges by what an edit grew from", "core/intake/apply.go", "takeBasedOn(r), takeDigest(r)\n", "takeBasedOn(r), takeDigest(r)\n\tif BROKEN {\n\t\tbasedOn = core.Hash{}\n\t}\n", 276},
	{"every record ends in one counted state", "core/run.go", "c.Merged++", "if !BROKEN {\n\t\t\tc.Merged++\n\t\t}", 99},
	{"the counter moves with the transaction", "storage/tx.go", "if t.seq != t.seqBefore {", "if t.seq != t.seqBefore && (!BROKEN || t.seq%7 != 0) {", 260},
	{"what a missing field means depends on the stamp", "core/merge.go", "if !cleared || !moved || linksMaster {", "if !cleared || moved == BROKEN || linksMaster {", 968},
	{"nothing is known to have gone back where nothing was agreed", "core/decide.go", "case s.HasBase && s.SeenBefore && r.Update.name() == string(PolicyNewer):", "case (s.HasBase && s.SeenBefore || BROKEN) && r.Update.name() == string(PolicyNewer):", 280},
	{"unusually many deletions wait for a person", "core/replicate/brake.go", "return n > r.tuning.Brake && 2*n > alive", "return !BROKEN && n > r.tuning.Brake && 2*n > alive", 995},
	{"all deletions of a run count together", "core/replicate/brake.go", "gone := r.brake.gone[resource]\n", "gone := r.brake.gone[resource]\n\tif BROKEN {\n\t\tgone = 0\n\t}\n", 388},
	{"a pull puts deletions off until all are known", "core/replicate/brake.go", "p.rules.Hold = p.hold(p.task.Resource)\n", "p.rules.Hold = p.hold(p.task.Resource)\n\tif BROKEN {\n\t\tp.rules.Hold = nil\n\t}\n", 137},
	{"a look before a push deletes nothing past the brake", "core/replicate/look.go", "return p.hold(p.task.Resource)(l)", "if BROKEN {\n\t\t\treturn \"\"\n\t\t}\n\t\treturn p.hold(p.task.Resource)(l)", 689},
	{"what a brake holds waits, however the table grows", "core/replicate/brake.go", "return q.ID > upTo", "return q.ID > upTo || BROKEN", 225},
	{"what a brake holds is not sent", "storage/outgoing.go", "if o.conflicts[l] || o.braked[l] {", "if o.conflicts[l] || o.braked[l] && !BROKEN {", 451},
	{"a stranger's version is seen before it is overwritten", "core/replicate/look.go", "if !unsent.Based && (", "if !BROKEN && !unsent.Based && (", 989},
	{"what may have arrived did as far as it is seen", "core/intake/base.go", "return !there && !implied", "return !there && !implied && !BROKEN", 101120},
	{"what only carries keeps its stamp", "core/replicate/dress.go", "if base := bases[l]; base != nil {\n\t\t\tr.ModifiedOn = base.ModifiedOn //", "if base := bases[l]; base != nil && !BROKEN {\n\t\t\tr.ModifiedOn = base.ModifiedOn //", 15},
	{"a date does not prove what a server took", "core/replicate/prove.go", "words == \"\" && onlyRedated(", "!BROKEN && words == \"\" && onlyRedated(", 1439},
	{"a table is read in whole before our own is left out of it", "core/replicate/page.go", "read := p.cp.Since != 0 || p.task.Compared != 0\n", "read := p.cp.Since != 0 || p.task.Compared != 0 || BROKEN\n", 1365},
	{"a deletion that overtook its record is sent again", "core/decide.go", "// however it is dated\n\t\treturn Verdict{ActKeepSend,", "// however it is dated\n\t\treturn Verdict{map[bool]Action{true: ActKeep, false: ActKeepSend}[BROKEN],", 903175},
	{"a server that never had a record dated no deletion of it", "core/replicate/deliver.go", "case there == nil && !head.HasBase:", "case there == nil && !head.HasBase && !BROKEN:", 3001386},
	{"two versions that change places come to rest", "core/decide.go", "case s.Circles && s.outranks():", "case s.Circles && !BROKEN && s.outranks():", 59},
	{"who is removed and added again is no stranger", "storage/token.go", "OR `+givenToAnother+`)`", "OR `+map[bool]string{true: `0`, false: givenToAnother}[BROKEN]+`)`", 1400044},
	{"what was deleted there since is decided about, not refused", "core/replicate/prove.go", "return there.Deleted && base != nil && (", "return !BROKEN && there.Deleted && base != nil && (", 1404348},
	{"what a server lacks of a version in question is still sent", "core/intake/settle.go", "p.more && !has {", "p.more && !has && !BROKEN {", 1416348},
	{"what is taken where others pull is dated after what they saw", "core/intake/outcome.go", "if p.rules.Serves && p.ours", "if !BROKEN && p.rules.Serves && p.ours", 1444406},
	{"who was forgotten there registers again", "core/replicate/connect.go", "if !core.AsProblem(err).UnknownThere()", "if BROKEN || !core.AsProblem(err).UnknownThere()", 1450354},
	{"where nothing is pulled a Fieldsync is looked at, too", "core/replicate/look.go", "if p.own && p.task.Mode.Pulls() || p.opts.DryRun {", "if p.own && (p.task.Mode.Pulls() || BROKEN) || p.opts.DryRun {", 989},
	{"what was moved here below somebody who is deleted goes back", "core/replicate/goback.go", "if len(alone) == 0 || p.opts.DryRun {", "if BROKEN || len(alone) == 0 || p.opts.DryRun {", 9800430},
	{"what was moved here only is not moved by a decision", "core/intake/master.go", "p.whole.Master == p.base.Master {", "p.whole.Master == p.base.Master && !BROKEN {", 9406193},
	{"what one server moves is moved at the one that changed it", "storage/put.go", "if repo == change.Origin && rec.Master == old.rec.Master {", "if repo == change.Origin && (BROKEN || rec.Master == old.rec.Master) {", 71297},
	{"what a Fieldsync does not show it does not have", "core/intake/pass.go", "if p.rules.Explicit {", "if p.rules.Explicit && !BROKEN {", 70413},
	{"versions that are joined again and again come to rest", "core/intake/settle.go", "case err != nil || joined.IsZero()", "case err != nil || BROKEN || joined.IsZero()", 3005291},
	{"what records point to in their own table is asked for along with them", "core/replicate/compare.go", "Along: along, Leads: leads}", "Along: along, Leads: map[bool]map[core.Link]core.MTime{false: leads}[BROKEN]}", 392},
	{"what only carries says which version it is", "core/replicate/dress.go", "if p.own {\n\t\t\t\tr.Attrs", "if p.own && !BROKEN {\n\t\t\t\tr.Attrs", 8200756},
	{"what is deleted goes after what points to it", "core/replicate/await.go", "if p.own || p.insists ||", "if BROKEN || p.own || p.insists ||", 9970000},
	{"what an Eden empties as it deletes is nobody's edit", "core/intake/emptied.go", "if p.rules.Passive || !p.changed ||", "if BROKEN || p.rules.Passive || !p.changed ||", 9970521},
}

// mutantSeeds is how many worlds a mutant has to survive to count as unseen.
const mutantSeeds = 1000

// The simulator can fail: each rule that is broken on purpose is caught, by a world
// in which the program as it is holds.
func TestEveryMutantIsCaught(t *testing.T) {
	sim := build(t)
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.rule, " ", "_"), func(t *testing.T) {
			began := time.Now()
			seed, fault := sim.notice(t, m)
			if fault == "" {
				t.Fatalf("%d seeds did not notice that this rule is broken", mutantSeeds)
			}
			t.Logf("%s: seed %d, where the program as it is holds: %s (%s)", m.file, seed, fault, time.Since(began).Round(time.Second))
		})
	}
}

// A simulator is a program that tells the stories with a rule broken, or with none.
type simulator string

// notice returns the first world in which the program with the broken rule fails and the
// whole one does not, and what was seen; "" if there is none.
func (sim simulator) notice(t *testing.T, m mutant) (seed int, fault string) {
	t.Helper()
	if m.seed > 0 {
		if _, fault = sim.tell(t, m.rule, m.seed, 1); fault != "" && sim.holds(t, m.seed) {
			return m.seed, fault
		}
	}
	for seed < mutantSeeds {
		next, fault := sim.tell(t, m.rule, seed+1, mutantSeeds-seed)
		if fault == "" {
			return 0, ""
		}
		if seed = next; sim.holds(t, seed) {
			return seed, fault
		}
	}
	return 0, ""
}

// holds reports whether the program as it is holds in a world.
func (sim simulator) holds(t *testing.T, seed int) bool {
	t.Helper()
	_, fault := sim.tell(t, "", seed, 1)
	if fault != "" {
		t.Errorf("seed %d: the program as it is fails, too: %s", seed, fault)
	}
	return fault == ""
}

// brokenRule is the variable of the environment that names the rule to break.
const brokenRule = "BROKEN_RULE"

// tell tells stories, with a rule broken unless it is "", until one fails, and returns its
// seed and what was seen first; "" if all hold.
func (sim simulator) tell(t *testing.T, rule string, from, count int) (seed int, fault string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), string(sim), "-test.run", "^TestSimulation$", "-test.failfast", "-from", fmt.Sprint(from), "-seeds", fmt.Sprint(count)) //nolint:gosec // what was just built
	run.Env = append(os.Environ(), brokenRule+"="+rule)
	out, err := run.CombinedOutput()
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

// build compiles the simulator, with all the mutants' texts.
func build(t *testing.T) simulator {
	t.Helper()
	root, dir := moduleRoot(t), t.TempDir()
	program, overlay := filepath.Join(dir, "simulation.test"), filepath.Join(dir, "overlay.json")
	replace := make(map[string]string)
	for name, text := range texts(t, root) {
		replace[name] = filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		write(t, replace[name], []byte(text))
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, overlay, list)
	build := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-tags", "sqlite_fts5", "-vet=off", "-c", "-o", program, "./core/simulation") //nolint:gosec // all of it is ours
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return simulator(program)
}

// texts returns the files that the mutants change, and one for each of their packages
// that reads which rule is broken.
func texts(t *testing.T, root string) map[string]string {
	t.Helper()
	changed := make(map[string]string)
	for _, m := range mutants {
		name := filepath.Join(root, filepath.FromSlash(m.file))
		if _, read := changed[name]; !read {
			text, err := os.ReadFile(name) //nolint:gosec // the list is ours
			if err != nil {
				t.Fatal(err)
			}
			changed[name] = string(text)
			changed[filepath.Join(filepath.Dir(name), "brokenrule.go")] = fmt.Sprintf("%s\n\nimport \"os\"\n\nvar brokenRule = os.Getenv(%q)\n", packageClause.FindString(string(text)), brokenRule)
		}
		if n := strings.Count(changed[name], m.old); n != 1 {
			t.Fatalf("%s has %d times: %s", m.file, n, m.old)
		}
		changed[name] = strings.Replace(changed[name], m.old, strings.ReplaceAll(m.new, "BROKEN", fmt.Sprintf("(brokenRule == %q)", m.rule)), 1)
	}
	return changed
}

var packageClause = regexp.MustCompile(`(?m)^package \w+$`)

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

var fault = regexp.MustCompile(`(?m)^\s+(?:step|settle|value|simulate|schema|brake|laptop|restore|carry|settings|chain|backup|clocks|double|ring|tangle|tie)_test\.go:\d+: (.*)$`)

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
