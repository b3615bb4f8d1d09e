package core

import (
	"testing"

	"github.com/google/uuid"
)

func TestANodeRecognisesWhatItMade(t *testing.T) {
	ours, another, nobody := Node{UUID: NewUUID()}, Node{UUID: NewUUID()}, Node{}
	seen := make(map[string]bool)
	for range 1000 {
		made := ours.NewUUID()
		id, err := uuid.Parse(made)
		if err != nil || id.Version() != 4 || id.Variant() != uuid.RFC4122 || !ValidUUID(made) || seen[made] {
			t.Fatalf("%s is no new version 4: %v", made, err)
		}
		seen[made] = true
		if !ours.Made(made) || another.Made(made) || nobody.Made(made) {
			t.Fatalf("%s: ours %t, another's %t", made, ours.Made(made), another.Made(made))
		}
		if foreign := NewUUID(); ours.Made(foreign) {
			t.Fatalf("%s was made by nobody", foreign)
		}
	}
	for _, odd := range []string{"", "urn:uuid:", "12345678-1234-4234-8234-123456789012", "urn:uuid:not-a-uuid-but-of-the-right-length-00", "office-17"} {
		if ours.Made(odd) {
			t.Errorf("%q was made by nobody", odd)
		}
	}
}
