//go:build linux

// Command bench measures Fieldsync beside the limit of the machine and beside
// what a user would pick instead, in one run, as ratios. `make bench` builds all
// that it needs and calls it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run does one of the small programs that are measured, or measures.
func run(ctx context.Context, args []string) error {
	if len(args) > 1 {
		switch args[0] {
		case "decode":
			return decodeFile(args[1])
		case "list":
			return readList(ctx, args[1])
		case "edit":
			return editRecords(ctx, args[1])
		case "peer":
			records, tables, err := numbers(args[1:])
			if err != nil {
				return err
			}
			return servePeer(ctx, records, tables)
		}
	}
	return harness(ctx, args)
}

func numbers(args []string) (records, tables int, err error) {
	if len(args) != 2 {
		return 0, 0, fmt.Errorf("peer RECORDS TABLES")
	}
	if records, err = strconv.Atoi(args[0]); err != nil {
		return 0, 0, err
	}
	tables, err = strconv.Atoi(args[1])
	return records, tables, err
}

// harness measures.
func harness(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	bin := flags.String("bin", "bin", "folder of the programs that were built")
	records := flags.Int("records", 100_000, "how many records")
	repeats := flags.Int("repeats", 5, "how often each pair runs")
	others := flags.String("others", "10000", "other numbers of records for the first pull, with commas")
	large := flags.Int("large", 0, "a number of records for the stage large: pulled once, and the list looked at")
	only := flags.String("only", "", "names of stages, with commas; all of them if empty")
	rivals := flags.Bool("rivals", false, "PouchDB and Python too")
	document := flags.String("document", "", "write the figures into this document")
	last := flags.String("release", "", "compare with the figures of the last release in this file")
	save := flags.Bool("save", false, "make the figures those of the last release")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t, err := findTools(*bin)
	if err != nil {
		return err
	}
	b := &bench{tools: t, scripts: filepath.Join("bench", "rival"), repeats: *repeats, large: *large, load: load(),
		ran: make(map[string]bool), first: make(map[int]comparison)}
	if b.others, err = list(*others); err != nil {
		return err
	}
	names := strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	stages, err := wanted(names, *rivals)
	if err != nil {
		return err
	}
	failed := b.measure(ctx, *records, stages)
	if ctx.Err() != nil {
		return failed
	}
	b.print(os.Stdout)
	if *document != "" {
		failed = errors.Join(failed, b.write(*document))
	}
	return errors.Join(failed, b.judge(*last, *save))
}

// judge compares with the last release, or becomes it.
func (b *bench) judge(file string, save bool) error {
	if file == "" {
		return nil
	}
	if save {
		return b.release().save(file)
	}
	then, err := readRelease(file)
	if err != nil {
		return err
	}
	fmt.Println()
	if worse := b.release().since(then, os.Stdout); worse > 0 {
		return fmt.Errorf("%d figures are worse than at the last release", worse)
	}
	return nil
}

func findTools(bin string) (*tools, error) {
	dir, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	t := &tools{self: self, work: filepath.Join(dir, "bench-data")}
	for name, at := range map[string]*string{"fieldsync-cli": &t.program, "bench-measure": &t.measure, "bench-limit": &t.limit, "bench-empty-program": &t.emptyProgram, "bench-slowdisk.so": &t.slowDisk} {
		*at = filepath.Join(dir, name)
		if _, err := os.Stat(*at); err != nil {
			return nil, fmt.Errorf("%w: make bench builds it", err)
		}
	}
	t.window, t.emptyWindow = filepath.Join(dir, "fieldsync"), filepath.Join(dir, "bench-empty-window")
	return t, os.MkdirAll(t.work, 0o755)
}

func list(text string) (all []int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}
