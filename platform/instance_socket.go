//go:build !windows

package platform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// maxSocketPath is what every system takes as the path of a socket.
const maxSocketPath = 100

// meeting is the socket where the window of a data folder listens. Folders with long
// names have theirs in the user's folder for such things.
func meeting(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if path := filepath.Join(dir, "locks", "window.sock"); len(path) <= maxSocketPath {
		return path, nil
	}
	sum := sha256.Sum256([]byte(dir))
	base := os.Getenv("XDG_RUNTIME_DIR")
	if base == "" {
		base = os.TempDir()
	}
	return filepath.Join(base, "fieldsync-"+hex.EncodeToString(sum[:8])+".sock"), nil
}

// listen and dial need no key: the rights of the socket's folder are enough.
func listen(ctx context.Context, path string) (l net.Listener, key string, err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a process that was killed
		return nil, "", err
	}
	l, err = new(net.ListenConfig).Listen(ctx, "unix", path)
	return l, "", err
}

func dial(ctx context.Context, path string) (conn net.Conn, key string, err error) {
	conn, err = new(net.Dialer).DialContext(ctx, "unix", path)
	return conn, "", err
}
