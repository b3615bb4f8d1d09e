//go:build linux

package main

import "testing"

// However a document is cut on its way, what is in it is counted once.
func TestOccurrencesAreCountedAcrossBorders(t *testing.T) {
	const text = `<r n="a"><r n="a"><r n="ab"/></r>..<r n="a"`
	for size := 1; size <= len(text); size++ {
		o := &occurrences{of: []byte(`<r n="a"`)}
		for at := 0; at < len(text); at += size {
			if n, err := o.Write([]byte(text[at:min(len(text), at+size)])); err != nil || n == 0 {
				t.Fatal(n, err)
			}
		}
		if o.n != 3 {
			t.Errorf("in pieces of %d: %d instead of 3", size, o.n)
		}
	}
}
