package lock

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

type memory struct{ hash string }

func (m *memory) Passcode(context.Context) (string, error) { return m.hash, nil }
func (m *memory) SetPasscode(_ context.Context, hash string) error {
	m.hash = hash
	return nil
}

// a clock that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newLock(t *testing.T) (*Lock, *memory, *clock) {
	c := &clock{time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)}
	m := &memory{}
	l := New(m, c.now)
	if err := l.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l, m, c
}

func TestTheConfigurationIsOpenWithoutAPasscode(t *testing.T) {
	l, _, _ := newLock(t)
	if !l.Open() || l.Set() {
		t.Error("it is shut without a passcode")
	}
}

func TestThePasscodeIsAskedOnceAndAgainAfterIdleMinutes(t *testing.T) {
	l, m, c := newLock(t)
	if err := l.Change(t.Context(), "field-2026", "field-2026"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(m.hash, "$argon2id$") || strings.Contains(m.hash, "field-2026") {
		t.Errorf("stored %q", m.hash)
	}
	again := New(m, c.now) // the next start
	if err := again.Load(t.Context()); err != nil || again.Open() || !again.Set() {
		t.Fatalf("the next start: open %v, %v", again.Open(), err)
	}
	if again.Try("wrong") == nil || again.Open() {
		t.Error("a wrong passcode opened it")
	}
	if err := again.Try("field-2026"); err != nil || !again.Open() {
		t.Fatal(err)
	}
	c.t = c.t.Add(Idle - time.Second)
	again.Touch()
	c.t = c.t.Add(Idle - time.Second)
	if !again.Open() {
		t.Error("it locked although somebody was working")
	}
	c.t = c.t.Add(2 * time.Second)
	if again.Open() {
		t.Error("it did not lock after idle minutes")
	}
	again.Touch()
	if again.Open() {
		t.Error("touching opened it")
	}
	if err := again.Change(t.Context(), "", ""); err == nil || m.hash == "" {
		t.Error("the passcode was taken away while it was shut")
	}
}

func TestGuessingTakesTime(t *testing.T) {
	l, _, c := newLock(t)
	if err := l.Change(t.Context(), "1234", "1234"); err != nil {
		t.Fatal(err)
	}
	l.Shut()
	for range patience {
		if err := l.Try("0000"); core.AsProblem(err).Message() != "That is not the passcode." {
			t.Fatal(err)
		}
	}
	if err := l.Try("1234"); !strings.HasPrefix(core.AsProblem(err).Message(), "Too many wrong tries. Wait 1") || l.Open() {
		t.Errorf("after five wrong tries: %v", err)
	}
	c.t = c.t.Add(firstWait)
	if err := l.Try("1234"); err != nil {
		t.Errorf("after waiting: %v", err)
	}
}

func TestWhatIsWrongWithANewPasscodeIsSaid(t *testing.T) {
	l, m, _ := newLock(t)
	for _, tt := range []struct{ code, again, want string }{
		{"abc", "abc", "At least 4 characters."}, {"abcd", "abce", "The two are not the same."},
	} {
		err := l.Change(t.Context(), core.Secret(tt.code), core.Secret(tt.again))
		if err == nil || core.AsProblem(err).Message() != tt.want || m.hash != "" {
			t.Errorf("%q %q: %v", tt.code, tt.again, err)
		}
	}
}

type page struct {
	content       fyne.CanvasObject
	shown, hidden int
}

func (p *page) Content() fyne.CanvasObject { return p.content }
func (p *page) Shown()                     { p.shown++ }
func (p *page) Hidden()                    { p.hidden++ }

func TestAGateKeepsAPageFromBeingSeenUntilUnlocked(t *testing.T) {
	a := test.NewTempApp(t)
	w := a.NewWindow("")
	l, _, c := newLock(t)
	inside := &page{content: widget.NewLabel("the configuration")}
	host := frame.NewHost(t.Context(), w)
	g := NewGate(host, l, inside)
	w.SetContent(g.Content())
	w.Resize(fyne.NewSize(800, 600))
	if err := l.Change(t.Context(), "field-2026", "field-2026"); err != nil {
		t.Fatal(err)
	}
	l.Shut()
	g.Shown()
	if inside.shown != 0 || uitest.Says(w.Canvas(), "the configuration") || g.Inside() != nil {
		t.Fatal("the page is seen while it is locked")
	}
	unlock := func(code string) {
		uitest.Entry(w.Canvas(), "Passcode").SetText(code)
		test.Tap(uitest.Button(w.Canvas(), "Unlock"))
	}
	unlock("nonsense")
	if !uitest.Says(w.Canvas(), "That is not the passcode.") || inside.shown != 0 {
		t.Error("a wrong passcode is not refused")
	}
	unlock("field-2026")
	if inside.shown != 1 || !uitest.Says(w.Canvas(), "the configuration") {
		t.Error("the right passcode does not open")
	}
	c.t = c.t.Add(Idle)
	g.Check()
	if inside.hidden != 1 || uitest.Says(w.Canvas(), "the configuration") {
		t.Error("it does not lock again")
	}
	done := false
	Guard(host, l, func() { done = true })
	if done {
		t.Error("done while it is locked")
	}
	unlock("field-2026")
	if !done {
		t.Error("not done after unlocking")
	}
}
