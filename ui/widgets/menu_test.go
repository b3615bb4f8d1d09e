package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

func TestAMenuIsDrawnInTheOrderOfItsScript(t *testing.T) {
	menu := drawnMenu([]*fyne.MenuItem{fyne.NewMenuItem("تصدير (CSV)…", nil), fyne.NewMenuItem("Export (CSV)…", nil)})
	for i, want := range []string{"|…(|CSV|) |تصدير", "Export (CSV)…"} {
		if got := strings.ReplaceAll(menu.Items[i].Label, leftToRight, "|"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
