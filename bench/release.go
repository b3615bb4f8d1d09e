//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// A release is what was measured when a version came out, as figures that carry
// from machine to machine: ratios as they are, times as multiples of what
// libxml2 took in the same run to read the document.
type release struct {
	Records int
	Figures map[string]spread
}

// release are the present figures.
func (b *bench) release() release {
	r := release{Records: b.records, Figures: make(map[string]spread)}
	for i := range b.rows {
		row := &b.rows[i]
		switch {
		case row.compares() && !row.Faster:
			r.Figures[row.Work+": CPU against "+row.Against] = row.CPU
		case row.Unit == "ms" && b.sax > 0:
			r.Figures[row.Work+": against libxml2's reading"] = row.Value.by(b.sax * 1000)
		case !row.compares() && row.Unit != "ms" && row.Unit != "s":
			r.Figures[row.Work] = row.Value
		}
		if row.Memory > 0 {
			r.Figures[row.Work+": MB of memory"] = exactly(float64(row.Memory) / 1e6)
		}
	}
	return r
}

func (s spread) by(x float64) spread { return spread{s.Median / x, s.Least / x, s.Most / x} }

// noise is by how much a figure may differ before it is said to have moved,
// besides the ranges of both.
const noise = 0.15

// since says what has moved since then beyond noise: the ranges do not meet and
// the medians are far apart. It returns how many figures are worse.
func (r release) since(then release, w io.Writer) (worse int) {
	if r.Records != then.Records {
		fmt.Fprintf(w, "The last release was measured with %s records: nothing is compared.\n", thousands(then.Records))
		return 0
	}
	moved := 0
	for _, name := range slices.Sorted(maps.Keys(r.Figures)) {
		now := r.Figures[name]
		old, known := then.Figures[name]
		if !known || old.Median == 0 {
			continue
		}
		change := now.Median/old.Median - 1
		switch {
		case change > noise && now.Least > old.Most:
			worse++
		case change < -noise && now.Most < old.Least:
		default:
			continue
		}
		moved++
		fmt.Fprintf(w, "%+.0f %%  %s: %s, was %s\n", 100*change, name, now.text(""), old.text(""))
	}
	if moved == 0 {
		fmt.Fprintln(w, "Nothing has moved beyond noise since the last release.")
	}
	return worse
}

func readRelease(name string) (r release, err error) {
	b, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	return r, err
}

func (r release) save(name string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(b, '\n'), 0o644)
}
