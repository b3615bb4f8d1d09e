package core_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/core"
)

func TestAUUIDComesBackToTheLetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytes := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
		text := core.UnpackUUID(bytes[:])
		if packed, ok := core.PackUUID(text); !ok || packed != bytes {
			t.Fatalf("%x is written %s, which is read as %x, %v", bytes, text, packed, ok)
		}
		if packed, ok := core.PackBareUUID(strings.TrimPrefix(text, core.UUIDPrefix)); !ok || packed != bytes {
			t.Fatalf("%x is %s, which is read without its prefix as %x, %v", bytes, text, packed, ok)
		}
	})
}

func TestWhatIsNoCanonicalUUIDIsNotPacked(t *testing.T) {
	const canonical = "urn:uuid:3f7af98f-f470-413f-8a53-fb5518e3984f"
	if _, ok := core.PackUUID(canonical); !ok {
		t.Fatal(canonical)
	}
	for _, s := range []string{
		"", "urn:uuid:", "a name", strings.ToUpper(canonical), "urn:uuid:" + strings.ToUpper(canonical[9:]), canonical[9:], canonical[:44], canonical + "0",
		strings.Replace(canonical, "-", "0", 1), strings.Replace(canonical, "f", "g", 1), strings.Replace(canonical, "urn", "URN", 1), "urn:uuid:é" + canonical[11:],
	} {
		if packed, ok := core.PackUUID(s); ok {
			t.Errorf("%q is packed as %x", s, packed)
		}
	}
}
