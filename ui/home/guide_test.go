package home

import "testing"

func TestTheGuideGoesOnWhenWhatItAskedForWasDone(t *testing.T) {
	g := guide{}
	if l := g.lesson(); l.Action != "" || l.Title != "The records are on their way" {
		t.Errorf("before the first sync came through: %+v", l)
	}
	g.failed = true
	if l := g.lesson(); l.Action != "" || l.Title != "The records did not arrive" {
		t.Errorf("after a first sync that failed: %+v", l)
	}
	g.fetched = true
	step := func(what string, want lesson) {
		t.Helper()
		if g.now != want {
			t.Fatalf("%s: lesson %d, want %d", what, g.now, want)
		}
		if l := g.lesson(); l.Title == "" || l.Text == "" || l.Step != int(want)+1 || (l.Action == "") != (want == lessonDone) {
			t.Errorf("%s: %+v", what, l)
		}
	}
	step("at first", lessonFetch)
	g.synced()
	step("a sync of one's own accord", lessonFetch)
	g.now, g.phone = lessonArrive, "1"
	g.synced()
	step("the change arrived", lessonEdit)
	g.seen(0, "1")
	step("looked, but not changed", lessonEdit)
	g.seen(0, "2")
	step("the number was changed", lessonClash)
	g.now = lessonCollide
	g.seen(0, "2")
	step("not synced yet", lessonCollide)
	g.seen(1, "2")
	step("the conflict appeared", lessonDecide)
	g.seen(0, "3")
	step("it was decided", lessonDone)
	waiting := g.lesson().Text
	if g.sent = true; g.lesson().Text == waiting {
		t.Error("what is delivered is not said to wait for the next sync")
	}
}
