package platform

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fieldsync/fieldsync/core"
)

func TestASecondStartIsHeardByTheFirst(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for name, dir := range map[string]string{
		"a folder": t.TempDir(), "a folder with a long name": filepath.Join(t.TempDir(), strings.Repeat("long", 30)),
	} {
		t.Run(name, func(t *testing.T) {
			short, err := os.MkdirTemp("", "fs") // the path of a socket must be short
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(short) })
			t.Setenv("XDG_RUNTIME_DIR", short)
			if err := os.MkdirAll(filepath.Join(dir, "locks"), 0o700); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time a socket, or what tells of one, is left over
				heard := make(chan string, 1)
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- Answer(ctx, dir, func(m string) { heard <- m }) }()
				if err := Ring(t.Context(), dir, "show"); err != nil {
					t.Fatal(err)
				}
				if m := <-heard; m != "show" {
					t.Errorf("heard %q", m)
				}
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				path, _ := meeting(dir)
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestAStartThatNobodyHearsSaysSo(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if err := Ring(ctx, t.TempDir(), "show"); !core.IsKind(err, core.StoreLocked) {
		t.Errorf("got %v", err)
	}
}
