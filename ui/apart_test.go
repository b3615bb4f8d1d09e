package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// apart opens the windows that stand apart from the shell, one after the other, at
// every stage.
func apart(t *testing.T, app fyne.App, look func(stage string, w fyne.Window)) {
	t.Helper()
	sorry := newSorry(app, &core.Problem{Kind: core.StoreTooNew, Err: errors.New("4711")})
	sorry.Show()
	look("it cannot start", sorry)
	sorry.Close()

	failing := true
	m := newMending(t.Context(), app, &core.Problem{Kind: core.StoreDamaged, Err: errors.New("4711")}, func(context.Context) (Mended, error) {
		if failing {
			return Mended{}, &core.Problem{Kind: core.DiskFull, Err: errors.New("4711")}
		}
		return Mended{From: core.MTime(1_700_000_000_000_000), Rescued: 3, Lost: 12, SetAside: "/1/2/3"}, nil
	}, async.Direct())
	m.window.Show()
	look("damaged", m.window)
	test.Tap(m.do)
	look("mending failed", m.window)
	failing = false
	test.Tap(m.do)
	look("mended", m.window)
	m.window.Close()
}

// The windows before the window are as readable as that one: whole on small screens
// and in large letters, in every language, light and dark, and reached by keyboard.
func TestTheWindowsApartCanBeReadAndReached(t *testing.T) {
	for _, language := range tr.Languages() {
		tr.Use(language.Code, "")
		t.Cleanup(func() { tr.Use("en", "en") })
		for _, screen := range []struct {
			choice              look.Choice
			scale, wide, height float32
		}{{look.ChoiceLight, 1, 600, 420}, {look.ChoiceDark, 1, 600, 360}, {look.ChoiceLight, 2, 1200, 700}} {
			app := test.NewTempApp(t)
			app.Settings().SetTheme(look.Theme{Choice: screen.choice, Scale: screen.scale})
			apart(t, app, func(stage string, w fyne.Window) {
				w.Resize(fyne.NewSize(screen.wide/2, screen.height)) // everything is laid out anew
				w.Resize(fyne.NewSize(screen.wide, screen.height))
				place := fmt.Sprintf("%s in %s at %.0f %%, %s", stage, language.Code, 100*screen.scale, screen.choice)
				faint, seen := uitest.Faint(w.Canvas())
				for _, lists := range [][]string{uitest.Cut(w.Canvas()), uitest.Below(w.Canvas()), uitest.Unreached(w.Canvas()), faint} {
					for _, what := range lists {
						t.Errorf("%s: %s", place, what)
					}
				}
				if size := w.Canvas().Size(); seen < 3 || size.Width > screen.wide || size.Height > screen.height {
					t.Errorf("%s: %d texts, %v", place, seen, size)
				}
			})
		}
	}
}

func TestTheWindowsApartAreNotInEnglishOnly(t *testing.T) {
	restore, err := tr.Pretend(func(string) string { return "⟦⟧" })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restore)
	read := 0
	apart(t, test.NewTempApp(t), func(stage string, w fyne.Window) {
		for _, text := range uitest.Texts(w.Canvas()) {
			read++
			if strings.ContainsFunc(text, func(r rune) bool { return r >= 'A' && r <= 'z' && r != '\\' }) {
				t.Errorf("%s: %q is in English", stage, text)
			}
		}
	})
	if read < 15 {
		t.Errorf("only %d texts were read", read)
	}
}
