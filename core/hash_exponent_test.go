package core

import "testing"

func TestAHugeExponentIsHashedAtOnce(t *testing.T) {
	for _, s := range []string{"1e400", "1e-400", "1e-9999999999999999999", "1e18446744073709551215"} {
		r := Record{Fields: []Field{{Name: "x", Value: Value{Kind: Number, Str: s}}}}
		if r.Hash() == (&Record{}).Hash() {
			t.Errorf("%s is hashed like nothing", s)
		}
	}
}
