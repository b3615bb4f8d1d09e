//go:build linux && (amd64 || arm64)

package largepages

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // whose memory is the C library's
)

// kept keeps what a test asks for on the heap.
var kept []byte

func needLargePages(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this kernel has no large pages:", err)
	}
}

func TestTheHeapsAreAskedForInLargePages(t *testing.T) {
	needLargePages(t)
	kept = make([]byte, 32<<20)
	first, last := address(&kept[0]), address(&kept[len(kept)-1])
	found := map[string]bool{}
	for _, m := range mappings(t) {
		for what, is := range map[string]bool{
			"Go's heap where it begins to grow": m.begin <= first && first < m.end,
			"Go's heap where it has grown":      m.begin <= last && last < m.end,
			"the C library's heap":              m.name == "[heap]",
		} {
			found[what] = found[what] || is && m.large
		}
	}
	for what, large := range found {
		if !large {
			t.Errorf("%s is not asked for in large pages", what)
		}
	}
}

// The C library's heap begins anywhere, up to 2 MB before its first large page.
func TestNobodyUsesWhatLiesBeforeTheFirstLargePage(t *testing.T) {
	needLargePages(t)
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE room AS SELECT randomblob(3000000) AS bytes"); err != nil {
		t.Fatal(err)
	}
	for _, m := range mappings(t) {
		if m.name == "[heap]" && !m.large && m.resident > 12 {
			t.Errorf("%d kB of the heap are in pages of 4 KB", m.resident)
		}
	}
}

func address(b *byte) uint64 { return uint64(uintptr(unsafe.Pointer(b))) }

// A mapping is a piece of the program's memory: where it lies, what it is called, how many
// kB of it there are, and whether it was asked for in large pages (man 5 proc_pid_smaps: Rss;
// VmFlags, hg).
type mapping struct {
	begin, end uint64
	name       string
	resident   int
	large      bool
}

func mappings(t *testing.T) []mapping {
	t.Helper()
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []mapping
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		var m mapping
		if n, _ := fmt.Sscanf(line, "%x-%x ", &m.begin, &m.end); n == 2 {
			if words := strings.Fields(line); len(words) > 5 {
				m.name = words[5]
			}
			all = append(all, m)
		} else if n, _ := fmt.Sscanf(line, "Rss: %d kB", &m.resident); n == 1 && len(all) > 0 {
			all[len(all)-1].resident = m.resident
		} else if strings.HasPrefix(line, "VmFlags:") && len(all) > 0 {
			all[len(all)-1].large = strings.Contains(line, " hg")
		}
	}
	if err := lines.Err(); err != nil || len(all) == 0 {
		t.Fatal("no mappings", err)
	}
	return all
}
