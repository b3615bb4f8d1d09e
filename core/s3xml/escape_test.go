package s3xml

import (
	"strings"
	"testing"
)

// Whatever stands before, behind and between, each byte is written as its table says:
// most of a text is passed over eight bytes at a time.
func TestEachByteIsEscapedWhereverItStands(t *testing.T) {
	for _, table := range []*escapes{&textEscapes, &attrEscapes, &jsonValueEscapes, &jsonEscapes} {
		for c := range byte(0x80) {
			want := table[c]
			switch want {
			case "":
				want = string(rune(c))
			case drop:
				want = ""
			}
			for length := 1; length < 20; length++ {
				for at := range length {
					before, behind := strings.Repeat("x", at), strings.Repeat("~", length-at-1)
					if got := string(appendEscaped(nil, before+string(rune(c))+behind, table)); got != before+want+behind {
						t.Fatalf("%q at %d of %d: %q", c, at, length, got)
					}
				}
			}
		}
	}
	for _, letter := range []string{"é", "٣", "न", "😀"} {
		for n := range 20 {
			before := strings.Repeat("a b", n)
			if got := string(appendEscaped(nil, before+letter+`"`+before+"\xff", &attrEscapes)); got != before+letter+"&quot;"+before {
				t.Errorf("%q", got)
			}
		}
	}
}
