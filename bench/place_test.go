//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asSystemd stands for systemd-run: it notes how it was called, and becomes the
// program, as a scope does.
const asSystemd = `#!/bin/sh
echo "$@" >"$NOTES"
while :; do
	case "$1" in
	-p) shift 2 ;;
	--*) shift ;;
	*) exec "$@" ;;
	esac
done
`

func TestANarrowPlaceIsACgroupWhereThereIsOne(t *testing.T) {
	for _, tt := range []struct {
		name, systemd string
		note          string
		env           bool
	}{
		{"systemd", asSystemd, "in a cgroup", false},
		{"systemd that may not", "#!/bin/sh\nexit 1\n", "by GOMAXPROCS and GOMEMLIMIT", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			notes := filepath.Join(dir, "notes")
			if err := os.WriteFile(filepath.Join(dir, "systemd-run"), []byte(tt.systemd), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("NOTES", notes)
			t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
			p := narrowPlace(t.Context())
			if !strings.HasPrefix(p.note, tt.note) || (len(p.env) > 0) != tt.env {
				t.Errorf("the place is %+v", p)
			}
			args := append(slices.Clone(p.under), "grep", "Cpus_allowed_list", "/proc/self/status")
			out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
			if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), fmt.Sprint("\t", firstCore())) {
				t.Errorf("%v: %v, %s; want one core alone", args, err, out)
			}
			if tt.env {
				return
			}
			asked, err := os.ReadFile(notes)
			if err != nil || !strings.Contains(string(asked), "MemoryMax=536870912") || !strings.Contains(string(asked), "CPUQuota=100%") {
				t.Errorf("systemd was asked for %s, %v", asked, err)
			}
		})
	}
}
