//go:build linux

package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
)

// The real program on a disk that is really full: a small file system, where this
// user may mount one. (Within the program the same is shown on every system by
// TestAFullDiskLosesNothingThatWasStored and by the simulator.)
func TestTheProgramOnAFullDisk(t *testing.T) {
	address, server := killServer(t, 100)
	d := newFullDisk(t, address, server)
	if d == nil {
		return
	}
	d.must("sync")

	all := server.Records(killTable)
	d.edit(all[0].UUID, "acknowledged before")
	d.fill()
	d.refuses("records", "set", string(killTable), all[1].UUID, "comments="+strings.Repeat("too much ", 10_000))
	d.refuses("sync")
	d.makeRoom()
	d.sound()
	d.edit(all[1].UUID, "acknowledged after")
	d.settle()
	d.compare()
	var edited struct{ Fields map[string]string }
	if err := json.Unmarshal([]byte(d.must("records", "show", string(killTable), all[0].UUID, "--json")), &edited); err != nil || edited.Fields["comments"] != "acknowledged before" {
		t.Errorf("the edit from before is %q, %v", edited.Fields["comments"], err)
	}
}

// A disk that becomes full in the middle of a pull or of a push, with what comes or goes half
// noted: the next sync with room goes on, and nothing is lost or there twice.
func TestTheDiskBecomesFullDuringASync(t *testing.T) {
	const records = 3000
	pulls := func(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.Query().Has("start") }
	pushes := func(r *http.Request) bool { return r.Method != http.MethodGet && r.URL.Query().Has("repository") }
	for _, tt := range []struct {
		during string
		known  bool // the server's records are here before
		asked  func(*http.Request) bool
		times  int32 // which of these requests finds it full
	}{
		{"a first pull, at once", false, pulls, 1},
		{"a first pull, later", false, pulls, 4},
		{"a pull", true, pulls, 1},
		{"a push, at once", true, pushes, 1},
		{"a push, later", true, pushes, 2},
	} {
		t.Run(tt.during, func(t *testing.T) {
			var left atomic.Int32
			var d *fullDisk
			address, server := killServer(t, records, func(r *http.Request) {
				if tt.asked(r) && left.Add(-1) == 0 {
					d.fill()
				}
			})
			if d = newFullDisk(t, address, server); d == nil {
				return
			}
			if tt.known {
				d.must("sync")
				d.editAll("here")
				for _, r := range server.Records(killTable)[:records/2] {
					if err := setThere(t.Context(), server, r.Link(), "phone", "there"); err != nil {
						t.Fatal(err)
					}
				}
			}
			left.Store(tt.times)
			d.refuses("sync")
			if left.Load() > 0 {
				t.Fatalf("it was not asked %d times", tt.times)
			}
			d.must("status")
			d.sound()
			d.makeRoom()
			d.settle()
			d.compare()
			if n := len(server.Records(killTable)); n != records {
				t.Errorf("the server has %d records, want %d", n, records)
			}
		})
	}
}

// editAll changes all records on the laptop.
func (d *fullDisk) editAll(text string) {
	d.Helper()
	var b strings.Builder
	b.WriteString("uuid,name,comments\n")
	for _, r := range d.server.Records(killTable) {
		fmt.Fprintf(&b, "%s,%s,%s\n", r.UUID, r.Value("name").Str, text)
		d.edited[r.UUID] = text
	}
	file := filepath.Join(d.T.TempDir(), "edits.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		d.Fatal(err)
	}
	d.must("import", file, "--resource", string(killTable))
}

// newFullDisk makes a laptop on a small file system of its own; nil where this user may not
// mount one.
func newFullDisk(t *testing.T, address string, server *memory.Store) *fullDisk {
	t.Helper()
	d := &fullDisk{killing: &killing{T: t, program: builtProgram(t), data: t.TempDir(), server: server, edited: map[string]string{}}}
	if err := syscall.Mount("tmpfs", d.data, "tmpfs", 0, "size=96m"); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Logf("no file system can be mounted here: %v", err)
		return nil
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.data, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("FIELDSYNC_PASSWORD", killPassword)
	d.must("init", "--name", "Laptop")
	d.must("repository", "add", "hub", address, "--username", killUser, "--proxy", "none")
	d.must("resource", "add", "hub", string(killTable))
	return d
}

type fullDisk struct{ *killing }

func (d *fullDisk) edit(uuid, text string) {
	d.Helper()
	d.must("records", "set", string(killTable), uuid, "comments="+text)
	d.edited[uuid] = text
}

func (d *fullDisk) ballast() string { return filepath.Join(d.data, "ballast") }

// fill takes all the room that is left.
func (d *fullDisk) fill() {
	d.Helper()
	f, err := os.Create(d.ballast())
	if err != nil {
		d.Fatal(err)
	}
	_, err = io.Copy(f, zeros{})
	if !errors.Is(err, syscall.ENOSPC) {
		d.Fatalf("the disk is not full: %v", err)
	}
	if err := f.Close(); err != nil {
		d.Fatal(err)
	}
}

func (d *fullDisk) makeRoom() {
	d.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// refuses runs the program, which must say in a sentence that the disk is full, and
// that trying again helps.
func (d *fullDisk) refuses(args ...string) {
	d.Helper()
	out, err := d.command(args...).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		d.Errorf("%.40v: %v, want exit code 1\n%s", args, err, out)
	}
	full := &core.Problem{Kind: core.DiskFull}
	for _, sentence := range []string{full.Message(), full.Safe(), full.Hint()} {
		if !strings.Contains(string(out), sentence) {
			d.Errorf("%.40v does not say %q, but:\n%s", args, sentence, out)
		}
	}
}
