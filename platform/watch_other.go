//go:build !linux && !windows

package platform

import "context"

// watchSystem has nobody to ask here: interfaces and clock are enough.
func (w *Watcher) watchSystem(ctx context.Context) { <-ctx.Done() }
