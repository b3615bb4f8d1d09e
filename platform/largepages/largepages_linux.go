//go:build linux && (amd64 || arm64)

package largepages

import "C" // for largepages_linux.c
