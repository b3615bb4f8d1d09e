package platform

import (
	"context"
	"syscall"
	"time"
	"unsafe"

	"github.com/fieldsync/fieldsync/core/schedule"
)

var systemPowerStatus = syscall.NewLazyDLL("kernel32.dll").NewProc("GetSystemPowerStatus")

// powerStatus is SYSTEM_POWER_STATUS of the Windows interface.
type powerStatus struct {
	acLine, batteryFlag, batteryPercent, systemStatus byte
	lifeTime, fullLifeTime                            uint32
}

// powerEvery is how often the battery saver is looked at.
const powerEvery = 30 * time.Second

// watchSystem looks at the battery saver until ctx ends. Sleep is noticed by the
// clock.
func (w *Watcher) watchSystem(ctx context.Context) {
	ticker := time.NewTicker(powerEvery)
	defer ticker.Stop()
	for {
		var p powerStatus
		if ok, _, _ := systemPowerStatus.Call(uintptr(unsafe.Pointer(&p))); ok != 0 {
			w.update(func(s *schedule.Surroundings) { s.Saver = p.systemStatus == 1 })
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
