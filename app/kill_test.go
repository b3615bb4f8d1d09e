//go:build linux

package app

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
	"github.com/pressly/goose/v3"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
)

// The real program, killed with SIGKILL at random moments while it pulls, pushes,
// stores edits, migrates and copies its database, and started again. Nobody
// repairs anything. After each kill SQLite finds the database sound; in the end
// everything that was acknowledged is on both sides, which hold the same.
//
// FIELDSYNC_KILLS is how often (20), FIELDSYNC_KILL_SEED which moments,
// FIELDSYNC_BIN the program, which is built if it is not given.
func TestKilledAtRandomMoments(t *testing.T) {
	kills, seed := numberFrom("FIELDSYNC_KILLS", 20), uint64(numberFrom("FIELDSYNC_KILL_SEED", 1))
	k := newKilling(t, seed, 400)
	for n := 0; n < kills; {
		switch k.rand.IntN(5) {
		case 0:
			k.migrate()
		case 1, 2:
			k.change()
			fallthrough
		default:
			k.serverChanges()
			n += k.kill("sync", k.fullSync, "sync")
			k.sound()
			continue
		}
		n++
	}
	k.settle()
	k.compare()
	t.Logf("%d kills: %v", kills, k.during)
}

func numberFrom(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

const killTable = core.Resource("org_organisation")

// A killing is one data folder and one server.
type killing struct {
	*testing.T
	rand     *rand.Rand
	program  string
	data     string
	server   *memory.Store
	fullSync time.Duration     // what a whole first sync takes
	edited   map[string]string // uuid -> comments, as acknowledged by the program
	next     int
	during   map[string]int
}

func newKilling(t *testing.T, seed uint64, records int) *killing {
	k := &killing{T: t, rand: rand.New(rand.NewPCG(seed, 77)), program: builtProgram(t), data: t.TempDir(), edited: map[string]string{}, during: map[string]int{}}
	address, store := killServer(t, records)
	k.server = store
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("FIELDSYNC_PASSWORD", killPassword)
	k.must("init", "--name", "Laptop")
	k.must("repository", "add", "hub", address, "--username", killUser, "--proxy", "none")
	k.must("resource", "add", "hub", string(killTable))
	began := time.Now()
	k.must("sync")
	k.fullSync = max(time.Since(began), 50*time.Millisecond)
	return k
}

const killUser, killPassword = "laptop", "correct horse battery"

// killServer answers from memory, in this process. What is asked of it is told before.
func killServer(t *testing.T, records int, told ...func(*http.Request)) (address string, store *memory.Store) {
	store = memory.New(core.Node{UUID: core.NewUUID(), Name: "hub"}, time.Now)
	hash, err := responder.HashPassword(killPassword)
	if err != nil {
		t.Fatal(err)
	}
	store.SaveAccount(core.Account{Name: killUser, Hash: hash})
	store.Share(killTable)
	all := make([]core.Record, records)
	for i := range all {
		all[i] = organisation(i)
	}
	if err := store.Fill(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answer := responder.New(store, responder.Options{Welcome: true, Rate: 1e6, Burst: 1e6})
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, tell := range told {
			tell(r)
		}
		answer.ServeHTTP(w, r)
	})}
	t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }() // ends with the test
	return "http://" + listener.Addr().String() + "/eden", store
}

func organisation(n int) core.Record {
	r := core.Record{Resource: killTable, UUID: core.NewUUID(), ModifiedOn: core.MTimeOf(time.Now().Add(-time.Hour))}
	for _, name := range []string{"name", "acronym", "website", "comments", "phone"} {
		r.Set(core.Field{Name: name, Value: core.Text(fmt.Sprintf("%s of %d", name, n))})
	}
	return r
}

var programOnce = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("FIELDSYNC_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	dir, err := os.MkdirTemp("", "fieldsync-kill-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "fieldsync-cli")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-tags", "sqlite_fts5 headless", "-o", program, "..").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return program, nil
})

// builtProgram returns the program without a window, made once for all tests.
func builtProgram(t *testing.T) string {
	t.Helper()
	program, err := programOnce()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func (k *killing) command(args ...string) *exec.Cmd {
	return exec.CommandContext(k.Context(), k.program, append([]string{"--data", k.data}, args...)...)
}

// must runs the program to its end.
func (k *killing) must(args ...string) string {
	k.Helper()
	out, err := k.command(args...).CombinedOutput()
	if err != nil {
		k.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// kill starts the program and kills it at a moment within d; it returns 1 if the
// program was still at work, 0 if it was faster.
func (k *killing) kill(what string, d time.Duration, args ...string) int {
	k.Helper()
	var said bytes.Buffer
	cmd := k.command(args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	time.Sleep(time.Duration(k.rand.Int64N(int64(d) + 1)))
	_ = cmd.Process.Kill() // it may have ended by itself
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		k.during[what]++
		return 1
	}
	if err != nil {
		k.Fatalf("%v ended by itself: %v\n%s", args, err, &said)
	}
	return 0
}

// change edits records on the laptop; what the program acknowledged must never be
// lost.
func (k *killing) change() {
	k.Helper()
	file := filepath.Join(k.T.TempDir(), "edits.csv")
	var b strings.Builder
	b.WriteString("uuid,name,comments\n")
	edits := map[string]string{}
	all := k.server.Records(killTable)
	for range 60 {
		k.next++
		r := all[k.rand.IntN(len(all))]
		if edits[r.UUID] != "" {
			continue
		}
		edits[r.UUID] = fmt.Sprintf("edit %d", k.next)
		fmt.Fprintf(&b, "%s,%s,edit %d\n", r.UUID, r.Value("name").Str, k.next)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		k.Fatal(err)
	}
	if k.kill("edit", k.fullSync, "import", file, "--resource", string(killTable)) == 1 {
		k.sound()
		for uuid := range edits {
			delete(k.edited, uuid) // not acknowledged: it may be there or not
		}
		return
	}
	for uuid, text := range edits {
		k.edited[uuid] = text
	}
}

// serverChanges lets somebody at the server change a few records in another field.
func (k *killing) serverChanges() {
	k.Helper()
	all := k.server.Records(killTable)
	for range 20 {
		k.next++
		l := all[k.rand.IntN(len(all))].Link()
		if err := setThere(k.Context(), k.server, l, "phone", fmt.Sprintf("server %d", k.next)); err != nil {
			k.Fatal(err)
		}
	}
}

// sound lets SQLite examine the database as the killed process left it.
func (k *killing) sound() {
	k.Helper()
	if said := integrity(k.T, filepath.Join(k.data, "fieldsync.db")); said != "ok" {
		k.Fatalf("the database is not sound after a kill: %s", said)
	}
}

func integrity(t *testing.T, path string) (said string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&said); err != nil {
		t.Fatal(err)
	}
	return said
}

// migrate lets the program bring an old database up to date and kills it at that,
// or while it copies the old one first; the next start ends what was begun.
func (k *killing) migrate() {
	k.Helper()
	const rows = 20000
	data := k.data
	defer func() { k.data = data }()
	k.data = k.T.TempDir()
	oldDatabase(k.T, k.data, rows)
	k.kill("migration", k.fullSync, "status")
	k.must("status")
	k.sound()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(k.data, "fieldsync.db"))
	if err != nil {
		k.Fatal(err)
	}
	defer db.Close()
	var kept int
	if err := db.QueryRowContext(k.Context(), `SELECT count(*) FROM log`).Scan(&kept); err != nil || kept != rows {
		k.Errorf("%d of %d rows are left after a migration, %v", kept, rows, err)
	}
	copies, _ := filepath.Glob(filepath.Join(k.data, "backups", "fieldsync-*-migration.db"))
	whole := 0
	for _, path := range copies {
		if integrity(k.T, path) == "ok" && countOf(k.T, path) == rows {
			whole++
		}
	}
	if whole == 0 {
		k.Errorf("no whole copy of the old database is left: %v", copies)
	}
}

func countOf(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM log`).Scan(&n); err != nil {
		return 0 // a copy that was broken off
	}
	return n
}

// oldDatabase makes a database of the first version with some rows in its log.
func oldDatabase(t *testing.T, dir string, rows int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "fieldsync.db")+"?_journal_mode=WAL&_synchronous=OFF")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	steps, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("../storage/migrations"), goose.WithTableName("migration"), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO log (time, run, repository_id, repository, resource, mode, direction, action, result, remote, message, details)
SELECT i, 'old', 0, 'old', 'org_office', 'pull', 'outgoing', 'import', 'success', 0, 'row ' || i, hex(randomblob(100)) FROM n`, rows)
	if err != nil {
		t.Fatal(err)
	}
}

// settle lets the program synchronise undisturbed.
func (k *killing) settle() {
	k.Helper()
	for range 3 {
		k.must("sync")
	}
	out := k.must("sync", "--json")
	var c core.Counts
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		k.Fatalf("%v: %s", err, out)
	}
	if c.Changed()+c.Sent+c.Conflicts+c.Quarantined != 0 {
		k.Errorf("a further sync moved %s", c)
	}
	k.must("doctor")
	k.sound()
}

// compare lays both sides beside each other.
func (k *killing) compare() {
	k.Helper()
	db, err := storage.Open(k.Context(), storage.Options{Dir: k.data, Secrets: storage.NewFileSecrets(k.data)})
	if err != nil {
		k.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			k.Error(err)
		}
	}()
	all := k.server.Records(killTable)
	for i := range all {
		there := &all[i]
		here, err := db.Record(k.Context(), there.Link())
		if err != nil {
			k.Errorf("%s is not on the laptop: %v", there.UUID, err)
			continue
		}
		if !core.SameContent(&here, there) {
			k.Errorf("%s differs: here %+v, there %+v", there.UUID, here.Fields, there.Fields)
		}
		want, ok := k.edited[there.UUID]
		if ok && there.Value("comments").Str != want && !listed(k.T, db, there.Link(), want) {
			k.Errorf("%s: the edit %q is lost, there is %q", there.UUID, want, there.Value("comments").Str)
		}
	}
}

// listed reports whether a value stands in the list of conflicts: nobody knew that
// a former edit had arrived, and somebody there changed that version.
func listed(t *testing.T, db *storage.DB, l core.Link, value string) bool {
	t.Helper()
	list, err := db.Conflicts(t.Context(), storage.ConflictQuery{Record: l})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(list, func(c core.Conflict) bool {
		return c.Ours.Value("comments").Str == value || c.Theirs.Value("comments").Str == value
	})
}

// setThere changes a field as the server's own people would, in one step: the server
// may still be carrying out what a killed program sent.
func setThere(ctx context.Context, store intake.Store, l core.Link, field, value string) error {
	return store.Import(ctx, func(tx intake.Tx) error {
		r, err := tx.Record(ctx, l)
		if err != nil {
			return err
		}
		r.Set(core.Field{Name: field, Value: core.Text(value)})
		r.ModifiedOn = max(core.MTimeOf(time.Now()), r.ModifiedOn+1)
		return tx.Put(ctx, &r, core.Change{Rule: "edit", By: "somebody", At: r.ModifiedOn})
	})
}
