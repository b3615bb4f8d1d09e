//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"
)

// A release is what was measured when a version came out, as figures that carry
// from machine to machine: ratios as they are, times as multiples of what
// libxml2 took in the same run to read the document, or an empty program to begin and
// end. Wall time is among them only where it is waited for: what is computed takes
// longer on a busy machine.
type release struct {
	When    string // and at which commit, on which machine
	Records int
	Figures map[string]spread
}

// release are the present figures.
func (b *bench) release() release {
	r := release{Records: b.records, Figures: make(map[string]spread)}
	r.When = fmt.Sprintf("%s, %s, %s", time.Now().UTC().Format(time.DateOnly), commit(), machine())
	for i := range b.rows {
		r.note(&b.rows[i], b.sax)
	}
	return r
}

// note notes the figures of a row; sax is what libxml2 took, in seconds.
func (r release) note(row *row, sax float64) {
	switch {
	case row.Faster: // that is about others
	case row.compares():
		r.Figures[row.Work+": CPU against "+row.Against] = row.CPU
		if row.Waits {
			r.Figures[row.Work+": wall against "+row.Against] = row.Wall
		}
	case row.Waits && len(row.Of) > 0: // of the rest, a busy or slow machine has its part
		r.Figures[row.Work+": ms of waiting"] = inMilliseconds(row.Of.waits())
	case row.Waits || row.Unit == "×" || row.Unit == "":
		r.Figures[row.Work] = row.Value
	case row.Process.Median > 0: // reading a document does not tell what a process costs
		r.Figures[row.Work+": CPU against an empty program"] = row.Process
	case len(row.Of) > 0 && sax > 0:
		r.Figures[row.Work+": CPU against libxml2's reading"] = spreadOf(row.Of.cpus()).by(sax)
	case row.Unit == "ms" && sax > 0:
		r.Figures[row.Work+": against libxml2's reading"] = row.taken().by(sax * 1000)
	case row.Unit == "s" && sax > 0:
		r.Figures[row.Work+": against libxml2's reading"] = row.taken().by(sax)
	}
	if row.Memory > 0 {
		r.Figures[row.Work+": MB of memory"] = exactly(float64(row.Memory) / 1e6)
	}
}

// once is by how much a time that was taken only once may be off, either way: it has no range.
const once = 1.5

// taken is how long it took, in the row's unit.
func (r *row) taken() spread {
	if t := r.Value; r.Runs == 1 {
		return spread{t.Median, t.Median / once, t.Median * once}
	}
	return r.Value
}

func (s spread) by(x float64) spread { return spread{s.Median / x, s.Least / x, s.Most / x} }

// noise is by how much a figure may differ before it is said to have moved,
// besides the ranges of both.
const noise = 0.15

// since says what has moved since then beyond noise: the ranges do not meet and
// the medians are far apart. It returns how many figures are worse. What was
// measured then and is not now is named too: it must not vanish unseen.
func (r release) since(then release, w io.Writer) (worse int) {
	if r.Records != then.Records {
		fmt.Fprintf(w, "The last release was measured with %s records: nothing is compared.\n", thousands(then.Records))
		return 0
	}
	fmt.Fprintf(w, "Since the last release (%s):\n", then.When)
	moved := 0
	for _, name := range slices.Sorted(maps.Keys(r.Figures)) {
		now := r.Figures[name]
		old, known := then.Figures[name]
		if !known || old.Median == 0 {
			continue
		}
		change := now.Median/old.Median - 1
		verdict := "better"
		switch {
		case change > noise && now.Least > old.Most:
			worse++
			verdict = "WORSE "
		case change < -noise && now.Most < old.Least:
		default:
			continue
		}
		moved++
		fmt.Fprintf(w, "%s  %+.0f %%  %s: %s, was %s\n", verdict, 100*change, name, now.text(""), old.text(""))
	}
	if moved == 0 {
		fmt.Fprintf(w, "Nothing has moved beyond noise (%d figures).\n", len(r.Figures))
	}
	for _, name := range slices.Sorted(maps.Keys(then.Figures)) {
		if _, is := r.Figures[name]; !is {
			fmt.Fprintf(w, "Not measured this time: %s\n", name)
		}
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
