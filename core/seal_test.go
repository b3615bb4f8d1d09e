package core

import "testing"

func TestASealIsThatOfOneVersion(t *testing.T) {
	l := Link{Resource: "org_office", UUID: "urn:uuid:a"}
	seal := SealOf(l, Hash{1}, 1000)
	if seal != SealOf(l, Hash{1}, 1000) {
		t.Error("the same version has two seals")
	}
	for name, other := range map[string]Seal{
		"another record":        SealOf(Link{Resource: "org_office", UUID: "urn:uuid:b"}, Hash{1}, 1000),
		"another table":         SealOf(Link{Resource: "org_offic", UUID: "eurn:uuid:a"}, Hash{1}, 1000),
		"another content":       SealOf(l, Hash{2}, 1000),
		"another stamp":         SealOf(l, Hash{1}, 1001),
		"none":                  {},
		"an older stamp yet":    SealOf(l, Hash{1}, -1000),
		"no content, no stamp":  SealOf(l, Hash{}, 0),
		"uuid and content long": SealOf(Link{Resource: "org_office", UUID: "urn:uuid:a\x01"}, Hash{}, 1000),
	} {
		if other == seal {
			t.Errorf("%s has the same seal", name)
		}
	}
}
