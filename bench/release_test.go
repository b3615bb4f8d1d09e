//go:build linux

package main

import (
	"strings"
	"testing"
)

func TestOnlyWhatMovedBeyondNoiseIsTold(t *testing.T) {
	then := release{Records: 10, Figures: map[string]spread{
		"steady": {1, 0.9, 1.1}, "noisy": {1, 0.5, 2}, "slower": {1, 0.95, 1.05}, "faster": {1, 0.95, 1.05}, "gone": {1, 1, 1}}}
	now := release{Records: 10, Figures: map[string]spread{
		"steady": {1.1, 1, 1.2}, "noisy": {1.5, 1, 2}, "slower": {1.3, 1.2, 1.4}, "faster": {0.7, 0.6, 0.8}, "new": {1, 1, 1}}}
	var out strings.Builder
	if worse := now.since(then, &out); worse != 1 {
		t.Errorf("%d figures are worse, want 1", worse)
	}
	for name, told := range map[string]bool{"steady": false, "noisy": false, "slower": true, "faster": true, "gone": false, "new": false} {
		if strings.Contains(out.String(), name) != told {
			t.Errorf("%s: told is %t, want %t:\n%s", name, !told, told, out.String())
		}
	}
	out.Reset()
	now.Records = 20
	if worse := now.since(then, &out); worse != 0 || !strings.Contains(out.String(), "nothing is compared") {
		t.Errorf("other numbers of records are compared: %s", out.String())
	}
}

func TestAGoalIsReachedInBothTimesOrSaysInWhich(t *testing.T) {
	for _, tt := range []struct {
		name string
		row  row
		want string
	}{
		{"both", row{CPU: exactly(1), Wall: exactly(1), Goal: 1.5}, "yes"},
		{"one", row{CPU: exactly(1), Wall: exactly(2), Goal: 1.5}, "CPU only"},
		{"none", row{CPU: exactly(2), Wall: exactly(2), Goal: 1.5}, "**no**"},
		{"a value", row{Value: exactly(40), Unit: "ms", Goal: 50}, "yes"},
		{"times faster", row{CPU: exactly(0.1), Wall: exactly(0.05), Faster: true, Goal: 12}, "yes"},
		{"not so much faster", row{CPU: exactly(0.1), Wall: exactly(0.1), Faster: true, Goal: 12}, "**no**"},
		{"no goal", row{Value: exactly(1)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.row.verdict(); got != tt.want {
				t.Errorf("verdict is %q, want %q", got, tt.want)
			}
		})
	}
}
