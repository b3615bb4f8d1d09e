package platform

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWhoCannotReadTheDataFolderRaisesNoWindow(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "locks"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	heard, ended := make(chan string, 2), make(chan error, 1)
	go func() { ended <- Answer(ctx, dir, func(m string) { heard <- m }) }()
	if err := Ring(ctx, dir, "first"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "locks", "window.address"))
	if err != nil {
		t.Fatal(err)
	}
	address, _, _ := strings.Cut(string(content), " ")
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("stranger\n")); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes of an answer", n)
	}
	_ = conn.Close()
	if err := Ring(ctx, dir, "second"); err != nil {
		t.Fatal(err)
	}
	if first, second := <-heard, <-heard; first != "first" || second != "second" {
		t.Errorf("heard %q, %q", first, second)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
