package widgets

import "testing"

func TestAPulseGoesToAndFro(t *testing.T) {
	p := NewPulse()
	least, most := float32(1), float32(0)
	last := p.place()
	for range 5 * pulseSteps {
		p.Step()
		at := p.place()
		least, most = min(least, at), max(most, at)
		if at == last {
			t.Fatalf("it stands still at %v", at)
		}
		last = at
	}
	if least != 0 || most != 1 {
		t.Errorf("it goes from %v to %v", least, most)
	}
}
