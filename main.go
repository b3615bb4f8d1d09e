// Fieldsync keeps a laptop's copy of a Sahana Eden server's records in step with
// the server. This file only joins the parts: the data folder, the log, the
// store, the engine, and the commands or the window.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"runtime"
	"syscall"
	_ "time/tzdata" // Windows has no time zones of its own

	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/platform"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/ui/cli"
)

// version is set when the program is built.
var version = "unknown"

// window opens the window and returns when it is closed; nil in the program for
// servers (build tag headless), which links no OpenGL. window.go sets it.
var window func(ctx context.Context, dir string) error

// hidden opens it in the tray only; nil where there is none. window.go sets it.
var hidden func(ctx context.Context, dir string) error

// setupFile is what the window is to open and set up from, "" if nothing.
var setupFile string

func main() {
	if window == nil {
		limitMemory()
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends()...)
	code := cli.Run(ctx, app(), os.Args[1:], cli.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
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

func app() cli.App {
	return cli.App{Version: version, Data: dataFolder(), Person: person(), Open: open, Rebuild: rebuild, Window: window, Hidden: hidden, Setup: func(file string) { setupFile = file },
		Autostart: cli.Autostart{State: platform.Autostart, Set: platform.SetAutostart}}
}

// dataFolder is where the data lies by default: not in a folder that a company's
// network copies round (Windows' Roaming).
func dataFolder() string {
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "fieldsync")
		}
	case "linux", "freebsd":
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "fieldsync")
		}
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, ".local", "share", "fieldsync")
		}
	}
	if dir, err := os.UserConfigDir(); err == nil {
		return filepath.Join(dir, "fieldsync")
	}
	return "fieldsync-data"
}

// person is who edits, for the history.
func person() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "somebody"
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
	db, err := storage.Open(ctx, storage.Options{Dir: dir, Log: log, Machine: platform.Machine(), Free: s.free, Version: version})
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

// openLog opens the technical log of a data folder.
func openLog(dir string) (log *slog.Logger, close func() error) {
	file := &lumberjack.Logger{Filename: filepath.Join(dir, "log", "fieldsync.log"), MaxSize: 5, MaxBackups: 5} // megabytes, files
	return slog.New(slog.NewTextHandler(file, nil)), file.Close
}

// A connector makes peers with the passwords they need.
type connector struct {
	db      *storage.DB
	log     *slog.Logger
	options eden.Options
}

func (c connector) connect(r core.Repository, n core.Node) (replicate.Peer, error) {
	return c.peer(r, n)
}

func (c connector) peer(r core.Repository, n core.Node) (*eden.Peer, error) {
	if r.Proxy == "" && r.ProxyPassword == "" {
		password, err := c.db.NodeProxyPassword(context.Background())
		if err != nil {
			return nil, err
		}
		r.ProxyPassword = password
	}
	o := c.options
	o.Log, o.UserAgent = c.log, "Fieldsync/"+version
	return eden.New(r, n, o)
}

func (c connector) check(ctx context.Context, r core.Repository, tasks []core.Task) ([]eden.Finding, error) {
	n, err := c.db.Node(ctx)
	if err != nil {
		return nil, err
	}
	p, err := c.peer(r, n)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.Check(ctx, tasks), nil
}

func (c connector) schema(ctx context.Context, r core.Repository, resource core.Resource) (core.Schema, error) {
	n, err := c.db.Node(ctx)
	if err != nil {
		return core.Schema{}, err
	}
	p, err := c.peer(r, n)
	if err != nil {
		return core.Schema{}, err
	}
	defer p.Close()
	return p.Schema(ctx, resource)
}
