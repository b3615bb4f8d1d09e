package ui

import (
	"context"
	"errors"
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

func TestADamagedDatabaseIsMendedInTheWindow(t *testing.T) {
	for name, tt := range map[string]struct {
		mended Mended
		says   []string
	}{
		"from a copy": {Mended{From: core.MTime(1_700_000_000_000_000), Rescued: 1, SetAside: "somewhere"},
			[]string{"from the copy of", "1 record that you changed since was rescued.", "The next sync brings the rest", "kept in somewhere"}},
		"without a copy": {Mended{Lost: 12}, []string{"there was no copy", "12 entries could not be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			failing := true
			m := newMending(t.Context(), test.NewTempApp(t), &core.Problem{Kind: core.StoreDamaged}, func(context.Context) (Mended, error) {
				if failing {
					return Mended{}, &core.Problem{Kind: core.DiskFull, Err: errors.New("no room")}
				}
				return tt.mended, nil
			}, async.Direct())
			m.window.Show()
			c := m.window.Canvas()
			for _, text := range []string{"is damaged", "nothing that was sent is lost", "takes the last good copy"} {
				if !uitest.Says(c, text) {
					t.Errorf("it does not say %q", text)
				}
			}
			test.Tap(uitest.Button(c, "Mend it"))
			if !uitest.Says(c, "That did not work") || m.open {
				t.Fatal("a failure is not told, or taken for success")
			}
			failing = false
			test.Tap(uitest.Button(c, "Try again"))
			for _, text := range tt.says {
				if !uitest.Says(c, text) {
					t.Errorf("it does not say %q", text)
				}
			}
			if m.open {
				t.Error("it opens unasked")
			}
			test.Tap(uitest.Button(c, "Open Fieldsync"))
			if !m.open {
				t.Error("it does not open")
			}
		})
	}
}

// A window that cannot be closed while it mends can be after a bug in that.
func TestABugInMendingIsToldAndTheWindowCanBeClosed(t *testing.T) {
	m := newMending(t.Context(), test.NewTempApp(t), &core.Problem{Kind: core.StoreDamaged}, func(context.Context) (Mended, error) {
		panic("injected: a bug in mending")
	}, async.Direct())
	m.window.Show()
	c := m.window.Canvas()
	test.Tap(uitest.Button(c, "Mend it"))
	if !uitest.Says(c, "something went wrong inside Fieldsync") && !uitest.Says(c, "Something went wrong inside Fieldsync") || m.busy || m.open {
		t.Errorf("it is not told; busy %t, open %t", m.busy, m.open)
	}
}
