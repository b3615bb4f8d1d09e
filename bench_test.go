//go:build bench && linux

package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// benchSizes are the numbers of records; memory must not grow with them.
var benchSizes = []int{10_000, 100_000}

// TestTerminalBench does the whole job in the terminal with many records: first
// pull, a sync with nothing to do, an edit of a tenth of the records and of all
// of them, delivery. It prints time and peak memory of each command. The
// program is $FIELDSYNC_BIN; the peer runs in this process.
func TestTerminalBench(t *testing.T) {
	bin := os.Getenv("FIELDSYNC_BIN")
	if bin == "" {
		t.Fatal("set FIELDSYNC_BIN to the program, or run make bench")
	}
	sizes := benchSizes
	if n, err := strconv.Atoi(os.Getenv("FIELDSYNC_BENCH_RECORDS")); err == nil {
		sizes = []int{n}
	}
	for _, n := range sizes {
		b := &bench{T: t, bin: bin, dir: t.TempDir(), records: n}
		b.start()
		b.run()
	}
}

const (
	benchUser     = "bench"
	benchPassword = "bench-password"
	benchTable    = "org_organisation"
)

type bench struct {
	*testing.T
	bin     string
	dir     string
	records int
	url     string
}

// start serves the records from memory.
func (b *bench) start() {
	now := time.Now()
	store := memory.New(core.Node{UUID: core.NewUUID(), Name: "Bench"}, time.Now)
	hash, err := responder.HashPassword(benchPassword)
	b.check(err)
	store.SaveAccount(core.Account{Name: benchUser, Hash: hash})
	store.Share(benchTable)
	all := make([]core.Record, b.records)
	for i := range all {
		all[i] = benchRecord(i, core.MTimeOf(now.Add(-48*time.Hour)))
	}
	b.check(store.Fill(b.Context(), all))
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	b.check(err)
	b.url = "http://" + listener.Addr().String() + "/eden"
	r := responder.New(store, responder.Options{Prefix: "/eden", Welcome: true, Rate: 1e6, Burst: 1e6})
	server := &http.Server{Handler: &benchPeer{r, all}, ReadHeaderTimeout: time.Minute}
	b.Cleanup(func() { b.check(server.Close()) })
	go func() { _ = server.Serve(listener) }() // ends with the test
}

// A benchPeer answers the pages of a first pull straight from a list, because
// the store in memory sorts everything for each page, which would be most of
// what is measured. The responder answers everything else.
type benchPeer struct {
	next http.Handler
	all  []core.Record
}

// ServeHTTP answers one request.
func (p *benchPeer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	start, err1 := strconv.Atoi(q.Get("start"))
	limit, err2 := strconv.Atoi(q.Get("limit"))
	if err1 != nil || err2 != nil || req.Method != http.MethodGet || q.Has("msince") || strings.Contains(req.URL.RawQuery, "uuid__") {
		p.next.ServeHTTP(w, req)
		return
	}
	page := p.all[min(start, len(p.all)):]
	page = page[:min(limit, len(page))]
	w.Header().Set("Content-Type", "text/xml")
	enc := s3xml.NewEncoder(w, s3xml.Root{Success: true, Results: len(page), Start: start, Limit: limit})
	for i := range page {
		rec := page[i]
		rec.MCI++
		_ = enc.Encode(&rec) // a broken connection is the program's to tell
	}
	_ = enc.Close()
}

// benchRecord has the shape of a real organisation: about a dozen fields.
func benchRecord(i int, modified core.MTime) core.Record {
	rec := core.Record{Resource: benchTable, UUID: core.NewUUID(), CreatedOn: modified, ModifiedOn: modified + core.MTime(i%86400)}
	for _, name := range []string{"name", "acronym", "website", "phone", "comments", "country", "donation_phone", "email", "address", "contact"} {
		rec.Set(core.Field{Name: name, Value: core.Text(fmt.Sprintf("%s of organisation %d, संस्था", name, i))})
	}
	rec.Set(core.Field{Name: "year", Value: core.Value{Kind: core.Integer, Str: strconv.Itoa(1900 + i%120)}})
	rec.Set(core.Field{Name: "active", Value: core.Value{Kind: core.Boolean, Str: "true"}})
	return rec
}

func (b *bench) run() {
	fmt.Printf("\n%d records, %s, %d CPUs\n%-44s %10s %10s %12s\n", b.records, runtime.Version(), runtime.NumCPU(), "stage", "wall", "CPU", "peak RSS")
	b.quietly("repository", "add", "Bench", b.url, "--username", benchUser, "--proxy", "none")
	b.quietly("resource", "add", "Bench", benchTable)
	b.stage("first pull", "sync")
	b.stage("sync with nothing to do", "sync")
	b.stage("search, first time (builds the index)", "records", "search", "999")
	b.stage("search", "records", "search", "999")
	file := filepath.Join(b.dir, "all.csv")
	b.stage("export to CSV", "export", benchTable, "-o", file)
	b.edit(file, 10)
	b.stage("edit a tenth (import from CSV)", "import", file, "--resource", benchTable)
	b.stage("push a tenth, with proof of delivery", "sync")
	b.edit(file, 1)
	b.stage("edit all (import from CSV)", "import", file, "--resource", benchTable)
	b.stage("push all, with proof of delivery", "sync")
	b.stage("sync with nothing to do", "sync")
}

// edit changes one field in every nth row of the file.
func (b *bench) edit(name string, nth int) {
	f, err := os.Open(name)
	b.check(err)
	rows, err := csv.NewReader(f).ReadAll()
	b.check(err)
	b.check(f.Close())
	column := 0
	for i, title := range rows[0] {
		if title == "comments" {
			column = i
		}
	}
	for i := 1; i < len(rows); i += nth {
		rows[i][column] += "!"
	}
	f, err = os.Create(name)
	b.check(err)
	w := csv.NewWriter(f)
	b.check(w.WriteAll(rows))
	b.check(f.Close())
}

func (b *bench) quietly(args ...string) { b.command(args) }

func (b *bench) stage(name string, args ...string) {
	started := time.Now()
	cmd, peak := b.command(args)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	fmt.Printf("%-44s %8.2f s %8.2f s %9d MiB\n", name, time.Since(started).Seconds(), cpu.Seconds(), peak>>10)
}

// command runs the program and returns its peak memory in KiB. It looks while
// the program runs: what the system tells at the end (ru_maxrss) begins with the
// memory of this process, from which the program was forked.
func (b *bench) command(args []string) (cmd *exec.Cmd, peak int) {
	cmd = exec.CommandContext(b.Context(), b.bin, append([]string{"--data", filepath.Join(b.dir, "data")}, args...)...)
	cmd.Env = append(os.Environ(), "FIELDSYNC_PASSWORD="+benchPassword, "DBUS_SESSION_BUS_ADDRESS=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	b.check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				b.Fatalf("%v: %v\n%s", args, err, out.String())
			}
			return cmd, peak
		case <-look.C:
			peak = max(peak, peakMemory(cmd.Process.Pid))
		}
	}
}

// peakMemory reads VmHWM of a process, in KiB; 0 if it has ended.
func peakMemory(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]), " kB")) // 0 if it is ending
	return kib
}

func (b *bench) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
