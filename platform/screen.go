//go:build !windows

package platform

// Room returns how large a window can be on the screen, in points. Zero is as large as
// it likes: who manages the windows sees to it, and tells the program.
func Room() (width, height float32) { return 0, 0 }
