//go:build soak && linux

package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
)

// A soak is the real headless program, left alone with a server that comes and
// goes. SOAK says for how long; an hour by default.
type soak struct {
	t          *testing.T
	practice   *practice.Practice
	door       *door
	program    string
	data       string
	worker     *exec.Cmd
	goroutines atomic.Int64
	heap       atomic.Int64
	runs       atomic.Int64
	failed     atomic.Int64
}

// A reading is what the program uses at a moment.
type reading struct {
	at                       time.Duration
	rss, heap                int64 // bytes
	goroutines, files, tasks int64
	cpu                      time.Duration
	runs, failed             int64
	phase                    string
}

func TestSoak(t *testing.T) {
	length := time.Hour
	if text := os.Getenv("SOAK"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	s := newSoak(t)
	began := time.Now()
	readings := []reading{}
	note := func(phase string) {
		r := s.read(phase)
		r.at = time.Since(began)
		readings = append(readings, r)
		t.Logf("%s", r)
	}
	time.Sleep(min(20*time.Second, length/10))
	note("started")
	for time.Since(began) < length*8/10 {
		s.live(length / 20)
		note("working")
	}
	s.command("schedule", "remove", "1")
	s.command("schedule", "add", "Practice", "--every", "1d")
	time.Sleep(15 * time.Second)
	note("idle begins")
	time.Sleep(length - time.Since(began))
	note("idle ends")
	s.end()
	s.judge(readings)
}

// Without a word of the operating system the server's return is noticed when the
// back-off is over. The same in virtual time is in package schedule.
func TestAServerThatReturnsUnannounced(t *testing.T) {
	noLeaks(t)
	repo, host := practise(t)
	d := newDoor(t, host)
	repo.URL, repo.Proxy = "http://"+d.addr+"/eden", "none"
	s := startScheduled(t)
	s.add(repo)
	s.until("the first run", through)
	d.shut()
	s.runner.SyncNow()
	s.until("it says that the server is away", waiting(core.CausePeer))
	d.open()
	took := s.until("a run after the return", through)
	t.Logf("a run came through %s after the server's return", took.Round(time.Millisecond))
	s.stop()
}

func newSoak(t *testing.T) *soak {
	p, err := practice.Start(context.Background(), practice.Options{Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	repo := p.Repository()
	s := &soak{t: t, practice: p, door: newDoor(t, strings.Split(strings.TrimPrefix(repo.URL, "http://"), "/")[0]), data: t.TempDir(),
		program: filepath.Join(t.TempDir(), "fieldsync")}
	build := exec.Command("go", "build", "-buildvcs=false", "-tags", "sqlite_fts5 headless", "-o", s.program, "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("FIELDSYNC_PASSWORD", repo.Password.Reveal())
	s.command("repository", "add", "Practice", "http://"+s.door.addr+"/eden", "--username", repo.Username, "--proxy", "none")
	s.command("resource", "add", "Practice", "org_organisation", "org_office", "pr_person")
	s.command("schedule", "add", "Practice", "--every", "1m")
	s.command("background", "--send-after", "10s")
	s.worker = exec.Command(s.program, "--data", s.data, "worker", "--json", "--health", "5s")
	out, err := s.worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.worker.Stderr = os.Stderr
	if err := s.worker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.worker.Process.Kill() })
	go s.follow(out)
	return s
}

func (s *soak) follow(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Msg, Result      string
			Goroutines, Heap int64
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch {
		case line.Msg == "Health":
			s.goroutines.Store(line.Goroutines)
			s.heap.Store(line.Heap)
		case line.Msg == "Run finished" && line.Result == "success":
			s.runs.Add(1)
		case line.Msg == "Run finished":
			s.failed.Add(1)
		}
	}
}

func (s *soak) command(args ...string) {
	s.t.Helper()
	if out, err := exec.Command(s.program, append([]string{"--data", s.data}, args...)...).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// live is a stretch of work: changes on both sides, the server goes and returns.
func (s *soak) live(d time.Duration) {
	end := time.Now().Add(d)
	for time.Now().Before(end) {
		if _, err := s.practice.Colleague(context.Background()); err != nil {
			s.t.Fatal(err)
		}
		time.Sleep(d / 6)
		s.door.shut()
		time.Sleep(d / 6)
		s.door.open()
		time.Sleep(d / 6)
	}
}

func (s *soak) read(phase string) reading {
	proc := fmt.Sprintf("/proc/%d", s.worker.Process.Pid)
	stat, err := os.ReadFile(proc + "/stat")
	if err != nil {
		s.t.Fatalf("the program is gone: %v", err)
	}
	f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		return n
	}
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		s.t.Fatal(err)
	}
	const tick = 10 * time.Millisecond // the unit of utime and stime: USER_HZ
	return reading{rss: number(f[21]) * int64(os.Getpagesize()), heap: s.heap.Load(), goroutines: s.goroutines.Load(), files: int64(len(files)), tasks: number(f[17]),
		cpu: time.Duration(number(f[11])+number(f[12])) * tick, runs: s.runs.Load(), failed: s.failed.Load(), phase: phase}
}

// String is one line for who watches.
func (r reading) String() string {
	return fmt.Sprintf("%s %s: memory %.1f MB, heap %.1f MB, goroutines %d, files %d, threads %d, CPU %s, runs %d, failed %d", r.at.Round(time.Second), r.phase,
		mega(r.rss), mega(r.heap), r.goroutines, r.files, r.tasks, r.cpu, r.runs, r.failed)
}

func mega(n int64) float64 { return float64(n) / (1 << 20) }

// end asks the program to end, as a log-out does.
func (s *soak) end() {
	began := time.Now()
	if err := s.worker.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := s.worker.Wait(); err != nil {
		s.t.Errorf("it did not end cleanly: %v", err)
	}
	s.t.Logf("ended %s after SIGTERM", time.Since(began).Round(time.Millisecond))
}

func (s *soak) judge(readings []reading) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 2, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "time\tphase\tmemory MB\theap MB\tgoroutines\tfiles\tthreads\tCPU s\truns\tfailed\t")
	for _, r := range readings {
		fmt.Fprintf(w, "%s\t%s\t%.1f\t%.1f\t%d\t%d\t%d\t%.2f\t%d\t%d\t\n", r.at.Round(time.Second), r.phase, mega(r.rss), mega(r.heap), r.goroutines, r.files, r.tasks, r.cpu.Seconds(), r.runs, r.failed)
	}
	w.Flush()
	s.t.Logf("\n%s", b.String())
	early, last, idle := readings[min(len(readings)/4, len(readings)-2)], readings[len(readings)-1], readings[len(readings)-2]
	share := float64(last.cpu-idle.cpu) / float64(last.at-idle.at) * 100
	s.t.Logf("idle: %.3f %% of a core over %s", share, (last.at - idle.at).Round(time.Second))
	if share >= 1 {
		s.t.Errorf("idle takes %.2f %% of a core", share)
	}
	if grown := last.rss - early.rss; grown > 24<<20 {
		s.t.Errorf("memory grew by %.1f MB", mega(grown))
	}
	if last.goroutines > early.goroutines+5 || last.files > early.files+5 {
		s.t.Errorf("goroutines %d to %d, files %d to %d", early.goroutines, last.goroutines, early.files, last.files)
	}
	if last.runs < 3 {
		s.t.Errorf("only %d runs came through", last.runs)
	}
}
