//go:build linux

package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"time"
)

// A line is a way to a server that counts what goes over it, and can be as slow
// as a satellite's: so many bits a second in each direction, and so long until
// anything arrives.
type line struct {
	listener net.Listener
	target   string
	rate     int // bits a second; 0: as fast as it goes
	delay    time.Duration

	mu      sync.Mutex // guards counted and free
	counted traffic
	free    [2]time.Time // when each direction has sent what it was given
}

// traffic is what went over a line.
type traffic struct {
	up, down int64 // bytes
	requests int   // of HTTP
	opened   int   // connections
}

func newLine(target string, rate int, delay time.Duration) (*line, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &line{listener: listener, target: u.Host, rate: rate, delay: delay}
	go l.serve() // until close
	return l, nil
}

// url is the server's address by way of the line.
func (l *line) url(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	u.Host = l.listener.Addr().String()
	return u.String()
}

func (l *line) close() { l.listener.Close() }

func (l *line) reset() {
	l.mu.Lock()
	l.counted = traffic{}
	l.mu.Unlock()
}

func (l *line) traffic() traffic {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counted
}

func (l *line) serve() {
	for {
		from, err := l.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", l.target)
		if err != nil {
			_ = from.Close() // the server is gone
			continue
		}
		l.mu.Lock()
		l.counted.opened++
		l.mu.Unlock()
		go l.carry(to, from, 0)
		go l.carry(from, to, 1)
	}
}

// A parcel is what arrives at once.
type parcel struct {
	at   time.Time
	data []byte
}

// carry passes on one direction. Reading and delivering are apart: what is on
// its way does not keep the next from setting out.
func (l *line) carry(to, from net.Conn, direction int) {
	parcels := make(chan parcel, 1024)
	go func() {
		for p := range parcels {
			time.Sleep(time.Until(p.at))
			if _, err := to.Write(p.data); err != nil {
				break
			}
		}
		_ = to.Close()      // it may be closed already
		for range parcels { // the sender must not be left waiting
		}
	}()
	defer close(parcels)
	for buf := make([]byte, 16<<10); ; {
		n, err := from.Read(buf)
		if n > 0 {
			parcels <- parcel{l.count(buf[:n], direction), bytes.Clone(buf[:n])}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				_ = from.Close() // it is broken
			}
			return
		}
	}
}

// count counts a piece and says when it arrives.
func (l *line) count(b []byte, direction int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if direction == 0 {
		l.counted.up += int64(len(b))
		for _, method := range [...]string{"GET /", "PUT /", "POST /"} {
			if bytes.HasPrefix(b, []byte(method)) {
				l.counted.requests++
			}
		}
	} else {
		l.counted.down += int64(len(b))
	}
	if l.rate == 0 {
		return now.Add(l.delay)
	}
	begins := l.free[direction]
	if begins.Before(now) {
		begins = now
	}
	l.free[direction] = begins.Add(time.Duration(len(b)*8) * time.Second / time.Duration(l.rate))
	return l.free[direction].Add(l.delay)
}
