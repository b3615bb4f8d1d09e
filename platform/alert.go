//go:build !windows

package platform

// Alert says something where no window of ours can: whoever starts the program
// elsewhere has a terminal for that, or its log.
func Alert(_, _ string) {}
