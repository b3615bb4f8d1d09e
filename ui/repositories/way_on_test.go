package repositories

import (
	"context"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// fakeWays notes which way was gone.
type fakeWays struct{ gone []string }

func (f *fakeWays) Unsent(context.Context, int64) (int, error) { return 3, nil }
func (f *fakeWays) Agreed(context.Context, int64) (int, error) { return 40, nil }
func (f *fakeWays) Relink(context.Context, int64) error        { return f.went("relink") }
func (f *fakeWays) SendBack(context.Context, int64) error      { return f.went("send back") }
func (f *fakeWays) TakeOlder(context.Context, int64) error     { return f.went("take older") }
func (f *fakeWays) ConfirmMoved(context.Context) error         { return f.went("moved") }
func (f *fakeWays) ConfirmRestored(context.Context) error      { return f.went("restored") }
func (f *fakeWays) NewIdentity(context.Context) (core.Node, error) {
	return core.Node{}, f.went("new")
}

func (f *fakeWays) OlderState(context.Context, core.Repository) (core.OlderState, error) {
	return core.OlderState{Replaced: 12, Deleted: 1, Lacking: 3}, nil
}

func (f *fakeWays) went(way string) error {
	f.gone = append(f.gone, way)
	return nil
}

func TestEveryIdentityStopHasItsWaysOn(t *testing.T) {
	for _, tt := range []struct {
		kind  core.Trouble
		press string
		gone  string
	}{
		{core.IdentityChanged, "It is the new server: link it anew", "relink"},
		{core.WentBack, "It was restored: send it what it lost", "send back"},
		{core.NodeCopied, "This computer takes the place of the other one", "moved"},
		{core.NodeCopied, "Both are used: an identity of its own for this one", "new"},
		{core.NodeWentBack, "The data was restored, and that is right", "restored"},
		{core.NodeWentBack, "Both are used: an identity of its own for this one", "new"},
	} {
		t.Run(tt.press, func(t *testing.T) {
			w := test.NewTempApp(t).NewWindow("")
			w.Resize(fyne.NewSize(1000, 700))
			host := frame.NewHost(t.Context(), w)
			let := host.Guard
			host.Guard = func(func()) {}
			store, then := &fakeWays{}, 0
			r := core.Repository{ID: 1, Name: "HQ", Stopped: (&core.Problem{Kind: tt.kind, Subject: "HQ"}).Message()}
			offer := func() { OfferWaysOn(host, store, store, r, func() { then++ }) }
			if offer(); uitest.Button(w.Canvas(), tt.press) != nil {
				t.Fatal("it is offered without the passcode")
			}
			host.Guard = let
			offer()
			for _, text := range []string{"40 records are known to be at the server", "3 changes here wait to be sent", "nothing is lost"} {
				if !uitest.Says(w.Canvas(), text) {
					t.Errorf("it does not say %q", text)
				}
			}
			if len(store.gone) > 0 {
				t.Fatal("it went on by itself")
			}
			button := uitest.Button(w.Canvas(), tt.press)
			if button == nil {
				t.Fatalf("there is no button %q", tt.press)
			}
			test.Tap(button)
			if !slices.Equal(store.gone, []string{tt.gone}) || then != 1 {
				t.Errorf("went %v, told %d times", store.gone, then)
			}
		})
	}
}

func TestOtherStopsHaveNoWayOnHere(t *testing.T) {
	w := test.NewTempApp(t).NewWindow("")
	r := core.Repository{ID: 1, Name: "HQ", Stopped: (&core.Problem{Kind: core.Unauthorized, Subject: "HQ"}).Message()}
	OfferWaysOn(frame.NewHost(t.Context(), w), &fakeWays{}, &fakeWays{}, r, func() {})
	if w.Canvas().Overlays().Top() != nil {
		t.Error("something is offered for a wrong password")
	}
}

type nothingWaits struct{ fakeWays }

func (*nothingWaits) Unsent(context.Context, int64) (int, error) { return 0, nil }

func TestThatNothingWaitsIsNotSaidAsANumber(t *testing.T) {
	if got, err := stake(t.Context(), &nothingWaits{}, 1); err != nil || got != "40 records are known to be at the server." {
		t.Errorf("it says %q, %v", got, err)
	}
}

func TestNoZerosAreSaidOfAnOlderState(t *testing.T) {
	for want, found := range map[string]core.OlderState{
		"1 record here would become an older version.":                                                 {Replaced: 1},
		"12 records here would become older versions. 1 record here would be deleted, as it is there.": {Replaced: 12, Deleted: 1},
		"No record here would change.":                                                                 {},
	} {
		if got := olderWords(found); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

// The server's older state replaces what is here: the numbers come first.
func TestTheOlderStateIsTakenAfterTheNumbers(t *testing.T) {
	w := test.NewTempApp(t).NewWindow("")
	w.Resize(fyne.NewSize(1000, 700))
	host := frame.NewHost(t.Context(), w)
	store, then := &fakeWays{}, 0
	r := core.Repository{ID: 1, Name: "HQ", Stopped: (&core.Problem{Kind: core.WentBack, Subject: "HQ"}).Message()}
	OfferWaysOn(host, store, store, r, func() { then++ })
	if uitest.Says(w.Canvas(), "fieldsync ") {
		t.Error("a window names a command")
	}
	test.Tap(uitest.Button(w.Canvas(), "It is right as it is: take the server's older state…"))
	for _, text := range []string{"12 records here would become older versions", "1 record here would be deleted", "3 records that the server lost would stay here only", "stays in the history"} {
		if !uitest.Says(w.Canvas(), text) {
			t.Errorf("it does not say %q", text)
		}
	}
	if len(store.gone) > 0 {
		t.Fatal("it was taken before anybody said so")
	}
	test.Tap(uitest.Button(w.Canvas(), "Take the server's older state"))
	if !slices.Equal(store.gone, []string{"take older"}) || then != 1 {
		t.Errorf("went %v, told %d times", store.gone, then)
	}
}
