//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/platform"
	_ "github.com/fieldsync/fieldsync/platform/largepages"
)

// decodeFile is a program of its own: it reads a document into records, with the
// garbage collector of the terminal program.
func decodeFile(name string) error {
	platform.LimitMemory()
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	d := s3xml.NewDecoder(f, s3xml.Limits{})
	var room core.Room // of one record after the other
	d.Lend(&room)
	masters := 0
	for {
		room.Empty()
		var rec core.Record
		if err := d.Next(&rec); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		masters++
	}
	fmt.Println(masters, "records")
	return nil
}

// decoding measures it beside libxml2's SAX.
func (b *bench) decoding(ctx context.Context) error {
	c, err := alternately(b.repeats,
		func() (usage, error) { return b.plain(ctx, b.self, "decode", b.document()) },
		func() (usage, error) { return b.plain(ctx, b.limit, "sax", b.document()) })
	if err != nil {
		return err
	}
	b.sax = spreadOf(c.limit.cpus()).Median
	b.add(row{Work: "Decode " + b.many(), Against: "libxml2 SAX", CPU: c.cpu(), Wall: c.wall(), Goal: 0.8, Memory: c.ours.rss(), Of: c.ours})
	return nil
}

func (b *bench) plain(ctx context.Context, args ...string) (usage, error) {
	u, _, err := b.run(ctx, command{args: args})
	return u, err
}
