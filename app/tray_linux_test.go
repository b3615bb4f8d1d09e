//go:build !headless

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/platform"
	"github.com/fieldsync/fieldsync/storage"
)

// The program as a person sees it: a real window on a display of the test's own,
// a real session bus, a tray icon that a panel shows.
func TestTheRealWindow(t *testing.T) {
	display := newDisplay(t)
	for _, tt := range []struct {
		name string
		test func(*desktop)
	}{
		{"practise and live in the tray", liveInTheTray},
		{"the keyboard alone", keyboardAlone},
		{"quit during a run", quitDuringARun},
		{"start hidden and be told", startHidden},
		{"no tray host", noTrayHost},
		{"no bus", noBus},
		{"the bus goes away", busGone},
		{"the bus goes away during the start", busGoneAtStart},
		{"a setup file reaches the window that is open", setUpByAFurtherStart},
		{"a start that fails says why", failingStart},
		{"a damaged database is mended", mendAndOpen},
		{"what ended it unexpectedly is told", tellOfACrash},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(newDesktop(t, display)) })
	}
}

// A first start, a practice sync by clicking, and a day in the tray.
func liveInTheTray(d *desktop) {
	d.startBus()
	panel, crash := d.startPanel()
	p := d.start("data")
	d.t.Logf("the window was there after %s", d.until("a window", d.visible).Round(time.Millisecond))
	d.until("a tray icon", panel.hasIcon)
	d.until("the menu says that nothing is set up", panel.says("Nothing is set up yet."))
	d.clickPrimary("Start practising")
	d.until("everything is there", panel.says("Everything is at Practice repository."))
	d.picture("home")
	if tip := panel.tip(); !strings.Contains(tip, "Everything is at Practice repository.") || !strings.Contains(tip, "next") {
		d.t.Errorf("the tip says %q", tip)
	}

	d.closeWindow()
	d.until("no window", d.invisible)
	panel.click("Sync now", d.bubbles.has("Sync complete"))
	d.bubbles.click()
	d.until("the window after a click on it", d.visible)

	d.closeWindow()
	d.until("no window", d.invisible)
	panel.activate()
	d.until("the window after a click on the icon", d.visible)

	d.closeWindow()
	d.until("no window", d.invisible)
	second := d.start("data")
	d.t.Logf("a second start ended after %s", second.ended().Round(time.Millisecond))
	d.until("the first window", d.visible)

	crash()
	panel, _ = d.startPanel()
	d.until("the icon in a new panel", panel.hasIcon)
	panel.click("For an hour", panel.says("Resume"))
	if out := d.command("data", "status"); !strings.Contains(out, "Paused until") {
		d.t.Errorf("status after a pause: %s", out)
	}
	d.picture("paused")
	panel.click("Resume", panel.says("For an hour"))
	if n := len(d.bubbles.all()); n != 1 {
		d.t.Errorf("%d notifications, want the one of the sync: %v", n, d.bubbles.all())
	}
	panel.click("Quit", p.over)
}

// Whoever has no mouse practises, sees the keys, and syncs, wherever the keyboard
// stands: on an entry of the navigation, and on the buttons behind.
func keyboardAlone(d *desktop) {
	p := d.start("data")
	d.until("a window with something in it", func() bool { return d.visible() && d.bright() })
	for range entries + 2 { // past the navigation and the list of keys, to the first button
		d.enter(key("Tab"))
	}
	d.enter(key("Return"))
	d.until("practice data", func() bool { return strings.Contains(d.command("data", "status"), "Everything is at Practice") })
	syncs := func() int {
		return strings.Count(d.command("data", "runs", "list", "--limit", "0", "--json"), `"finished"`)
	}
	for range entries + 3 {
		d.enter(key("Tab"))
		before := syncs()
		d.enter(key("F1"))
		d.until("the list of keys", func() bool { return !d.bright() })
		d.enter(key("Escape"))
		d.until("no list", d.bright)
		d.enter(key("F5"))
		d.until("another sync", func() bool { return syncs() > before })
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	p.ended()
}

// manyRecords make a run that takes a while.
const manyRecords = 8000

// prepare prepares a data folder for a practice repository in this process, with
// more records if there are any. The gate before it is open.
func prepare(d *desktop, folder, password string, more ...core.Record) *gate {
	d.t.Helper()
	p := practiceServer(d.t, 3)
	if err := p.Store().Fill(context.Background(), more); err != nil {
		d.t.Fatal(err)
	}
	repo := p.Repository()
	g := newGate(d.t, repo.URL)
	d.t.Setenv("FIELDSYNC_PASSWORD", password)
	if password == "" {
		d.t.Setenv("FIELDSYNC_PASSWORD", repo.Password.Reveal())
	}
	d.command(folder, "repository", "add", "Practice", g.url, "--username", repo.Username, "--proxy", "none")
	d.command(folder, "resource", "add", "Practice", "org_organisation")
	return g
}

// A gate stands before a repository and lets a number of pages through; whoever
// asks for more waits.
type gate struct {
	url string

	mu     sync.Mutex // guards what follows
	pages  int        // still to be let through
	opened chan struct{}
}

func newGate(t *testing.T, to string) *gate {
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{pages: 1 << 30, opened: make(chan struct{})}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	proxy.ErrorLog = log.New(io.Discard, "", 0) // those who quit while they wait are meant to
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("start") != "" {
			g.pass(r.Context())
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { g.open(); server.Close() })
	g.url = server.URL + target.Path
	return g
}

// let lets only so many pages through from now on.
func (g *gate) let(pages int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pages, g.opened = pages, make(chan struct{})
}

// open lets everything through.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pages = 1 << 30
	select {
	case <-g.opened:
	default:
		close(g.opened)
	}
}

func (g *gate) pass(ctx context.Context) {
	g.mu.Lock()
	g.pages--
	wait, opened := g.pages < 0, g.opened
	g.mu.Unlock()
	if wait {
		select {
		case <-ctx.Done():
		case <-opened:
		}
	}
}

// The window answers during a run, and quitting in the middle loses nothing.
func quitDuringARun(d *desktop) {
	records := make([]core.Record, manyRecords)
	for i := range records {
		records[i] = core.Record{Resource: "org_organisation", UUID: core.NewUUID(), CreatedOn: 1_700_000_000, ModifiedOn: 1_700_000_000 + core.MTime(i)}
		records[i].Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("Organisation %d", i))})
	}
	gate := prepare(d, "data", "", records...)
	gate.let(4)
	d.startBus()
	panel, _ := d.startPanel()
	p := d.start("data")
	d.until("a tray icon", panel.hasIcon)
	d.until("a run", panel.says("Synchronising…"))
	d.until("records arrive", func() bool { return d.records() > 100 })
	d.picture("working")
	panel.click("Quit", p.over)
	d.t.Logf("quit during a run with %d of %d records", d.records(), manyRecords)
	before := d.records()

	gate.let(0)
	p = d.start("data")
	d.until("a tray icon", func() bool { return panel.says("Quit")() })
	d.until("the window has been drawn, and measured itself", func() bool { _, measured := d.longestPause("data"); return measured })
	gate.open()
	for range 3 { // the run goes on meanwhile
		d.browse()
	}
	d.until("all the rest", func() bool { return d.records() >= manyRecords })
	d.until("everything is there", panel.says("Everything is at Practice."))
	if before < 100 || before >= manyRecords {
		d.t.Errorf("the run that was ended kept %d records, want some", before)
	}
	longest, _ := d.longestPause("data")
	d.t.Logf("longest pause of the window during the runs: %s", longest)
	if longest > frozen {
		d.t.Errorf("the window did not answer for %s during a run", longest)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	d.t.Logf("it ended %s after SIGTERM", p.ended().Round(time.Millisecond))
	d.t.Logf("from its start to its end it used %s of the processor", (p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()).Round(10*time.Millisecond))
	d.command("data", "doctor")
}

// records counts the organisations in the data folder.
func (d *desktop) records() int {
	for line := range strings.SplitSeq(d.command("data", "status"), "\n") {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "org_organisation" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				d.t.Fatal(err)
			}
			return n
		}
	}
	return 0
}

// frozen is far above what the window needs: the machine of the tests draws with its
// processor and may have ten other things to do.
const frozen = 10 * time.Second

// longestPause reads from the log for how long at most the window did not answer,
// without the first quarter of a second of each start.
func (d *desktop) longestPause(folder string) (longest time.Duration, measured bool) {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, folder, "log", "fieldsync.log"))
	if err != nil {
		d.t.Fatal(err)
	}
	first := true
	for line := range strings.SplitSeq(string(text), "\n") {
		_, ms, found := strings.Cut(line, "longest_pause_ms=")
		switch {
		case strings.Contains(line, `msg="Scheduler started"`):
			first = true
		case found && first:
			first = false
		case found:
			n, err := strconv.Atoi(ms)
			if err != nil {
				d.t.Fatal(err)
			}
			longest = max(longest, time.Duration(n)*time.Millisecond)
			measured = true
		}
	}
	return longest, measured
}

// At login it starts without a window, and says what needs a person.
func startHidden(d *desktop) {
	prepare(d, "data", "wrong")
	d.startBus()
	panel, _ := d.startPanel()
	p := d.start("data", "--hidden")
	d.until("a tray icon", panel.hasIcon)
	d.until("that the password is refused", d.bubbles.has("Fieldsync needs you"))
	d.until("the menu says so", panel.says("Practice needs your attention."))
	if d.visible() {
		d.t.Error("a window shows although it started hidden")
	}
	if again := d.start("data", "--hidden"); again.ended() > 0 && d.visible() {
		d.t.Error("a second hidden start shows the window")
	}
	panel.activate()
	d.until("the window", d.visible)
	d.picture("refused")
	if n := d.bubbles.count("Fieldsync needs you"); n != 1 {
		d.t.Errorf("told %d times", n)
	}
	panel.click("Quit", p.over)
}

// A window that a fault ends leaves behind where it stood: the next one says so once, and
// which file to send. One that is quit leaves nothing.
func tellOfACrash(d *desktop) {
	d.startBus()
	panel, _ := d.startPanel()
	p := d.start("data")
	d.until("a window with something in it", func() bool { return d.visible() && d.bright() })
	if err := p.cmd.Process.Signal(syscall.SIGABRT); err != nil { // as the C library ends a program
		d.t.Fatal(err)
	}
	<-p.end
	d.until("no window", d.invisible)

	p = d.start("data")
	d.until("a tray icon", panel.hasIcon)
	d.until("a window with something in it", func() bool { return d.visible() && d.bright() })
	left, err := filepath.Glob(filepath.Join(p.data, "log", "crash-*.txt"))
	if err != nil || len(left) != 1 {
		d.t.Fatalf("%q was left behind (%v), want one file", left, err)
	}
	if trace, err := os.ReadFile(left[0]); err != nil || !strings.HasPrefix(string(trace), "Fieldsync ") || !strings.Contains(string(trace), "goroutine 1 ") {
		d.t.Errorf("%v: the trace does not say which version stood where: %s", err, trace)
	}
	panel.click("Quit", p.over)

	p = d.start("data")
	d.until("a tray icon", panel.hasIcon)
	d.until("a window with something in it", func() bool { return d.visible() && d.bright() })
	panel.click("Quit", p.over)
	if _, err := os.Stat(filepath.Join(p.data, "log", "crash.txt")); !errors.Is(err, os.ErrNotExist) {
		d.t.Errorf("a window that was quit left a trace behind: %v", err)
	}
	if told := d.command("data", "log", "--json"); strings.Count(told, "ended unexpectedly") != 1 || !strings.Contains(told, left[0]) || !strings.Contains(told, `"fatal"`) {
		d.t.Errorf("the log does not tell once which file to send:\n%s", told)
	}
}

// On a desktop without tray icons closing asks, and the window stays reachable; a
// panel that comes later gets the icon.
func noTrayHost(d *desktop) {
	d.startBus()
	p := d.start("data")
	d.until("a window with something in it", func() bool { return d.visible() && d.bright() })
	d.closeWindow()
	d.until("a question", func() bool { return !d.bright() })
	d.picture("close-without-tray")
	if d.invisible() {
		d.t.Fatal("the window is gone and nobody can bring it back")
	}
	d.clickPrimary("Go on syncing")
	d.until("no window after “Go on syncing”", d.invisible)
	d.start("data").ended()
	d.until("the window after a second start", d.visible)

	panel, _ := d.startPanel()
	d.until("the icon in the panel that came later", panel.hasIcon)
	d.until("the menu", panel.says("Open Fieldsync"))
	time.Sleep(time.Second) // for the window to have heard of the panel, too: nothing tells it
	d.closeWindow()
	d.until("no window, without a question", d.invisible)
	panel.click("Open Fieldsync", d.visible)
	panel.click("Quit", p.over)
}

// bright reports whether the light ground of a page is to be seen; a dialog
// darkens it. Below every dialog there is some of it left.
func (d *desktop) bright() bool {
	img := d.screen("")
	b := img.Bounds()
	r, g, bl, _ := img.At(b.Dx()/2, b.Dy()-60).RGBA()
	return r>>8 > 0xd0 && g>>8 > 0xd0 && bl>>8 > 0xd0
}

// Without a session bus there is neither icon nor notification; the window works.
func noBus(d *desktop) {
	p := d.start("data")
	d.until("a window", d.visible)
	d.clickPrimary("Start practising")
	d.until("everything is there", func() bool { return strings.Contains(d.command("data", "status"), "Everything is at Practice") })
	d.picture("no-bus")
	d.start("data").ended()
	if d.invisible() {
		d.t.Error("the window is gone after a second start")
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	p.ended()
}

// A bus that ends before the program takes nothing along: the window works on
// without an icon, and comes when it is started again.
func busGone(d *desktop) {
	d.startBus()
	panel, _ := d.startPanel()
	p := d.start("data")
	d.until("a window", d.visible)
	d.until("a tray icon", panel.hasIcon)
	d.endBus()
	d.clickPrimary("Start practising")
	d.until("everything is there", func() bool { return strings.Contains(d.command("data", "status"), "Everything is at Practice") })
	d.start("data").ended()
	if d.invisible() {
		d.t.Error("the window is gone after a second start")
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	p.ended()
}

// A bus that ends in the very moment in which the program takes its place on it, as
// when somebody logs out while it starts, takes nothing along either.
func busGoneAtStart(d *desktop) {
	for range 5 {
		d.startBus()
		icons := d.names("org.kde.StatusNotifierItem-")
		p := d.start("data")
		<-icons
		d.endBus()
		d.until("a window with something in it", func() bool { return d.visible() && d.bright() })
		d.command("data", "status")
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			d.t.Fatal(err)
		}
		p.ended()
	}
}

// Whoever opens a setup file while the window is open is led on in that window.
func setUpByAFurtherStart(d *desktop) {
	server := practiceServer(d.t, 9)
	file := filepath.Join(d.dir, `the "office".json`)
	text := `{"fieldsync": 1, "repositories": [{"name": "HQ", "url": "` + server.URL() + `", "proxy": "none", "resources": [{"table": "org_office"}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	p := d.start("data")
	d.until("a window with something in it", func() bool { return d.visible() && d.bright() })
	d.start("data", "--setup", file).ended()
	d.until("what was set up is there", func() bool { // as a person does who sees that the laptop was not ready yet: again
		d.clickPrimary("Next, or Test")
		time.Sleep(500 * time.Millisecond) // not until the screen rests: in a field a cursor blinks
		d.enter(key("ctrl+a"), practice.Username, key("Tab"), key("ctrl+a"), practice.Password.Reveal(), key("Return"))
		return strings.Contains(d.command("data", "status"), "Everything is at HQ")
	})
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	p.ended()
}

// A person who clicked on the icon sees no terminal.
func failingStart(d *desktop) {
	if err := os.WriteFile(filepath.Join(d.dir, "data"), nil, 0o600); err != nil { // a file where the folder should be
		d.t.Fatal(err)
	}
	p := d.start("data")
	d.until("a window that says why", d.visible)
	d.untilDrawn("the whole sentence")
	d.clickPrimary("Close")
	select {
	case err := <-p.end:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 {
			d.t.Errorf("it ended with %v, want exit code 2: the folder is wrong", err)
		}
	case <-time.After(time.Minute):
		d.picture("failed")
		d.t.Error("it did not end after its one button was pressed")
	}
}

// The window that says what is wrong mends it, and the program starts anew by itself.
func mendAndOpen(d *desktop) {
	prepare(d, "data", "")
	d.command("data", "sync")
	if err := spoilFile(filepath.Join(d.dir, "data", "fieldsync.db")); err != nil {
		d.t.Fatal(err)
	}
	d.startBus()
	panel, _ := d.startPanel()
	p := d.start("data")
	d.until("the window that says what is wrong", d.visible)
	d.picture("damaged")
	d.clickPrimary("Mend it")
	d.until("the program started anew", func() bool {
		if panel.hasIcon() {
			return true
		}
		d.clickPrimary("Open Fieldsync")
		return false
	})
	p.ended()
	d.until("the window", d.visible)
	d.until("what was lost came back from the server", panel.says("Everything is at Practice."))
	d.picture("mended")
	d.command("data", "doctor")
	panel.click("Quit", d.invisible)
	d.until("the end of the second process", func() bool {
		unlock, err := storage.LockInstance(filepath.Join(d.dir, "data"))
		if err == nil {
			unlock()
		}
		return err == nil
	})
}

// Fyne's loop and what it waits for at its end race with each other: see stopSimply.
func TestFynesLoopEndsWithoutAnEventOfItsOwn(t *testing.T) {
	d := newDesktop(t, "")
	t.Setenv("HOME", d.dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(d.dir, "config"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(d.dir, "cache"))
	l, ok := newApp().Lifecycle().(interface{ OnStopped() func() })
	if !ok || l.OnStopped() != nil {
		t.Errorf("an event waits for the end of the loop (known: %t)", ok)
	}
}

// A briefApp is Fyne's test application with a loop that lasts as long as run.
type briefApp struct {
	fyne.App
	run func()
}

func (a briefApp) Run() { a.run() }

// All that works beside the window ends with it.
func TestTheWindowLeavesNothingBehind(t *testing.T) {
	d := newDesktop(t, "")
	d.startBus()
	d.startPanel()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // no keyring
	app := test.NewTempApp(t)
	dir := t.TempDir()
	unlock, err := storage.LockInstance(dir) // as every window does: the socket lies beside it
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	node, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.address)
	noLeaks(t)
	err = serveWindow(t.Context(), node, false, briefApp{app, func() {
		node.Events.Emit(event.Noticed{Notice: core.Notice{Class: core.NoticePortal}})
		d.until("a notification", d.bubbles.has("This network wants you to log in first"))
		if err := platform.Ring(t.Context(), node.Dir, show); err != nil {
			t.Error(err)
		}
		d.until("the scheduler works", node.Runner.Leading)
	}})
	if err := errors.Join(err, node.Close()); err != nil {
		t.Error(err)
	}
}
