// Package app joins the parts of Fieldsync: the data folder, the log, the store,
// the engine, and the commands or the window. It is the one place where ui and
// storage meet, and the home of the tests of the whole program.
package app

import (
	"context"
	"errors"
	"io"
	stdlog "log"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/platform"
	_ "github.com/fieldsync/fieldsync/platform/largepages"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/ui/cli"
)

// A Build is what was fixed when the program was built.
type Build struct {
	Version string // as git describes it
	Licence string // the whole text
}

// build is set by Main, once.
var build = Build{Version: "unknown"}

// window opens the window and returns when it is closed; nil in the program for
// servers (build tag headless), which links no OpenGL. window.go sets it.
var window func(ctx context.Context, dir string) error

// hidden opens it in the tray only; nil where there is none. window.go sets it.
var hidden func(ctx context.Context, dir string) error

// setupFile is what the window is to open and set up from, "" if nothing.
var setupFile string

// Main is the program: it does what the command line asks for and returns the
// exit code (ui/cli lists them).
func Main(b Build) int {
	build = b
	if window == nil {
		platform.LimitMemory()
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends()...)
	code := cli.Run(ctx, commands(), os.Args[1:], cli.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	return code
}

// ends are the signals that end the program in an orderly way: also that the
// terminal is gone, unless somebody said that this does not matter (nohup).
func ends() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// calledBy is the name the program was called by, if it is one of ours.
func calledBy() string {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if !strings.HasPrefix(name, "fieldsync") {
		return ""
	}
	return name
}

func commands() cli.App {
	return cli.App{Version: build.Version, Program: calledBy(), Data: dataFolder(), Person: person, Open: open, Rebuild: rebuild, Window: window, Hidden: hidden, Setup: func(file string) { setupFile = file },
		Autostart: cli.Autostart{State: platform.Autostart, Set: platform.SetAutostart}}
}

// surroundings are what the parts use of the world around; tests have others.
type surroundings struct {
	free  func(dir string) (uint64, error) // on the disk of a folder, in bytes
	peers eden.Options
}

// open joins the parts over one data folder.
func open(ctx context.Context, dir string) (*cli.Node, error) {
	return surroundings{free: platform.FreeSpace}.open(ctx, dir)
}

func (s surroundings) open(ctx context.Context, dir string) (*cli.Node, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &core.Problem{Op: "open data folder", Kind: core.FileUnreadable, Subject: dir, Words: "The data folder %s cannot be made or written.", Values: []any{dir}, Err: err}
	}
	log, closeLog := openLog(dir)
	db, err := storage.Open(ctx, storage.Options{Dir: dir, Log: log, Machine: platform.Machine(), Free: s.free, Version: build.Version, Outside: stateFolder()})
	if err != nil {
		log.Error("Store not opened", "err", err)
		return nil, errors.Join(err, closeLog())
	}
	events := &event.Bus{}
	c := connector{db: db, log: log, options: s.peers}
	engine := &replicate.Engine{Store: db, Connect: c.connect, Events: events, Log: log}
	return &cli.Node{
		Dir:    dir,
		Store:  replica{db},
		Engine: engine,
		Runner: c.runner(engine, events),
		Check:  c.check,
		Schema: c.schema,
		Events: events,
		Log:    log,
		Close:  func() error { return errors.Join(db.Close(), closeLog()) },
	}, nil
}

// openLog opens the technical log of a data folder. What a library says by itself goes there,
// too: at a terminal nobody could do anything with it (an Eden that sends a line too many, say).
func openLog(dir string) (log *slog.Logger, close func() error) {
	file := &lumberjack.Logger{Filename: filepath.Join(dir, "log", "fieldsync.log"), MaxSize: 5, MaxBackups: 5} // megabytes, files
	stdlog.SetOutput(steadyLog{file})
	return slog.New(slog.NewTextHandler(steadyLog{file}, nil)), func() error {
		stdlog.SetOutput(io.Discard)
		return file.Close()
	}
}

// A steadyLog goes on in the same file where that cannot be put aside for a new one: on
// Windows a second process that logs there, a window beside a server say, prevents it.
type steadyLog struct{ *lumberjack.Logger }

func (l steadyLog) Write(line []byte) (int, error) {
	n, err := l.Logger.Write(line)
	if err == nil {
		return n, nil
	}
	f, err := os.OpenFile(l.Filename, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return n, err
	}
	n, err = f.Write(line)
	return n, errors.Join(err, f.Close())
}
