//go:build linux

package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOnlyWhatMovedBeyondNoiseIsTold(t *testing.T) {
	then := release{When: "long ago", Records: 10, Figures: map[string]spread{
		"steady": {1, 0.9, 1.1}, "noisy": {1, 0.5, 2}, "slower": {1, 0.95, 1.05}, "faster": {1, 0.95, 1.05}, "gone": {1, 1, 1}}}
	now := release{Records: 10, Figures: map[string]spread{
		"steady": {1.1, 1, 1.2}, "noisy": {1.5, 1, 2}, "slower": {1.3, 1.2, 1.4}, "faster": {0.7, 0.6, 0.8}, "new": {1, 1, 1}}}
	var out strings.Builder
	if worse := now.since(then, &out); worse != 1 {
		t.Errorf("%d figures are worse, want 1", worse)
	}
	for name, told := range map[string]bool{"long ago": true, "steady": false, "noisy": false, "WORSE   +30 %  slower": true, "better  -30 %  faster": true,
		"Not measured this time: gone": true, "new": false} {
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

// measured is a bench that has found these times, in milliseconds of CPU and in
// seconds of waiting.
func measured(cpu, wait int) *bench {
	pulls := series{{wall: time.Second, cpu: time.Duration(cpu) * time.Millisecond, rss: 50e6}}
	return &bench{records: 10, sax: 0.1, rows: []row{
		{Work: "Few changed", Value: exactly(40), Unit: "ms", Of: pulls},
		{Work: "Over a line", Value: exactly(float64(wait)), Unit: "s", Waits: true},
		{Work: "Pull, slow disk", Against: "C", CPU: exactly(2), Wall: exactly(float64(wait)), Waits: true}}}
}

func TestAReleaseThatIsSlowerFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "release.json")
	if err := measured(100, 10).judge(file, true); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		cpu, wait int
		worse     string // "": none
	}{
		{"the same", 100, 10, ""},
		{"within noise", 110, 11, ""},
		{"better", 50, 5, ""},
		{"more CPU time", 130, 10, "1 figures"},
		{"more waiting", 100, 13, "2 figures"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := measured(tt.cpu, tt.wait).judge(file, false)
			if (err != nil) != (tt.worse != "") || err != nil && !strings.Contains(err.Error(), tt.worse) {
				t.Errorf("judged %v, want %q", err, tt.worse)
			}
		})
	}
}

// What a process costs differs from hour to hour in a virtual machine, and is not what a
// disk is waited for.
func TestAMachineWhoseProcessesCostMoreIsNoWorseRelease(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	at := func(process, cpu, wall int) release {
		sync := series{{wall: ms(wall), cpu: ms(cpu)}}
		empty := series{{wall: ms(process), cpu: ms(process)}}
		b := &bench{records: 10, sax: 0.1, rows: []row{
			{Work: "Nothing changed", Value: inMilliseconds(sync.walls()), Unit: "ms", Of: sync, Process: comparison{sync, empty}.cpu()},
			{Work: "Nothing changed, slow disk", Value: inMilliseconds(sync.walls()), Unit: "ms", Of: sync, Waits: true}}}
		return b.release()
	}
	then := at(10, 40, 160)
	var out strings.Builder
	for name, tt := range map[string]struct {
		now   release
		worse int
	}{
		"twice as dear":  {at(20, 80, 200), 0},
		"more CPU time":  {at(10, 60, 180), 1},
		"longer waiting": {at(10, 40, 190), 1},
	} {
		if got := tt.now.since(then, &out); got != tt.worse {
			t.Errorf("%s: %d figures are worse, want %d\n%s", name, got, tt.worse, out.String())
		}
	}
}

// A time that was taken once may have been taken in a bad moment.
func TestATimeTakenOnceIsWorseOnlyByHalf(t *testing.T) {
	indexed := func(seconds float64) release {
		b := &bench{records: 10, sax: 1, rows: []row{{Work: "Search brought up to date", Value: exactly(seconds), Unit: "s", Runs: 1}}}
		return b.release()
	}
	var out strings.Builder
	for seconds, worse := range map[float64]int{4.4: 0, 10: 1} {
		if got := indexed(seconds).since(indexed(3), &out); got != worse {
			t.Errorf("%v s instead of 3: %d figures are worse, want %d\n%s", seconds, got, worse, out.String())
		}
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
