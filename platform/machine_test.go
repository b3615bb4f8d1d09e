package platform

import "testing"

func TestAComputerHasOneFingerprintThatDoesNotTellItsName(t *testing.T) {
	id := machineID()
	if got := Machine(); got != Machine() || (id == "") != (got == "") || id != "" && got == id {
		t.Errorf("id %q gives %q", id, got)
	}
}
