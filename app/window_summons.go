//go:build !headless

package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/platform"
	"github.com/fieldsync/fieldsync/ui"
)

// What a further start says to the window that is open: that it is to be seen, or
// to set up from a file, whose quoted path follows.
const (
	show      = "show"
	showSetup = "setup "
)

// summonsText is what a start with that setup file, "" for none, says to the window
// that is open.
func summonsText(setupFile string) string {
	if setupFile == "" {
		return show
	}
	if whole, err := filepath.Abs(setupFile); err == nil { // the window may work in another folder
		setupFile = whole
	}
	return showSetup + strconv.Quote(setupFile)
}

// hearStarts takes what further starts on the data folder say, until ctx ends. A bug ends
// what it is in, and not the hearing of the next one.
func hearStarts(ctx context.Context, log *slog.Logger, dir string, take func(message string)) {
	err := core.Careful(log, "hearing further starts", func() error {
		return platform.Answer(ctx, dir, func(message string) {
			_ = core.Careful(log, "a further start", func() error { take(message); return nil }) // told in the log
		})
	})
	if err != nil {
		log.Error("Further starts are not heard", "err", err)
	}
}

// readSummons understands what another start said; what it does not know raises
// the window.
func readSummons(message string) ui.Summons {
	quoted, ok := strings.CutPrefix(message, showSetup)
	if !ok {
		return ui.Summons{}
	}
	path, err := strconv.Unquote(quoted)
	if err != nil {
		return ui.Summons{}
	}
	return ui.Summons{SetupFile: path}
}
