package storage

import (
	"runtime"

	"github.com/fieldsync/fieldsync/core"
)

// What a transaction has gathered is written by a goroutine beside it, while it decides
// about what follows: SQLite's work on rows is the greater part of a first load, and
// the decisions need it rarely. The connection is that goroutine's until catchUp has
// returned: every other use of it in the transaction has that before.
type beside struct {
	written chan error // gets how it ended; nil: nobody writes
	reading int        // how many look at the connection while the transaction goes on
	shared  bool       // the connection was handed out, to whomever, until the transaction's end
}

// alone reports whether the transaction may let the connection be used beside it: nobody is
// in the middle of reading from it, and there is another core.
func (t *tx) alone() bool {
	return !t.beside.shared && t.beside.reading == 0 && runtime.GOMAXPROCS(0) > 1
}

// flushBeside begins to write what is gathered, when all before it is written. If that
// fails the transaction hears of it later, at its end at the latest; then it is as if
// flush had failed.
func (t *tx) flushBeside() error {
	t.catchUp()
	s, err := t.w.find(putRows)
	if t.failed == nil {
		t.failed = err
	}
	if t.failed != nil {
		t.w.gathered = noRows(t.w.gathered)
		return t.failed
	}
	t.w.gathered, t.w.behind = t.w.behind, t.w.gathered
	written, rows := make(chan error, 1), t.w.behind
	t.beside.written = written
	go func() { written <- core.Caught(func() error { return putAll(s, rows) }) }()
	runtime.Gosched() // it begins at once, also where Go's share of the other core is taken by what reads ahead
	return nil
}

// catchUp waits until nobody writes beside the transaction any more.
func (t *tx) catchUp() {
	if t.beside.written == nil {
		return
	}
	if err := <-t.beside.written; t.failed == nil {
		t.failed = err
	}
	t.beside.written, t.w.behind = nil, noRows(t.w.behind)
}

// ask has fn read by the connection that writes, the transaction's own changes included.
// What fn gathers is not written beside it.
func (t *tx) ask(fn func(q querier) error) error {
	if err := t.flush(); err != nil {
		return err
	}
	t.beside.reading++
	defer func() { t.beside.reading-- }()
	return fn(t.w.conn)
}
