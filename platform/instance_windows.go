package platform

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// meeting is the file that tells at which address of this computer the window of a data
// folder listens, and a key that only whoever can read the folder knows. Sockets that are
// files are not in every Windows, and have short names only.
func meeting(dir string) (string, error) { return filepath.Join(dir, "locks", "window.address"), nil }

func listen(ctx context.Context, path string) (l net.Listener, key string, err error) {
	l, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	key = rand.Text() + " "
	// Written over, not replaced: a start that reads it just then is in nobody's way.
	if err := os.WriteFile(path, []byte(l.Addr().String()+" "+key+"\n"), 0o600); err != nil {
		return nil, "", errors.Join(err, l.Close())
	}
	return l, key, nil
}

func dial(ctx context.Context, path string) (conn net.Conn, key string, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	line, whole := strings.CutSuffix(string(content), "\n")
	address, key, found := strings.Cut(line, " ")
	if !whole || !found {
		return nil, "", errors.New("the address is not written yet")
	}
	conn, err = new(net.Dialer).DialContext(ctx, "tcp", address)
	return conn, key, err
}
