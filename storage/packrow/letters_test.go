package packrow_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/core/letters"
)

// SQLite's key of a text is Go's.
func TestTextsAreSortedAsInThePackage(t *testing.T) {
	db := open(t)
	key := func(text any) (key *string) {
		if err := db.QueryRow(`SELECT letters(?)`, text).Scan(&key); err != nil {
			t.Fatal(err)
		}
		return key
	}
	alike := func(text string) {
		if got := key(text); got == nil || *got != letters.Key(text) {
			t.Fatalf("%q: %q instead of %q", text, *got, letters.Key(text))
		}
	}
	for c := rune(0); c < 0x11000; c++ {
		if c < 0xd800 || c > 0xdfff {
			alike("A" + string(c) + "é")
		}
	}
	rapid.Check(t, func(t *rapid.T) { alike(rapid.String().Draw(t, "text")) })
	if got := key(nil); got != nil {
		t.Errorf("of nothing: %q", *got)
	}
	for broken, want := range map[string]string{"A\xc3": "a\xc3", "\xe0\xa4": "\xe0\xa4", "\xffÉ\x80": "\xffe\x80", "É\xf0\x9f": "e\xf0\x9f"} {
		if got := key([]byte(broken)); got == nil || *got != want {
			t.Errorf("%q: %q", broken, *got)
		}
	}
}
