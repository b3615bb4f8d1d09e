package transfer_test

import (
	"os"
	"testing"
)

// Only Windows keeps an open file from being replaced.
func init() {
	occupied["it is open in another program"] = func(t *testing.T, path string) {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
	}
}
