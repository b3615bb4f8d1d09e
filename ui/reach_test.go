package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/home"
	"github.com/fieldsync/fieldsync/ui/presence"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// fakeNotes are notifications that a desktop shows, or does not.
type fakeNotes struct {
	shown []presence.Note
	deaf  bool
}

func (f *fakeNotes) Show(n presence.Note) {
	f.shown = append(f.shown, n)
	if n.Done != nil {
		n.Done(!f.deaf)
	}
}

func newReach(t *testing.T) (*reach, *fakeNotes, fyne.Window) {
	w := test.NewTempApp(t).NewWindow("Fieldsync")
	w.Resize(fyne.NewSize(800, 600))
	n := &fakeNotes{}
	return &reach{window: w, notifier: n, patience: time.Hour, screen: func(f func()) { f() }}, n, w
}

func TestClosingHidesWhereTheIconBringsTheWindowBack(t *testing.T) {
	r, notes, _ := newReach(t)
	r.hosted(true)
	r.close(func() { t.Error("it quit") })
	if !r.hidden || len(notes.shown) != 0 {
		t.Errorf("hidden %v, notifications %v", r.hidden, notes.shown)
	}
	r.raise()
	if r.hidden {
		t.Error("still hidden after it was raised")
	}
}

func TestClosingAsksWhereThereIsNoIcon(t *testing.T) {
	r, notes, w := newReach(t)
	r.hosted(false)
	quit := false
	r.close(func() { quit = true })
	if r.hidden || !uitest.Says(w.Canvas(), "start Fieldsync again to see it") {
		t.Fatal("it did not say how to find the window again")
	}
	test.Tap(uitest.Button(w.Canvas(), "Cancel"))
	if r.hidden || quit {
		t.Error("cancelled, and yet something happened")
	}
	r.close(func() { quit = true })
	test.Tap(uitest.Button(w.Canvas(), "Go on syncing"))
	if !r.hidden || quit {
		t.Error("it does not go on without its window")
	}
	if r.lost(); len(notes.shown) != 0 {
		t.Error("told again what the person has just chosen")
	}
	r.raise()
	r.close(func() { quit = true })
	if test.Tap(uitest.Button(w.Canvas(), "Quit Fieldsync")); !quit {
		t.Error("it did not quit")
	}
}

func TestAHiddenStartWithoutAnIconMakesItselfKnown(t *testing.T) {
	for name, deaf := range map[string]bool{"by a notification": false, "by its window": true} {
		t.Run(name, func(t *testing.T) {
			r, notes, _ := newReach(t)
			notes.deaf = deaf
			r.start()
			for range 3 {
				r.lost()
			}
			if r.hidden == deaf || len(notes.shown) != 1 {
				t.Errorf("hidden %v, %d notifications", r.hidden, len(notes.shown))
			}
		})
	}
}

func TestAnIconThatComesInTimeIsEnough(t *testing.T) {
	r, notes, _ := newReach(t)
	r.start()
	r.hosted(true)
	if r.lost(); !r.hidden || len(notes.shown) != 0 {
		t.Errorf("hidden %v, notifications %v", r.hidden, notes.shown)
	}
}

func TestNotesHoldNumbersAndConstantWordsOnly(t *testing.T) {
	done := noteOfResult(home.Result{Words: "$(evil) does not answer. 12 new here.", Outcome: "12 new here"})
	failed := noteOfResult(home.Result{Words: "$(evil) does not answer.", Outcome: "12 new here", Failed: true, Again: true})
	stopped := noteOfResult(home.Result{Words: "$(evil) refused the password.", Failed: true})
	if done.Body != "12 new here." || failed.Body != "Your changes stay on this laptop. Fieldsync goes on trying by itself." || stopped.Body != "Your changes stay on this laptop. Open Fieldsync to see what to do." {
		t.Errorf("%q, %q, %q", done.Body, failed.Body, stopped.Body)
	}
	for _, class := range core.NoticeClasses() {
		if n := noteOf(core.Notice{Class: class, Count: 3}); n.Title == "" || n.Body == "" || n.Class != string(class) {
			t.Errorf("%s: %+v", class, n)
		}
	}
}
