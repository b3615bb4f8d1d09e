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
	others  []int // numbers of records for the first pull, to see how it grows
	large   int   // one more, with its list, once; 0: none
	rows    []row
	stage   string // under way
	ran     map[string]bool
	load    string // of the machine at the beginning

	blank    string // database without records, for the limit of a pull
	searched bool   // a pull fills the full-text index
	node     *node  // of the last first pull
	sax      float64
	first    map[int]comparison // first pulls by number of records
}

// A stage is a part of the bench that can be asked for by its name. The document has
// a table for each, under its title, in this order.
type stage struct {
	name, title string
	run         func(b *bench, ctx context.Context) error
}

var stages = []stage{
	{"decode", "Reading a document", (*bench).decoding},
	{"pull", "A pull", (*bench).pulling},
	{"search", "A first pull, and its search", (*bench).searching},
	{"list", "The list of records", (*bench).listing},
	{"size", "The database", (*bench).sizes},
	{"window", "The start of the window", (*bench).opening},
	{"growth", "Growth", (*bench).growing},
	{"tables", "Ten tables", (*bench).tenTables},
	{"push", "Between two Fieldsyncs", (*bench).pushing},
	{"constrained", "One core and 512 MB", (*bench).constrained},
	{"disk", "A slow disk", (*bench).slowDisk},
	{"slow", "A slow line", (*bench).slowLine},
	{"peak", "Memory", (*bench).peaking},
	{"rivals", "Beside what a user would pick instead", (*bench).rivals},
	{"large", "A million records", (*bench).growLarge},
}

// needs are the stages without which others have nothing to look at.
var needs = map[string][]string{"list": {"pull"}, "size": {"pull"}, "window": {"pull"}, "growth": {"pull"}, "large": {"pull", "growth"}}

// wanted are the stages that names asks for, with those that they need; without
// names all but the rivals.
func wanted(names []string, rivals bool) (map[string]bool, error) {
	is := make(map[string]bool)
	for _, s := range stages {
		is[s.name] = len(names) == 0
	}
	is["rivals"] = rivals
	for _, name := range names {
		if _, known := is[name]; !known {
			return nil, fmt.Errorf("there is no stage %q", name)
		}
		is[name] = true
		for _, other := range needs[name] {
			is[other] = true
		}
	}
	return is, nil
}

// measure runs the stages that are wanted with so many records.
func (b *bench) measure(ctx context.Context, records int, wanted map[string]bool) error {
	var failed []error
	var err error
	if b.blank, err = b.template(ctx); err != nil {
		return err
	}
	if b.searched, err = searchFilled(ctx, b.newTemplate()); err != nil {
		return err
	}
	if err := b.prepare(records); err != nil {
		return err
	}
	for _, s := range stages {
		if !wanted[s.name] || needsNode[s.name] && b.node == nil {
			continue
		}
		b.stage, b.ran[s.name] = s.name, true
		fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format("15:04:05"), s.name)
		if err := s.run(b, ctx); err != nil { // the other figures are worth having
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			b.add(row{Work: "Stage " + s.name, Note: "**failed**"})
		}
	}
	return errors.Join(failed...)
}

// needsNode are the stages that use the node of the last pull: if that failed,
// there is none.
var needsNode = map[string]bool{"list": true, "size": true, "window": true}

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

// growing makes the first pull with other numbers of records.
func (b *bench) growing(ctx context.Context) error {
	for _, n := range b.others {
		if err := b.grow(ctx, n, b.repeats); err != nil {
			return err
		}
		b.compareSizes(n, b.records)
	}
	return nil
}

// growLarge makes the first pull with very many records, once, and looks at their
// list.
func (b *bench) growLarge(ctx context.Context) error {
	if b.large == 0 {
		b.ran["large"] = false // what was measured before stays
		return nil
	}
	if err := b.grow(ctx, b.large, 1); err != nil {
		return err
	}
	for _, n := range b.others {
		b.compareSizes(n, b.large)
	}
	return b.with(b.large, func() error { return b.listing(ctx) })
}

// grow makes a first pull with another number of records.
func (b *bench) grow(ctx context.Context, records, repeats int) error {
	return b.with(records, func() error {
		if err := b.prepare(records); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s  pull of %s\n", time.Now().Format("15:04:05"), b.many())
		peer, err := b.peer(records, 1)
		if err != nil {
			return err
		}
		defer peer.stop()
		b.node = b.newNode("pulled")
		b.first[records], err = b.firstPull(ctx, peer, b.node, place{}, repeats)
		return err
	})
}

// with does something with another number of records.
func (b *bench) with(records int, do func() error) error {
	before := b.records
	defer func() { b.records = before }()
	b.records = records
	return do()
}

// compareSizes tells how time and memory grow with the number of records, and how
// the limit's time does.
func (b *bench) compareSizes(less, more int) {
	small, large := b.first[less], b.first[more]
	if less == more || len(small.ours) == 0 || len(large.ours) == 0 {
		return
	}
	cost := func(of func(c comparison) series) float64 {
		return spreadOf(of(large).cpus()).Median / float64(more) / (spreadOf(of(small).cpus()).Median / float64(less))
	}
	ours, limit := func(c comparison) series { return c.ours }, func(c comparison) series { return c.limit }
	work := fmt.Sprintf("First pull of %s instead of %s", thousands(more), thousands(less))
	b.add(row{Work: work + ": CPU per record", Value: exactly(cost(ours)), Unit: "×", Goal: 1.15, Runs: len(large.ours),
		Note: fmt.Sprintf("C itself: %s ×; the fixed cost of a process is in the smaller one", short(cost(limit)))})
	b.add(row{Work: work + ": memory", Value: exactly(float64(large.ours.rss()) / float64(small.ours.rss())), Unit: "×", Goal: 1.1, Runs: len(large.ours)})
}

// peaking says what the terminal program needed at most of all that was measured.
func (b *bench) peaking(context.Context) error {
	if b.peak.of == "" {
		return nil
	}
	b.add(row{Work: "Peak memory of the terminal program", Value: exactly(float64(b.peak.rss) / 1e6), Unit: "MB", Goal: 64, Runs: 1,
		Note: "the most of all the runs above it, in " + b.peak.of})
	return nil
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
	r.Stage = b.stage
	if r.Runs == 0 {
		r.Runs = len(r.Of)
	}
	b.rows = append(b.rows, r)
	fmt.Fprintln(os.Stderr, "          "+strings.Join(r.cells(), " | "))
}
