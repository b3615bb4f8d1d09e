package app

import (
	"context"
	"testing"

	"github.com/fieldsync/fieldsync/core/practice"
)

// practiceServer starts a practice repository that ends with the test.
func practiceServer(t testing.TB, seed uint64) *practice.Practice {
	t.Helper()
	p, err := practice.Start(context.Background(), practice.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}
