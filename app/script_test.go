package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/ui/cli"
)

func TestMain(m *testing.M) {
	licence, err := os.ReadFile("../LICENSE")
	if err == nil { // sessions at a terminal have a folder of their own
		build.Licence = string(licence)
	}
	programs := map[string]func(){"fieldsync": func() { os.Exit(Main(build)) }}
	if runtime.GOOS == "windows" {
		programs["explorer"] = explorer
	}
	testscript.Main(apart{m}, programs)
}

// explorer starts a program as Windows' own does at a double click and at login: it is
// the parent, by this name.
func explorer() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...) //nolint:gosec,noctx // what the script says
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// apart keeps the tests away from what the developer's own Fieldsync remembers
// outside its data folder.
type apart struct{ *testing.M }

func (a apart) Run() int {
	dir, err := os.MkdirTemp("", "fieldsync-state-")
	if err == nil {
		err = errors.Join(os.Setenv("XDG_STATE_HOME", dir), os.Setenv("AppData", dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	return a.M.Run()
}

// TestScripts runs testdata/script: each is a session at a terminal, with the
// real store, engine, HTTP and responder. Besides testscript's own words there
// are:
//
//	practice [SEED]              start a practice repository: $URL, $FIELDSYNC_PASSWORD, $SOMEBODY
//	colleague                    somebody there changes something
//	clash TABLE UUID FIELD VALUE somebody there sets a field
//	gone TABLE UUID|all          somebody there deletes a record, or every one
//	[!] there TABLE UUID [FIELD VALUE]  the repository has a living record [with that value]
//	serve DIR [FLAGS…]           answer peers from a data folder: $PEER
//	exits CODE ARGS…             run fieldsync, expect that exit code
//	is PATH VALUE                the JSON on stdout has VALUE at PATH: runs.0.sent; VALUE may be >0
//	let NAME PATH                put what stands at PATH into $NAME
//	until REGEXP ARGS…           run fieldsync until its output matches
//	spoil FILE                   overwrite the first pages of a file with other bytes
//	copy DIR DIR                 copy a folder with all that is in it
//	without DIR PATTERN          no name in that folder is like that
//	[!] holds DIR TEXT           a name below that folder, or what stands in a file there, has that text
//	sums                         the states in the JSON on stdout sum to what was received
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"practice": startPractice, "colleague": colleague, "clash": clash, "gone": gone, "there": there,
			"serve": serve, "exits": exits, "is": is, "let": let, "sums": sums, "until": until, "spoil": spoil,
			"copy": copyFolder, "without": without, "holds": holds,
		},
		RequireExplicitExec: true,
	})
}

func setUp(env *testscript.Env) error {
	env.Setenv("XDG_DATA_HOME", env.WorkDir+"/data")
	env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
	env.Setenv("LocalAppData", env.WorkDir+"/data")
	env.Setenv("AppData", env.WorkDir+"/state")
	env.Setenv("TZ", "UTC")
	env.Setenv("DBUS_SESSION_BUS_ADDRESS", "")          // no keyring: it is the developer's own
	env.Values[practiceKey{}] = new(*practice.Practice) // filled by the command
	return nil
}

type practiceKey struct{}

func startPractice(ts *testscript.TestScript, _ bool, args []string) {
	seed := 7
	if len(args) > 0 {
		var err error
		seed, err = strconv.Atoi(args[0])
		ts.Check(err)
	}
	p, err := practice.Start(context.Background(), practice.Options{Seed: uint64(seed)})
	ts.Check(err)
	ts.Defer(func() { ts.Check(p.Close()) })
	*ts.Value(practiceKey{}).(**practice.Practice) = p
	ts.Setenv("URL", p.URL())
	ts.Setenv("SOMEBODY", practice.Username)
	ts.Setenv("FIELDSYNC_PASSWORD", practice.Password.Reveal())
}

func practiceOf(ts *testscript.TestScript) *practice.Practice {
	return *ts.Value(practiceKey{}).(**practice.Practice)
}

func colleague(ts *testscript.TestScript, _ bool, _ []string) {
	what, err := practiceOf(ts).Colleague(context.Background())
	ts.Check(err)
	ts.Logf("%s", what)
}

func clash(ts *testscript.TestScript, _ bool, args []string) {
	_, err := practiceOf(ts).Conflict(context.Background(), linkOf(args), args[2], core.Text(args[3]))
	ts.Check(err)
}

func gone(ts *testscript.TestScript, _ bool, args []string) {
	if args[1] == "all" {
		for _, rec := range practiceOf(ts).Records(core.Resource(args[0])) {
			_, err := practiceOf(ts).Delete(context.Background(), rec.Link())
			ts.Check(err)
		}
		return
	}
	_, err := practiceOf(ts).Delete(context.Background(), linkOf(args))
	ts.Check(err)
}

func there(ts *testscript.TestScript, not bool, args []string) {
	rec, err := practiceOf(ts).Record(linkOf(args))
	has := err == nil && !rec.Deleted
	if has && len(args) == 4 {
		has = rec.Value(args[2]).Str == args[3]
	}
	if has == not {
		ts.Fatalf("there %v: %v, want %v; it is %+v", args, has, !not, rec)
	}
}

func linkOf(args []string) core.Link {
	return core.Link{Resource: core.Resource(args[0]), UUID: args[1]}
}

// serve runs the command in this process, because a script cannot read what one
// in the background has printed so far.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	flags := append([]string{"serve", "--data", ts.MkAbs(args[0]), "--address", "127.0.0.1:0"}, args[1:]...)
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := cli.Run(ctx, commands(), flags, cli.IO{In: strings.NewReader(""), Out: w, Err: w})
		w.CloseWithError(io.EOF)
		ended <- code
	}()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	ts.Check(err)
	go io.Copy(io.Discard, lines) // ends with the command
	ts.Defer(func() {
		stop()
		if code := <-ended; code != 0 {
			ts.Fatalf("serve ended with %d", code)
		}
	})
	_, address, found := strings.Cut(strings.TrimSpace(line), " at ")
	if !found {
		ts.Fatalf("serve printed %q", line)
	}
	ts.Setenv("PEER", address)
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("fieldsync", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func is(ts *testscript.TestScript, _ bool, args []string) {
	got := at(ts, args[0])
	if least, found := strings.CutPrefix(args[1], ">"); found {
		n, err := strconv.ParseFloat(got, 64)
		bound, err2 := strconv.ParseFloat(least, 64)
		if err != nil || err2 != nil || n <= bound {
			ts.Fatalf("%s is %s, want more than %s", args[0], got, least)
		}
		return
	}
	if got != args[1] {
		ts.Fatalf("%s is %q, want %q", args[0], got, args[1])
	}
}

func let(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv(args[0], at(ts, args[1])) }

// at returns what stands at a path of the JSON on stdout; len is a list's length.
func at(ts *testscript.TestScript, path string) string {
	var v any
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	dec.UseNumber()
	ts.Check(dec.Decode(&v))
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			if step == "len" {
				v = len(x)
				continue
			}
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				ts.Fatalf("no %s in a list of %d", path, len(x))
			}
			v = x[i]
		default:
			ts.Fatalf("no %s", path)
		}
	}
	return fmt.Sprint(v)
}

func sums(ts *testscript.TestScript, _ bool, _ []string) {
	var c core.Counts
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &c))
	if c.Received == 0 || c.Accounted() != c.Received {
		ts.Fatalf("received %d, states sum to %d", c.Received, c.Accounted())
	}
	for _, key := range []string{"received", "created", "updated", "deleted", "merged", "unchanged", "kept", "conflicts", "filtered", "quarantined", "sent", "delivered", "refused", "seconds"} {
		if at(ts, key) == "<nil>" {
			ts.Fatalf("%s is missing", key)
		}
	}
}

func spoil(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(spoilFile(ts.MkAbs(args[0])))
}

func copyFolder(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

func without(ts *testscript.TestScript, _ bool, args []string) {
	in, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), args[1]))
	ts.Check(err)
	if len(in) > 0 {
		ts.Fatalf("%s is there", in[0])
	}
}

func holds(ts *testscript.TestScript, not bool, args []string) {
	dir, text, found, files := ts.MkAbs(args[0]), args[1], "", 0
	ts.Check(filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if strings.Contains(strings.TrimPrefix(name, dir), text) || bytes.Contains(content, []byte(text)) {
			found = name
		}
		files++
		return err
	}))
	if files == 0 || (found != "") == not {
		ts.Fatalf("%q in one of the %d files of %s: %q", text, files, args[0], found)
	}
}

// spoilFile overwrites the first pages of a database that nobody has open.
func spoilFile(name string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(name + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(bytes.Repeat([]byte("spoilt"), 2000))
	return errors.Join(err, f.Close())
}
