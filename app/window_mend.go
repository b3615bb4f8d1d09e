//go:build !headless

package app

import (
	"context"
	"os"
	"os/exec"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/ui"
	"github.com/fieldsync/fieldsync/ui/presence"
)

// mendInWindow shows a person that the database is damaged and mends it on their
// word. again says that it is whole and the program is to be started anew; if nobody
// mended it, damaged comes back.
func mendInWindow(ctx context.Context, dir string, damaged error) (again bool, err error) {
	if presence.Prepare() != nil {
		return false, damaged
	}
	again, err = ui.Mend(ctx, newApp(), storage.Glance(ctx, dir), damaged, mender(dir))
	if err == nil && !again {
		err = damaged
	}
	return again, err
}

// mender rebuilds the database of a data folder whose lock the caller holds.
func mender(dir string) ui.Mender {
	return func(ctx context.Context) (ui.Mended, error) {
		r, err := rebuildLocked(ctx, dir)
		m := ui.Mended{Rescued: r.Rescued, Lost: r.Lost, SetAside: r.SetAside}
		if r.Backup != "" {
			m.From = core.MTimeOf(r.From)
		}
		return m, err
	}
}

// startAgain starts this very program once more: a process can show windows only
// once. The data folder must be unlocked.
func startAgain(dir string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	var args []string
	if dir != dataFolder() {
		args = []string{"--data", dir}
	}
	cmd := exec.Command(exe, args...) //nolint:gosec,noctx // this program itself, which outlives this process
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
