package platform

import (
	"path/filepath"
	"testing"
)

func TestFreeSpaceIsThatOfTheFoldersDisk(t *testing.T) {
	free, err := FreeSpace(t.TempDir())
	if err != nil || free == 0 {
		t.Errorf("%d bytes, %v", free, err)
	}
	if free, err := FreeSpace(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Errorf("a folder that is not there has %d bytes", free)
	}
}
