//go:build !headless

package app

import (
	"testing"

	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// A person who does not read English finds the way through a first practice sync,
// and what the pages say fits the screen of a small laptop.
func TestAPersonReadsTheWindowInTheirLanguage(t *testing.T) {
	pages := map[string]string{frame.Home: "Home", frame.Records: "Records", frame.NeedsYou: "Needs you", frame.Log: "Log",
		frame.Repositories: "Repositories", frame.Settings: "Settings"}
	for _, language := range tr.Languages() {
		if language.Code == "en" {
			continue
		}
		t.Run(language.Code, func(t *testing.T) {
			tr.Use(language.Code, "")
			t.Cleanup(func() { tr.Use("en", "") })
			g := newGuide(t)
			g.tap(tr.L("Start practising"))
			g.sees(tr.L("Everything is at {{.Name}}.", tr.D{"Name": tr.L("Practice repository")}))
			for page, english := range pages {
				g.window.Open(page)
				if tr.L(english) == english {
					t.Errorf("the page %q has no name in this language", english)
				}
				if uitest.SaysIn(g.window.Fyne().Content(), english) {
					t.Errorf("%q stands on the page in English", english)
				}
				if min := g.window.Fyne().Content().MinSize(); min.Width > 1280 || min.Height > 720 {
					t.Errorf("the page %q needs %v", english, min)
				}
				if page == frame.Home || page == frame.Records {
					g.picture(page + "-" + language.Code)
				}
			}
		})
	}
}
