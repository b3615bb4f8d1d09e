package platform

import (
	"syscall"
	"unsafe"
)

var (
	user32               = syscall.NewLazyDLL("user32.dll")
	systemParametersInfo = user32.NewProc("SystemParametersInfoW")
	systemMetrics        = user32.NewProc("GetSystemMetrics")
)

// What is asked of the two.
const (
	getWorkArea   = 0x30
	captionHeight = 4
	frameWidth    = 32
	frameHeight   = 33
)

// Room returns how large a window can be on the screen beside the taskbar and within its
// own frame, in points. It must be asked before the toolkit starts: until then
// Windows answers in points, afterwards in pixels.
func Room() (width, height float32) {
	var area struct{ left, top, right, bottom int32 }
	if ok, _, _ := systemParametersInfo.Call(getWorkArea, 0, uintptr(unsafe.Pointer(&area)), 0); ok == 0 {
		return 0, 0
	}
	width = float32(area.right-area.left) - 2*metric(frameWidth)
	height = float32(area.bottom-area.top) - 2*metric(frameHeight) - metric(captionHeight)
	if width <= 0 || height <= 0 {
		return 0, 0
	}
	return width, height
}

func metric(which uintptr) float32 {
	value, _, _ := systemMetrics.Call(which)
	return float32(int32(value))
}
