//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A bench is one run of the harness: what it measures with, how often, and what
// it has found.
type bench struct {
	*tools
	scripts string // folder of the rivals
	records int    // of the stage under way
	repeats int
	rows    []row

	blank    string // database without records, for the limit of a pull
	searched bool   // a pull fills the full-text index
	node     *node  // of the last first pull
	sax      float64
	first    map[int]comparison // first pulls by number of records
}

// A stage is a part of the bench that can be asked for by its name.
type stage struct {
	name string
	run  func(ctx context.Context) error
}

func (b *bench) stages(rivals bool) []stage {
	all := []stage{
		{"decode", b.decoding}, {"pull", b.pulling}, {"list", b.listing}, {"size", b.sizes}, {"window", b.opening},
		{"tables", b.tenTables}, {"push", b.pushing}, {"constrained", b.constrained}, {"slow", b.slowLine},
	}
	if rivals {
		all = append(all, stage{"rivals", b.rivals})
	}
	return all
}

// needsNode are the stages that use the node of the last pull.
var needsNode = map[string]bool{"list": true, "size": true, "window": true}

// measure runs the stages whose names are wanted, all of them if none is, with so
// many records, and the first pull with others as well to see how it grows.
func (b *bench) measure(ctx context.Context, records int, others []int, wanted map[string]bool, rivals bool) error {
	var failed []error
	var err error
	if b.blank, err = b.template(ctx); err != nil {
		return err
	}
	if b.searched, err = searchFilled(ctx, b.newTemplate()); err != nil {
		return err
	}
	for _, n := range others {
		if len(wanted) > 0 && !wanted["growth"] {
			break
		}
		if err := b.grow(ctx, n); err != nil {
			return err
		}
	}
	if err := b.prepare(records); err != nil {
		return err
	}
	for _, s := range b.stages(rivals) {
		if len(wanted) > 0 && !wanted[s.name] || needsNode[s.name] && b.node == nil {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format("15:04:05"), s.name)
		if err := s.run(ctx); err != nil { // the other figures are worth having
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			b.add(row{Work: "Stage " + s.name, Note: "**failed**"})
		}
	}
	b.compareSizes()
	return errors.Join(failed...)
}

// newTemplate is the database that the template was made from.
func (b *bench) newTemplate() string { return filepath.Join(b.work, "template", "fieldsync.db") }

// prepare writes the document of so many records, unless it is there.
func (b *bench) prepare(records int) error {
	b.records = records
	if _, err := os.Stat(b.document()); err == nil {
		return nil
	}
	return newDataset(records, 1).writeXML(b.document())
}

// grow makes a first pull with another number of records.
func (b *bench) grow(ctx context.Context, records int) error {
	if err := b.prepare(records); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s  pull of %s\n", time.Now().Format("15:04:05"), b.many())
	peer, err := b.peer(records, 1)
	if err != nil {
		return err
	}
	defer peer.stop()
	repeats := b.repeats
	if records > 200_000 {
		repeats = 1
	}
	return b.firstPull(ctx, peer, repeats)
}

// compareSizes tells how time and memory grow with the number of records.
func (b *bench) compareSizes() {
	least, most := 0, 0
	for n := range b.first {
		if least == 0 || n < least {
			least = n
		}
		most = max(most, n)
	}
	if least == most {
		return
	}
	small, large := b.first[least], b.first[most]
	cost := spreadOf(large.ours.cpus()).Median / float64(most) / (spreadOf(small.ours.cpus()).Median / float64(least))
	work := fmt.Sprintf("First pull of %s instead of %s", thousands(most), thousands(least))
	b.add(row{Work: work + ": CPU per record", Value: exactly(cost), Unit: "×", Goal: 1.15, Note: "the fixed cost of a process is in the smaller one"})
	b.add(row{Work: work + ": memory", Value: exactly(float64(large.ours.rss()) / float64(small.ours.rss())), Unit: "×", Goal: 1.1})
}

// document is the S3XML file of the stage's records, lines the same as JSON.
func (b *bench) document() string {
	return filepath.Join(b.work, fmt.Sprintf("records-%d.xml", b.records))
}
func (b *bench) lines() string {
	return filepath.Join(b.work, fmt.Sprintf("records-%d.json", b.records))
}

func (b *bench) many() string { return thousands(b.records) }

func (b *bench) add(r row) {
	b.rows = append(b.rows, r)
	fmt.Fprintln(os.Stderr, "          "+strings.Join(r.cells(), " | "))
}
