package replicate

import (
	"testing"
	"time"
)

func TestAPaceGrowsWhereItIsQuickAndShrinksWhereItIsSlow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pace  pace
		d     time.Duration
		bytes int64
		want  int
	}{
		{"quick and small: doubled", pace{200, 200, 2000}, 100 * time.Millisecond, 1 << 20, 400},
		{"never beyond the most", pace{1600, 200, 2000}, 100 * time.Millisecond, 1 << 20, 2000},
		{"twice as much would take too long: the same", pace{400, 200, 2000}, 800 * time.Millisecond, 1 << 20, 400},
		{"twice as much would be too large: the same", pace{400, 200, 2000}, 100 * time.Millisecond, 5 << 20, 400},
		{"slow: halved", pace{800, 200, 2000}, 3 * time.Second, 1 << 20, 400},
		{"large: halved", pace{800, 200, 2000}, 100 * time.Millisecond, 7 << 20, 400},
		{"never below the least", pace{200, 200, 2000}, time.Minute, 1 << 20, 200},
		{"fixed", pace{10, 10, 10}, 0, 0, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.pace.took(tt.d, tt.bytes)
			if tt.pace.now != tt.want {
				t.Errorf("%d at a time, want %d", tt.pace.now, tt.want)
			}
		})
	}
}
