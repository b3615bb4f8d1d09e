//go:build !headless

package app

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/cli"
)

const (
	maxTraces = 5        // of past crashes that are kept
	maxTold   = 16 << 10 // bytes of one that the logs repeat
)

// A crashTrace is the file in which the runtime writes where a window stood that a fault
// of its own ended: on Windows it has no console, elsewhere nobody reads its standard
// error. One window at a time works on a data folder, so there is one file.
type crashTrace struct {
	name string // "" if none can be kept
	past string // what the last window left behind; "" if it ended as it should
	at   time.Time
	text []byte // the past one's beginning
}

// traceCrashes puts a trace that the last window left behind aside, and begins a new
// file. Where that cannot be, the window works without.
func traceCrashes(dir string) *crashTrace {
	logs := filepath.Join(dir, "log")
	c := &crashTrace{}
	if os.MkdirAll(logs, 0o700) != nil {
		return c
	}
	name := filepath.Join(logs, "crash.txt")
	if !c.putAside(name) {
		return c
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return c
	}
	defer f.Close() // the runtime has a handle of its own
	fmt.Fprintf(f, "Fieldsync %s, %s/%s\n", build.Version, runtime.GOOS, runtime.GOARCH)
	if debug.SetCrashOutput(f, debug.CrashOptions{}) == nil {
		c.name = name
	}
	return c
}

// putAside keeps what a crash wrote under the time of it; it reports whether name is free.
func (c *crashTrace) putAside(name string) bool {
	content, err := os.ReadFile(name)
	_, trace, _ := bytes.Cut(content, []byte("\n")) // after our own line
	if err != nil || len(trace) == 0 {
		return true
	}
	if info, err := os.Stat(name); err == nil {
		c.at = info.ModTime()
	}
	past := filepath.Join(filepath.Dir(name), "crash-"+c.at.Format("2006-01-02-150405")+".txt")
	if os.Rename(name, past) != nil {
		return false
	}
	c.past, c.text = past, content[:min(len(content), maxTold)]
	all, _ := filepath.Glob(filepath.Join(filepath.Dir(name), "crash-*.txt"))
	slices.Sort(all)
	for _, old := range all[:max(0, len(all)-maxTraces)] {
		_ = os.Remove(old)
	}
	return true
}

// tell says in both logs that the last window ended unexpectedly, if it did.
func (c *crashTrace) tell(ctx context.Context, n *cli.Node) {
	if c.past == "" {
		return
	}
	n.Log.Error("The last window ended unexpectedly", "at", c.at, "file", c.past, "trace", string(c.text))
	if store, ok := n.Store.(replica); ok {
		_, err := store.AddLog(ctx, core.LogEntry{Time: core.MTimeOf(c.at), Resource: "none", Mode: "none", Direction: "none", Action: "crash", Result: core.ResultFatal,
			Message: fmt.Sprintf("Fieldsync ended unexpectedly. Your records are safe. Please send the file %s to whoever looks after this program.", c.past),
			Details: string(c.text)})
		if err != nil {
			n.Log.Error("Crash not told", "err", err)
		}
	}
}

// end takes the file away: the window ends as it should.
func (c *crashTrace) end() {
	if c.name != "" {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		_ = os.Remove(c.name)
	}
}
