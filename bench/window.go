//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// opening measures the window of the node that was pulled into.
func (b *bench) opening(ctx context.Context) error { return b.openWindow(ctx, b.node, place{}) }

// openWindow measures how long the window takes to its first content with many
// records, beside an empty window of the same toolkit.
func (b *bench) openWindow(ctx context.Context, n *node, at place) error {
	if _, err := os.Stat(b.window); err != nil {
		return fmt.Errorf("the program with the window: %w", err)
	}
	screen, err := startScreen(b.work)
	if err != nil {
		return err
	}
	defer screen.stop()
	env := []string{"DISPLAY=" + screen.display, "DBUS_SESSION_BUS_ADDRESS=", "XDG_STATE_HOME=" + n.state(), "LIBGL_ALWAYS_SOFTWARE=1", "XDG_CONFIG_HOME=" + filepath.Join(b.work, "config"), "FYNE_SCALE=1"}
	env = append(env, at.env...)
	c, err := alternately(b.repeats,
		func() (usage, error) {
			return screen.untilContent(ctx, env, append(slices.Clone(at.under), b.window, "--data", n.dir))
		},
		func() (usage, error) {
			return screen.untilContent(ctx, env, append(slices.Clone(at.under), b.emptyWindow))
		})
	if err != nil {
		return err
	}
	b.add(row{Work: "Window to first content, " + b.many() + at.suffix, Against: "an empty Fyne window", CPU: c.cpu(), Wall: c.wall(), Goal: 1.5, Memory: c.ours.rss(), Of: c.ours, Note: "drawn in software, under Xvfb"})
	return nil
}

// A screen is an X server whose picture lies in a file.
type screen struct {
	cmd     *exec.Cmd
	display string
	picture string
}

func startScreen(work string) (*screen, error) {
	dir, err := os.MkdirTemp(work, "screen-")
	if err != nil {
		return nil, err
	}
	told, tell, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer told.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-fbdir", dir, "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{tell}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	tell.Close()
	var number string
	if _, err := fmt.Fscan(told, &number); err != nil {
		return nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	return &screen{cmd, ":" + number, filepath.Join(dir, "Xvfb_screen0")}, nil
}

func (s *screen) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = s.cmd.Wait()                          // it says that it was ended
	_ = os.RemoveAll(filepath.Dir(s.picture)) // the next one makes its own
}

// untilContent starts a program and ends it as soon as there is something to
// read in its window.
func (s *screen) untilContent(ctx context.Context, env, args []string) (u usage, err error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return u, err
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // it is ended from outside
	defer func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
		for s.marks() > 0 && ctx.Err() == nil { // until the window is gone
			time.Sleep(5 * time.Millisecond)
		}
	}()
	for s.marks() < 500 {
		select {
		case <-ended:
			return u, fmt.Errorf("%v: ended before it showed anything\n%s", args, tail(out.Bytes()))
		case <-ctx.Done():
			return u, ctx.Err()
		case <-time.After(4 * time.Millisecond):
		}
		if time.Since(start) > time.Minute {
			return u, fmt.Errorf("%v: no content within a minute", args)
		}
	}
	u, err = (&server{cmd: cmd}).used()
	u.wall = time.Since(start)
	return u, err
}

// marks counts the pixels that differ from the one before them: writing has
// many, a plain area none.
func (s *screen) marks() (n int) {
	b, err := os.ReadFile(s.picture)
	if err != nil || len(b) < 100 {
		return 0
	}
	header, colours := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[76:]) // of the XWD format
	pixels := b[min(len(b), int(header+12*colours)):]
	for i := 4; i+4 <= len(pixels); i += 4 {
		if !bytes.Equal(pixels[i:i+3], pixels[i-4:i-1]) {
			n++
		}
	}
	return n
}
