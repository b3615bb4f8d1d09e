package platform

import "testing"

func TestThereIsLessRoomThanTheScreenHas(t *testing.T) {
	const screenWidth, screenHeight = 0, 1
	if w, h := Room(); w < 300 || h < 200 || w > metric(screenWidth) || h >= metric(screenHeight) {
		t.Errorf("%v by %v, on a screen of %v by %v", w, h, metric(screenWidth), metric(screenHeight))
	}
}
