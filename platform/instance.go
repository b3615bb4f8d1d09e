package platform

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A second start on a data folder asks the first one for its window at a place beside
// the locks: that needs neither session bus nor display server. meeting says where,
// listen and dial meet there; whoever dials says the key first.

const (
	// ringTime bounds how long a start waits for the window that is open.
	ringTime = 10 * time.Second
	// ringAgain is the pause between two attempts: the first start may not be that
	// far yet.
	ringAgain = 100 * time.Millisecond
	// heard is the answer to every message.
	heard = "heard"
)

// Answer listens for further starts on the data folder until ctx ends, and calls
// show with the message of each, never two at once. Only the process that has the
// folder's instance lock may call it.
func Answer(ctx context.Context, dir string, show func(message string)) error {
	path, err := meeting(dir)
	if err != nil {
		return err
	}
	listener, key, err := listen(ctx, path)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	defer listener.Close()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		answer(conn, key, show)
	}
}

// answer takes one message, of somebody who has the key.
func answer(conn net.Conn, key string, show func(string)) {
	defer func() { _ = conn.Close() }() // all that matters has been said
	if conn.SetDeadline(time.Now().Add(time.Second)) != nil {
		return
	}
	message, err := bufio.NewReader(conn).ReadString('\n')
	message, ours := strings.CutPrefix(message, key)
	if err != nil || !ours {
		return
	}
	show(strings.TrimSpace(message))
	_, _ = conn.Write([]byte(heard + "\n")) // whoever asked may be gone
}

// Ring sends the window that is open on the data folder a message of one line. It
// waits a while for one that is just starting; a Problem StoreLocked if nobody
// answers.
func Ring(ctx context.Context, dir, message string) error {
	ctx, cancel := context.WithTimeout(ctx, ringTime)
	defer cancel()
	path, err := meeting(dir)
	for err == nil {
		if err = ring(ctx, path, message); err == nil {
			return nil
		}
		timer := time.NewTimer(ringAgain)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
			err = nil
		}
	}
	return &core.Problem{Op: "raise window", Kind: core.StoreLocked, Subject: dir, Words: "Fieldsync is open already, but its window does not answer.", Err: err}
}

func ring(ctx context.Context, path, message string) error {
	conn, key, err := dial(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // all that matters has been said
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := conn.Write([]byte(key + message + "\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && strings.TrimSpace(answer) != heard {
		err = errors.New("another answer than expected")
	}
	return err
}
