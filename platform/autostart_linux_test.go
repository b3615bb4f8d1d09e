package platform

import (
	"os"
	"strings"
	"testing"
)

func TestAutostartIsAFileThatDesktopsRead(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	state := func(want bool) string {
		t.Helper()
		on, where, err := Autostart()
		if err != nil || on != want {
			t.Fatalf("on %v, %v; want %v", on, err, want)
		}
		return where
	}
	state(false)
	for range 2 {
		if err := SetAutostart(true, []string{"/opt/Field Sync/fieldsync", "--hidden", "--data", `a"b$c%d\e`}); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(state(true))
	if err != nil {
		t.Fatal(err)
	}
	want := `Exec="/opt/Field Sync/fieldsync" "--hidden" "--data" "a\\"b\\$c%%d\\\\e"` + "\n"
	if !strings.Contains(string(content), want) || !strings.HasPrefix(string(content), "[Desktop Entry]\nType=Application\n") {
		t.Errorf("%s\nwant the line %s", content, want)
	}
	for range 2 {
		if err := SetAutostart(false, nil); err != nil {
			t.Fatal(err)
		}
	}
	state(false)
}
