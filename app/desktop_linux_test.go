//go:build !headless

package app

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// A desktop is what a laptop's screen is to the program: a display with a window
// manager, a session bus, and on it a panel that shows tray icons and a service
// that shows notifications. The last two belong to the test.
type desktop struct {
	t       *testing.T
	display string
	address string // of the session bus; "" without one
	dir     string

	endBus  func()     // as it happens when a person logs out
	conn    *dbus.Conn // the test's own
	panel   *panel
	bubbles *bubbles
}

// need returns a program that the tests start.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the tests with a real window need %s, which make deps-test installs: %v", name, err)
	}
	return path
}

// begin starts a process that ends with the test.
func begin(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// newDisplay starts a display of the test's own with a window manager.
func newDisplay(t *testing.T) string {
	t.Helper()
	number, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	x := exec.Command(need(t, "Xvfb"), "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "+extension", "GLX")
	x.ExtraFiles = []*os.File{write}
	begin(t, x)
	write.Close()
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatalf("the display did not start: %v", err)
	}
	display := ":" + strings.TrimSpace(line)
	manager := exec.Command(need(t, "openbox"))
	manager.Env = append(os.Environ(), "DISPLAY="+display, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	begin(t, manager)
	return display
}

// newDesktop starts a session on a display, with a bus that has neither panel nor
// notifications yet.
func newDesktop(t *testing.T, display string) *desktop {
	t.Helper()
	for _, tool := range []string{"xdotool", "wmctrl", "import"} {
		need(t, tool)
	}
	dir, err := os.MkdirTemp("", "fs") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &desktop{t: t, display: display, dir: dir}
	t.Cleanup(d.races)
	return d
}

// startBus starts the session bus.
func (d *desktop) startBus() {
	d.t.Helper()
	daemon := exec.Command(need(d.t, "dbus-daemon"), "--session", "--nofork", "--print-address", "--address=unix:path="+filepath.Join(d.dir, "bus"))
	out, err := daemon.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	begin(d.t, daemon)
	d.endBus = func() { _ = daemon.Process.Kill() }
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		d.t.Fatal(err)
	}
	d.address = strings.TrimSpace(line)
	d.conn = d.connect()
	d.bubbles = newBubbles(d)
}

// names closes what it returns when somebody takes a name on the bus that begins so.
func (d *desktop) names(begin string) <-chan struct{} {
	d.t.Helper()
	conn, taken := d.connect(), make(chan struct{})
	if err := conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged")); err != nil {
		d.t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 100)
	conn.Signal(signals)
	go func() { // ends with the bus
		for s := range signals {
			if name, _ := s.Body[0].(string); strings.HasPrefix(name, begin) {
				close(taken)
				return
			}
		}
	}()
	return taken
}

func (d *desktop) connect() *dbus.Conn {
	d.t.Helper()
	conn, err := dbus.Connect(d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	return conn
}

// A program is Fieldsync's window at work.
type program struct {
	*desktop
	data string
	cmd  *exec.Cmd
	end  chan error
}

// env is the environment of everything that runs on the desktop.
func (d *desktop) env() []string {
	env := []string{"DISPLAY=" + d.display, "DBUS_SESSION_BUS_ADDRESS=" + d.address, "HOME=" + d.dir, "XDG_CONFIG_HOME=" + d.dir + "/config", "XDG_CACHE_HOME=" + d.dir + "/cache",
		"XDG_DATA_HOME=" + d.dir + "/share", "XDG_RUNTIME_DIR=" + d.dir, "PATH=" + os.Getenv("PATH"), "LIBGL_ALWAYS_SOFTWARE=1", "LANG=en_US.UTF-8", "TZ=UTC", "GORACE=exitcode=0 log_path=" + filepath.Join(d.dir, "race"), "FIELDSYNC_WATCH_WINDOW=1", "FYNE_THEME=light"}
	return env
}

// start starts the window on a data folder below the desktop's own.
func (d *desktop) start(folder string, args ...string) *program {
	d.t.Helper()
	p := &program{desktop: d, data: filepath.Join(d.dir, folder), end: make(chan error, 1)}
	p.cmd = exec.Command("fieldsync", append([]string{"--data", p.data}, args...)...)
	p.cmd.Env = d.env()
	p.cmd.Stdout, p.cmd.Stderr = os.Stderr, os.Stderr
	if err := p.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go func() { p.end <- p.cmd.Wait() }() // ends with the program
	d.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// command runs a command of Fieldsync on the folder and returns what it prints.
func (d *desktop) command(folder string, args ...string) string {
	d.t.Helper()
	cmd := exec.Command("fieldsync", append([]string{"--data", filepath.Join(d.dir, folder)}, args...)...)
	cmd.Env = append(d.env(), "FIELDSYNC_PASSWORD="+os.Getenv("FIELDSYNC_PASSWORD"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// ended waits for the program's end and returns how long that took.
func (p *program) ended() time.Duration {
	p.t.Helper()
	began := time.Now()
	for !p.over() {
		if time.Since(began) > mostWait {
			p.picture("failed")
			p.dump()
			p.t.Fatalf("it had not ended %s after it was to", mostWait)
		}
		time.Sleep(50 * time.Millisecond) // another process: no virtual time
	}
	return time.Since(began)
}

// dump lets the program print where each of its goroutines stands.
func (p *program) dump() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		p.t.Error(err)
		return
	}
	select {
	case <-p.end:
	case <-time.After(10 * time.Second):
		p.t.Error("it does not even say where it stands")
	}
}

// over reports whether the program has ended.
func (p *program) over() bool {
	select {
	case err := <-p.end:
		if err != nil {
			p.t.Errorf("the program did not end well: %v", err)
		}
		close(p.end) // over for good
		return true
	default:
		return false
	}
}

// mostWait is how long what another process does may take on a machine that has
// other things to do.
const mostWait = time.Minute

// until waits until a condition holds: what another process does cannot be waited
// for in any other way.
func (d *desktop) until(what string, is func() bool) time.Duration {
	d.t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > mostWait {
			d.picture("failed")
			d.t.Fatalf("did not happen within %s: %s", mostWait, what)
		}
		time.Sleep(50 * time.Millisecond) // another process: no virtual time
	}
	return time.Since(began)
}

// tool runs one of the tools that look at the display; its failure means "no".
func (d *desktop) tool(name string, args ...string) (string, bool) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.display)
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err == nil
}

// window returns the number of the window that is to be seen; "" if none is.
func (d *desktop) window() string {
	out, ok := d.tool("xdotool", "search", "--onlyvisible", "--name", "^Fieldsync$")
	if !ok {
		return ""
	}
	return strings.Fields(out)[0]
}

func (d *desktop) visible() bool   { return d.window() != "" }
func (d *desktop) invisible() bool { return d.window() == "" }

// closeWindow presses the close button of the window's frame.
func (d *desktop) closeWindow() {
	d.t.Helper()
	if _, ok := d.tool("wmctrl", "-i", "-c", d.window()); !ok {
		d.t.Fatal("the window cannot be closed")
	}
}

// screen returns what is to be seen on the display, and keeps it as a picture if
// FIELDSYNC_SCREENSHOTS names a folder and name is not "".
func (d *desktop) screen(name string) image.Image {
	d.t.Helper()
	file := filepath.Join(d.dir, "screen.png")
	if _, ok := d.tool("import", "-window", "root", file); !ok {
		d.t.Fatal("the screen cannot be read")
	}
	content, err := os.ReadFile(file)
	if err != nil {
		d.t.Fatal(err)
	}
	if dir := os.Getenv("FIELDSYNC_SCREENSHOTS"); dir != "" && name != "" {
		if err := os.WriteFile(filepath.Join(dir, "real-"+name+".png"), content, 0o600); err != nil {
			d.t.Error(err)
		}
	}
	img, err := png.Decode(strings.NewReader(string(content)))
	if err != nil {
		d.t.Fatal(err)
	}
	return img
}

// picture keeps what is to be seen.
func (d *desktop) picture(name string) {
	if os.Getenv("FIELDSYNC_SCREENSHOTS") != "" {
		d.screen(name)
	}
}

// primary is the colour of the one button to press: look.Theme's light palette.
var primary = [3]uint32{0x14, 0x69, 0x7a}

// clickPrimary clicks on the one button of a page that is drawn to be pressed.
func (d *desktop) clickPrimary(what string) {
	d.t.Helper()
	var at image.Point
	d.until("the button to press is there: "+what, func() bool {
		var found bool
		at, found = widest(d.screen(""), primary)
		return found
	})
	if _, ok := d.tool("xdotool", "mousemove", fmt.Sprint(at.X), fmt.Sprint(at.Y), "click", "1"); !ok {
		d.t.Fatal("no click")
	}
}

// A key is one of the keyboard, by its name for xdotool.
type key string

// enter types texts and presses keys, in turn.
func (d *desktop) enter(all ...any) {
	d.t.Helper()
	for _, what := range all {
		how := []string{"type", "--delay", "40", "--", fmt.Sprint(what)}
		if k, ok := what.(key); ok {
			how = []string{"key", string(k)}
		}
		if _, ok := d.tool("xdotool", how...); !ok {
			d.t.Fatalf("%q cannot be typed", what)
		}
	}
}

// Where the entries of the navigation are in the window, in pixels, and how many
// there are.
const (
	entriesX, firstEntryY, entryHeight = 100, 92, 44
	entries                            = 6
)

// browse opens every page, one after the other, turns its tabs and searches on it.
func (d *desktop) browse() {
	d.t.Helper()
	for i := range entries {
		at := []string{"mousemove", "--window", d.window(), fmt.Sprint(entriesX), fmt.Sprint(firstEntryY + i*entryHeight), "click", "1"}
		if _, ok := d.tool("xdotool", at...); !ok {
			d.t.Fatal("no click")
		}
		d.enter(key("ctrl+Page_Down"), key("ctrl+f"), "a")
	}
}

// untilDrawn waits until the screen changes no more, where no cursor blinks.
func (d *desktop) untilDrawn(what string) {
	d.t.Helper()
	var before []byte
	d.until(what, func() bool {
		time.Sleep(300 * time.Millisecond) // another process: no virtual time
		now := pixels(d.screen(""))
		same := bytes.Equal(now, before)
		before = now
		return same
	})
}

// pixels are what a picture shows.
func pixels(img image.Image) []byte {
	b := img.Bounds()
	out := image.NewRGBA(b)
	draw.Draw(out, b, img, b.Min, draw.Src)
	return out.Pix
}

// buttonWidth is how wide the colour of a button runs at least.
const buttonWidth = 60

// widest returns a point in the longest line of one colour.
func widest(img image.Image, colour [3]uint32) (at image.Point, found bool) {
	b, most := img.Bounds(), buttonWidth
	for y := b.Min.Y; y < b.Max.Y; y++ {
		length := 0
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := img.At(x, y).RGBA()
			if r>>8 != colour[0] || g>>8 != colour[1] || bl>>8 != colour[2] {
				length = 0
				continue
			}
			if length++; length > most {
				most, at, found = length, image.Pt(x-length/2, y+2), true
			}
		}
	}
	return at, found
}

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	itemFace    = "org.kde.StatusNotifierItem"
	menuFace    = "com.canonical.dbusmenu"
)

// A panel shows tray icons. Its methods are called over the bus.
type panel struct {
	d    *desktop
	conn *dbus.Conn

	mu    sync.Mutex // guards items
	items []string   // the senders that registered
}

// startPanel starts a panel; stop ends it as a crash does.
func (d *desktop) startPanel() (p *panel, stop func()) {
	d.t.Helper()
	p = &panel{d: d, conn: d.connect()}
	if err := p.conn.Export(p, "/StatusNotifierWatcher", watcherName); err != nil {
		d.t.Fatal(err)
	}
	_, err := prop.Export(p.conn, "/StatusNotifierWatcher", prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true}, "RegisteredStatusNotifierItems": {Value: []string{}}, "ProtocolVersion": {Value: int32(0)}}})
	if err != nil {
		d.t.Fatal(err)
	}
	if reply, err := p.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		d.t.Fatal(reply, err)
	}
	d.panel = p
	return p, func() { p.conn.Close() }
}

// RegisterStatusNotifierItem is called by whoever wants an icon.
func (p *panel) RegisterStatusNotifierItem(_ string, sender dbus.Sender) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items = append(p.items, string(sender))
	return nil
}

// icon returns the sender of the last icon; "" if there is none.
func (p *panel) icon() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.items) == 0 {
		return ""
	}
	return p.items[len(p.items)-1]
}

func (p *panel) hasIcon() bool { return p.icon() != "" }

// layout is an entry of a menu with what is below it.
type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// item finds a menu item whose label has those words; depth first.
func (p *panel) item(words string) (l layout, found bool) {
	var revision uint32
	var root layout
	object := p.d.conn.Object(p.icon(), "/StatusNotifierItem/menu")
	if object.Call(menuFace+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root) != nil {
		return l, false
	}
	return find(root, words)
}

func find(l layout, words string) (layout, bool) {
	if label, _ := l.Properties["label"].Value().(string); strings.Contains(label, words) {
		return l, true
	}
	for _, v := range l.Children {
		var child layout
		if v.Store(&child) == nil {
			if found, ok := find(child, words); ok {
				return found, true
			}
		}
	}
	return layout{}, false
}

// says reports whether the menu has a line with those words.
func (p *panel) says(words string) func() bool {
	return func() bool { _, ok := p.item(words); return ok }
}

// patience is how long a click may take to show its effect before a person would
// click again: a menu that was made anew meanwhile has other numbers.
const patience = 3 * time.Second

// click clicks on a menu item until that has the effect.
func (p *panel) click(words string, effect func() bool) {
	p.d.t.Helper()
	clicked := time.Time{}
	took := p.d.until("the effect of a click on "+words, func() bool {
		if effect() {
			return true
		}
		item, ok := p.item(words)
		if enabled, known := item.Properties["enabled"].Value().(bool); !ok || known && !enabled || time.Since(clicked) < patience {
			return false
		}
		clicked = time.Now()
		p.d.conn.Object(p.icon(), "/StatusNotifierItem/menu").Call(menuFace+".Event", 0, item.ID, "clicked", dbus.MakeVariant(""), uint32(0))
		return false
	})
	p.d.t.Logf("%s: the effect was seen after %s", words, took.Round(time.Millisecond))
}

// activate clicks on the icon itself.
func (p *panel) activate() {
	p.d.t.Helper()
	if err := p.d.conn.Object(p.icon(), "/StatusNotifierItem").Call(itemFace+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		p.d.t.Fatal(err)
	}
}

// tip returns what stands beside the icon when the mouse rests on it.
func (p *panel) tip() string {
	v, err := p.d.conn.Object(p.icon(), "/StatusNotifierItem").GetProperty(itemFace + ".ToolTip")
	if err != nil {
		return ""
	}
	var tip struct {
		Name  string
		Icons []struct {
			W, H int32
			Pix  []byte
		}
		Title, Text string
	}
	if v.Store(&tip) != nil {
		return ""
	}
	return tip.Title
}

// bubbles are the notifications that were shown.
type bubbles struct {
	d    *desktop
	conn *dbus.Conn

	mu    sync.Mutex // guards shown
	shown []bubble
}

// A bubble is one of them.
type bubble struct {
	title, body string
	actions     []string
}

func newBubbles(d *desktop) *bubbles {
	b := &bubbles{d: d, conn: d.connect()}
	if err := b.conn.Export(b, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		d.t.Fatal(err)
	}
	if reply, err := b.conn.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		d.t.Fatal(reply, err)
	}
	return b
}

// GetCapabilities tells what this service can do.
func (b *bubbles) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"body", "actions"}, nil
}

// Notify takes a notification.
func (b *bubbles) Notify(_ string, _ uint32, _, title, body string, actions []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = append(b.shown, bubble{title, body, actions})
	return uint32(len(b.shown)), nil
}

// all returns what was shown so far.
func (b *bubbles) all() []bubble {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]bubble(nil), b.shown...)
}

// has reports whether one of that title was shown.
func (b *bubbles) has(title string) func() bool {
	return func() bool { return b.count(title) > 0 }
}

func (b *bubbles) count(title string) (n int) {
	for _, s := range b.all() {
		if s.title == title {
			n++
		}
	}
	return n
}

// click clicks on the last one.
func (b *bubbles) click() {
	b.d.t.Helper()
	if err := b.conn.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", uint32(len(b.all())), "default"); err != nil {
		b.d.t.Fatal(err)
	}
	// Desktops close a notification that was clicked, which Fyne's own tray icon
	// does not survive on a shared connection.
	if err := b.conn.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.NotificationClosed", uint32(len(b.all())), uint32(2)); err != nil {
		b.d.t.Fatal(err)
	}
}
