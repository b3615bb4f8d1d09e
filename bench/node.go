//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tools are the programs that a bench runs.
type tools struct {
	self, program, measure, limit     string
	window, emptyWindow, emptyProgram string
	slowDisk                          string // the library that makes a disk slow
	work                              string // folder for everything that is made
	peak                              peak
}

// A peak is the most memory that the terminal program needed, and in what.
type peak struct {
	rss int64
	of  string
}

func (p *peak) reach(rss int64, of string) {
	if rss > p.rss {
		*p = peak{rss, of}
	}
}

// A node is a data folder of the headless program.
type node struct {
	*tools
	dir   string
	under []string // a command that runs the program, with its arguments
	env   []string
}

func (t *tools) newNode(name string) *node {
	n := &node{tools: t, dir: filepath.Join(t.work, name)}
	n.drop() // what cannot be removed is seen at once
	return n
}

func (n *node) drop() {
	_ = os.RemoveAll(n.dir)
	_ = os.RemoveAll(n.state())
}

// state is where the node remembers what must not come back with its data folder: a
// copy of a folder is a node of its own here.
func (n *node) state() string { return n.dir + "-state" }

// surroundings are what all of the node's commands find.
func (n *node) surroundings() []string {
	return append([]string{"DBUS_SESSION_BUS_ADDRESS=", "XDG_STATE_HOME=" + n.state()}, n.env...)
}

// command runs one of Fieldsync's commands.
func (n *node) command(ctx context.Context, args ...string) (usage, []byte, error) {
	env := append([]string{"FIELDSYNC_PASSWORD=" + peerPassword}, n.surroundings()...)
	u, out, err := n.run(ctx, command{args: slices.Concat(n.under, []string{n.program, "--data", n.dir}, args), env: env})
	n.peak.reach(u.rss, fmt.Sprintf("%q of the node %s", args[0], filepath.Base(n.dir)))
	return u, out, err
}

// withInput is command with something to read.
func (n *node) withInput(ctx context.Context, input string, args ...string) error {
	cmd := exec.CommandContext(ctx, n.program, append([]string{"--data", n.dir}, args...)...)
	cmd.Env = append(os.Environ(), n.surroundings()...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", args, err, tail(out))
	}
	return nil
}

// do runs commands that are not measured.
func (n *node) do(ctx context.Context, commands ...[]string) error {
	for _, args := range commands {
		if _, _, err := n.command(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// join makes the node call a peer for some tables.
func (n *node) join(ctx context.Context, url string, tables ...string) error {
	return n.do(ctx,
		[]string{"init", "--name", filepath.Base(n.dir)},
		[]string{"repository", "add", "Bench", url, "--username", peerUser, "--proxy", "none"},
		append([]string{"resource", "add", "Bench"}, tables...),
		[]string{"repository", "register", "Bench"})
}

// counts are what a sync says it did.
type counts struct {
	Created, Updated, Delivered int
}

// sync runs a sync and checks that it did what it should have: a figure of a run
// that did something else would be worth nothing.
func (n *node) sync(ctx context.Context, want counts, flags ...string) (usage, error) {
	u, out, err := n.command(ctx, append([]string{"sync", "--json"}, flags...)...)
	if err != nil {
		return u, err
	}
	var did counts
	if err := json.Unmarshal(out, &did); err != nil {
		return u, fmt.Errorf("%w: %s", err, tail(out))
	}
	if did != want {
		return u, fmt.Errorf("sync: did %+v instead of %+v", did, want)
	}
	return u, nil
}

// size is what the database takes on the disk, in bytes.
func (n *node) size() (int64, error) {
	info, err := os.Stat(n.database())
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (n *node) database() string { return filepath.Join(n.dir, "fieldsync.db") }

// A server is a program that answers until it is ended.
type server struct {
	cmd *exec.Cmd
	url string
}

// startServer starts a program and waits for the address that it prints first.
func startServer(env []string, name string, args ...string) (*server, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := strings.Index(lines.Text(), "http://"); at >= 0 {
			s.url = strings.Fields(lines.Text()[at:])[0]
			go func() {
				for lines.Scan() { // a full pipe would stop it
				}
			}()
			return s, nil
		}
	}
	s.stop()
	return nil, errors.New(name + " did not say where it answers")
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	ended := time.AfterFunc(10*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait() // a server that is told to end says so with its exit code
	ended.Stop()
}

// peer starts the bench's own peer with a dataset.
func (t *tools) peer(records, tables int) (*server, error) {
	return startServer(nil, t.self, "peer", strconv.Itoa(records), strconv.Itoa(tables))
}

// change changes every so manieth record of the bench's own peer, for the nth
// time.
func (s *server) change(ctx context.Context, every, nth int) error {
	url := fmt.Sprintf("%s/change?every=%d&time=%d", strings.TrimSuffix(s.url, "/eden"), every, nth)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New("the peer: " + answer.Status)
	}
	return nil
}

// used is what a server used so far.
func (s *server) used() (u usage, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return u, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	for _, f := range fields[11:13] { // utime, stime, in hundredths of a second
		ticks, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return u, err
		}
		u.cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return u, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	u.rss = kib << 10
	return u, err
}
