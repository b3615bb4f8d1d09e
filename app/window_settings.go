//go:build !headless

package app

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/diagnostics"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/platform"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/ui/cli"
	"github.com/fieldsync/fieldsync/ui/settings"
)

// keeper answers peers beside the window while somebody wants that.
func keeper(n *cli.Node) *responder.Keeper {
	db := n.Store.(replica).DB
	return responder.NewKeeper(db.Serving, db, responder.Options{Log: n.Log, Events: n.Events}, n.Dir)
}

// settingsSurroundings joins the settings page with the program.
func settingsSurroundings(n *cli.Node, c connector, k *responder.Keeper) settings.Surroundings {
	s := settings.Surroundings{Connect: c.connectCarefully, Examine: examiner(c.db.Doctor), Mend: examiner(c.db.Mend), Copies: copies(c.db), Report: reporter(n, c), Version: build.Version, Licence: build.Licence, Dir: n.Dir,
		Login:    func() (bool, error) { on, _, err := platform.Autostart(); return on, err },
		SetLogin: func(on bool) error { return setLogin(n.Dir, on) }}
	if k != nil {
		s.Server = k
	}
	return s
}

// setLogin lets this very program start in the tray at login, on this data folder.
func setLogin(dir string, on bool) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	command := []string{exe, "--hidden"}
	if dir != dataFolder() {
		command = append(command, "--data", dir)
	}
	return platform.SetAutostart(on, command)
}

func examiner(look func(context.Context) ([]storage.Check, error)) func(context.Context) ([]settings.Finding, error) {
	return func(ctx context.Context) ([]settings.Finding, error) {
		found, err := look(ctx)
		list := make([]settings.Finding, len(found))
		for i, f := range found {
			list[i] = settings.Finding{OK: f.OK, Name: f.Name, Said: f.Said, Mendable: f.Mendable}
		}
		return list, err
	}
}

// copies lists the copies of the database that were made by themselves.
func copies(db *storage.DB) func(context.Context) ([]settings.Copy, error) {
	reasons := map[string]settings.CopyReason{storage.BackupDaily: settings.CopyDaily, storage.BackupBeforeMigration: settings.CopyBeforeUpdate,
		storage.BackupBeforeUndo: settings.CopyBeforeUndo, storage.BackupBeforeMending: settings.CopyBeforeMending}
	return func(ctx context.Context) ([]settings.Copy, error) {
		list, err := db.Backups(ctx)
		out := make([]settings.Copy, 0, len(list))
		for _, b := range list {
			out = append(out, settings.Copy{Path: b.Path, Made: core.MTimeOf(b.Made), Reason: reasons[b.Reason], Size: b.Size})
		}
		return out, err
	}
}

func reporter(n *cli.Node, c connector) func(context.Context) diagnostics.Report {
	return func(ctx context.Context) diagnostics.Report {
		home, err := os.UserHomeDir()
		if err != nil {
			home = ""
		}
		return diagnostics.Collect(ctx, diagnostics.Source{Store: n.Store.(replica), Version: build.Version, Dir: n.Dir, Home: home, Now: time.Now(),
			Log: func(ctx context.Context, limit int) ([]core.LogEntry, error) {
				return c.db.Log(ctx, storage.LogQuery{Limit: limit})
			},
			Examine: func(ctx context.Context) (lines []string, err error) {
				found, err := n.Store.Examine(ctx)
				for _, f := range found {
					mark := "ok   "
					if !f.OK {
						mark = "WRONG"
					}
					lines = append(lines, mark+" "+f.Name+": "+f.Message)
				}
				return lines, err
			},
			Technical: tail(filepath.Join(n.Dir, "log", "fieldsync.log"), technicalTail)})
	}
}

// technicalTail is how much of the technical log a report holds, in bytes.
const technicalTail = 128 << 10

// tail reads the end of a file; what went wrong is its text then.
func tail(path string, most int64) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err.Error()
	}
	text, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-most), most))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
