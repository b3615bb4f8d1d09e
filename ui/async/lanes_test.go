package async

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestABurstOfWishesBecomesFewCallsAndTheLastIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		g := &Gate{Pause: 100 * time.Millisecond, Do: func() { calls++ }}
		for range 50 {
			g.Wish()
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		if calls < 4 || calls > 7 {
			t.Errorf("500 ms of wishes made %d calls, want about 5", calls)
		}
		before := calls
		g.Wish()
		time.Sleep(time.Second)
		if calls != before+1 {
			t.Error("the last wish was not honoured")
		}
	})
}

func TestOnlyTheLastOfQuickKeystrokesIsSearched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		d := &Debouncer{Delay: 150 * time.Millisecond}
		for _, text := range []string{"r", "re", "red"} {
			d.Call(func() { got = append(got, text) })
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Second)
		if len(got) != 1 || got[0] != "red" {
			t.Errorf("searched %q, want only red", got)
		}
	})
}
