package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/event"
)

func TestTheExitCodeSaysWhatAScriptCanDo(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"all went well", nil, exitDone},
		{"the server does not answer: later", &core.Problem{Kind: core.Unreachable}, exitLater},
		{"the answer broke off: later", &core.Problem{Kind: core.Truncated}, exitLater},
		{"a server error: later", &core.Problem{Kind: core.ServerFault}, exitLater},
		{"another sync is running: later", &core.Problem{Kind: core.AlreadyRunning}, exitLater},
		{"interrupted: later", context.Canceled, exitLater},
		{"an unknown error: later", errors.New("injected"), exitLater},
		{"the disk is full: later", &core.Problem{Kind: core.DiskFull}, exitLater},
		{"a wrong setting: wrong use", core.Invalid("url", "No."), exitUsage},
		{"no password: a person", &core.Problem{Kind: core.NoPassword}, exitPerson},
		{"no such thing: wrong use", fmt.Errorf("look: %w", core.ErrNotFound), exitUsage},
		{"a file that cannot be read: wrong use", &core.Problem{Kind: core.FileUnreadable}, exitUsage},
		{"a refused password: a person", fmt.Errorf("sync: %w", &core.Problem{Kind: core.Unauthorized}), exitPerson},
		{"no right: a person", &core.Problem{Kind: core.Forbidden}, exitPerson},
		{"another server answers: a person", &core.Problem{Kind: core.IdentityChanged}, exitPerson},
		{"the brake: a person", &core.Problem{Kind: core.Brake}, exitPerson},
		{"went back: a person", &core.Problem{Kind: core.WentBack}, exitPerson},
		{"a wrong clock: a person", &core.Problem{Kind: core.ClockWrong}, exitPerson},
		{"a damaged database: a person", &core.Problem{Kind: core.StoreDamaged}, exitPerson},
		{"open conflicts: a person", &personNeeded{"Decide."}, exitPerson},
		{"records set aside: later", &later{"Again."}, exitLater},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			c := &commands{io: IO{Out: &out, Err: &out}, started: true}
			if got := c.report(nil, tt.err); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
			if tt.err != nil && out.Len() == 0 {
				t.Error("nothing was said")
			}
		})
	}
}

func TestTroubleIsToldInTheCataloguesWords(t *testing.T) {
	var out bytes.Buffer
	c := &commands{io: IO{Out: &out, Err: &out}, started: true}
	c.report(nil, &core.Problem{Kind: core.Unreachable, Subject: "HQ", Err: errors.New("dial tcp: injected")})
	want := "HQ does not answer.\nNothing is lost: your changes stay on this laptop.\nThe next sync tries again. If this lasts, check the network connection.\n"
	if out.String() != want {
		t.Errorf("told %q, want %q", out.String(), want)
	}
	out.Reset()
	c.verbose = true
	c.report(nil, &core.Problem{Kind: core.Unreachable, Subject: "HQ", Err: errors.New("dial tcp: injected")})
	if !strings.Contains(out.String(), "dial tcp: injected") {
		t.Errorf("--verbose does not show the cause: %q", out.String())
	}
}

func TestAFailedCheckChoosesTheExitCode(t *testing.T) {
	for _, tt := range []struct {
		name     string
		findings []eden.Finding
		want     int
	}{
		{"all is well", []eden.Finding{{Name: "network", OK: true}}, exitDone},
		{"only the network fails: later", []eden.Finding{{Name: "HQ: network"}, {Name: "database", OK: true}}, exitLater},
		{"the login fails: a person", []eden.Finding{{Name: "network", OK: true}, {Name: "login"}}, exitPerson},
		{"both: a person", []eden.Finding{{Name: "A: network"}, {Name: "B: certificate"}}, exitPerson},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			c := &commands{io: IO{Out: &out, Err: &out}, started: true}
			if got := c.report(nil, verdict(tt.findings)); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
}

func TestTheGravestProblemIsTheOneThatTryingAgainDoesNotCure(t *testing.T) {
	offline, refused := &core.Problem{Kind: core.Unreachable}, &core.Problem{Kind: core.Unauthorized}
	if got := gravest([]*core.Problem{offline, refused}); got != refused {
		t.Errorf("gravest is %v", got)
	}
	if got := gravest(nil); got != nil {
		t.Errorf("gravest of none is %v", got)
	}
}

func TestProgressText(t *testing.T) {
	for want, p := range map[string]event.Progress{
		"HQ: connecting":                          {Repository: "HQ", Step: event.StepConnect},
		"HQ: receiving org_office, 120 of 300":    {Repository: "HQ", Step: event.StepFetch, Resource: "org_office", Done: 120, Total: 300},
		"HQ: receiving org_office, 120":           {Repository: "HQ", Step: event.StepFetch, Resource: "org_office", Done: 120},
		"HQ: checking the delivery org_office, 1": {Repository: "HQ", Step: event.StepVerify, Resource: "org_office", Done: 1},
	} {
		if got := progressText(p); got != want {
			t.Errorf("progressText(%+v) = %q, want %q", p, got, want)
		}
	}
}

func TestTheProgressLineIsWrittenOverAndCleared(t *testing.T) {
	var out bytes.Buffer
	line := &progressLine{w: &out}
	line.show(event.Progress{Repository: "HQ", Step: event.StepFetch, Resource: "org_office", Done: 1})
	line.show(event.Progress{Repository: "HQ", Step: event.StepFetch, Resource: "org_office", Done: 2}) // too soon
	line.show(event.Progress{Repository: "HQ", Step: event.StepSend, Resource: "org_office", Done: 1})  // a new step is always shown
	line.show(event.Logged{})
	line.clear()
	want := "\r\x1b[KHQ: receiving org_office, 1\r\x1b[KHQ: sending org_office, 1\r\x1b[K"
	if out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
}

func TestWhatAStrangerTypedCannotControlTheTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mb\r\nc":       "a [31mb  c",
		"\u009b2J":              " 2J",
		strings.Repeat("é", 80): strings.Repeat("é", 69) + "…",
		"काठमाडौँ":              "काठमाडौँ",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
	if got := safe("a\x1b[31mb\nc"); got != "a[31mb\nc" {
		t.Errorf("safe = %q", got)
	}
}

func TestParseInterval(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "30m": 30 * time.Minute, "2h": 2 * time.Hour, "1d": 24 * time.Hour, "7d": 168 * time.Hour} {
		if got, err := parseInterval(text); err != nil || got != want {
			t.Errorf("parseInterval(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"soon", "d", "-1d", "0d", "1w", "99999999999d"} {
		if got, err := parseInterval(text); !core.IsKind(err, core.InvalidSetting) {
			t.Errorf("parseInterval(%q) = %v, %v, want a problem", text, got, err)
		}
	}
}

func TestParseFilters(t *testing.T) {
	got := parseFilters([]string{"~.name__like=A*", "gis_location:~.L0=Nepal", "", "~.url=http://x"})
	want := []core.Filter{{Query: "~.name__like=A*"}, {Table: "gis_location", Query: "~.L0=Nepal"}, {Query: "~.url=http://x"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("parseFilters = %v, want %v", got, want)
	}
}

func TestWhereWeStandIsOneSentence(t *testing.T) {
	now := core.MTimeOf(time.Now())
	for _, tt := range []struct {
		name    string
		state   repositoryState
		staying int
		want    string
	}{
		{"never reached", repositoryState{Repository: "HQ", URL: "x"}, 0, "Nothing was exchanged with HQ yet."},
		{"never reached, and something waits", repositoryState{Repository: "HQ", URL: "x", Unsent: 2}, 0, "2 changes wait to be sent."},
		{"stopped, with what to do", repositoryState{Repository: "HQ", URL: "x", Stopped: "HQ refused.", LastMessage: "HQ refused. Do this."}, 0, "Stopped: HQ refused. Do this."},
		{"deletions are held", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, SetAside: 30, Held: 30}, 0, `or keep the records: fieldsync brakes refuse "HQ".`},
		{"all is there", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, LastSuccess: now}, 0, "Everything is at HQ. Last sync " + when(now) + "."},
		{"it was reached, and nothing came through", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, LastResult: core.ResultError, LastMessage: "Not accepted."}, 0,
			"Nothing waits to be sent to HQ. No sync was complete yet. The last try failed: Not accepted."},
		{"it came through before", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, LastSuccess: now, LastResult: core.ResultFatal, LastMessage: "No right."}, 0,
			"Nothing waits to be sent to HQ. Last sync " + when(now) + ". The last try failed: No right."},
		{"and something goes nowhere", repositoryState{Repository: "HQ", URL: "x", LastConnected: now}, 2, "All that is sent is at HQ."},
		{"one change waits", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, Unsent: 1}, 0, "1 change is not at HQ yet."},
		{"changes wait", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, Unsent: 2}, 0, "2 changes are not at HQ yet."},
		{"stopped", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, Stopped: "Password."}, 0, "Stopped: Password."},
		{"the last try failed", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, LastResult: core.ResultError, LastMessage: "Offline."}, 0, "The last try failed: Offline."},
		{"a conflict", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, Conflicts: 1}, 0, "1 record was changed on both sides and needs your decision."},
		{"refused", repositoryState{Repository: "HQ", URL: "x", LastConnected: now, Refused: 3}, 0, "3 records are refused there."},
		{"only calls us", repositoryState{Repository: "Laptop", LastConnected: now}, 0, "Laptop calls us"},
		{"calls us, and is not accepted", repositoryState{Repository: "Laptop", LastConnected: now, stranger: true}, 0, "Nothing is exchanged before it is accepted: fieldsync peer accept \"Laptop\"."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.state.sentence(tt.staying); !strings.Contains(got, tt.want) {
				t.Errorf("sentence() = %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestTheTotalIsAsGraveAsTheGravestRun(t *testing.T) {
	var sum total
	sum.add("A", core.Run{Result: core.ResultWarning, Counts: core.Counts{Received: 2, Created: 2}}, nil)
	sum.add("B", core.Run{Result: core.ResultFatal, Counts: core.Counts{Received: 1, Kept: 1, Sent: 4}}, &core.Problem{Kind: core.Unauthorized, Subject: "B"})
	sum.add("C", core.Run{Result: core.ResultSuccess}, nil)
	if sum.Result != core.ResultFatal || sum.Received != 3 || sum.Sent != 4 || len(sum.Runs) != 3 {
		t.Errorf("total = %+v", sum)
	}
	if !strings.Contains(sum.Runs[1].Problem, "B refused the user name or password.") {
		t.Errorf("problem = %q", sum.Runs[1].Problem)
	}
}

func TestEveryCommandExplainsItself(t *testing.T) {
	c := &commands{}
	root := c.root(nil)
	pending := root.Commands()
	seen := 0
	for len(pending) > 0 {
		cmd := pending[0]
		pending = append(pending[1:], cmd.Commands()...)
		seen++
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: short help %q", cmd.CommandPath(), cmd.Short)
		}
		for line := range strings.Lines(cmd.Long) {
			if len([]rune(line)) > terminalWidth && !strings.Contains(line, "  ") {
				t.Errorf("%s: a line of its help is wider than a terminal: %s", cmd.CommandPath(), line)
			}
		}
		if cmd.Args == nil && cmd.Name() != "help" && cmd.Name() != "completion" && cmd.Parent().Name() != "completion" {
			t.Errorf("%s does not say how many arguments it takes", cmd.CommandPath())
		}
	}
	if seen < 40 {
		t.Errorf("%d commands", seen)
	}
}

func TestEveryCommandIsFoundByItsName(t *testing.T) {
	c := &commands{}
	for _, list := range c.makers() {
		for name := range list {
			alone := c.root([]string{"--data", "d", name, "--help"}).Commands()
			if len(alone) != 1 || alone[0].Name() != name {
				t.Errorf("for %q there are %v", name, alone)
			}
		}
	}
}

func TestAllCommandsAreThereUnlessOneIsNamed(t *testing.T) {
	all := len((&commands{}).root(nil).Commands())
	for _, line := range []string{"help", "--help", "synk", "--version", "completion bash", "__complete sync --", "__completeNoDesc --data sync rec"} {
		if n := len((&commands{}).root(strings.Fields(line)).Commands()); n != all {
			t.Errorf("%q: %d commands of %d", line, n, all)
		}
	}
	for line, want := range map[string]int{"sync --resource log": 2, "help sync": 1, "repository list": 1} {
		if n := len((&commands{}).root(strings.Fields(line)).Commands()); n != want {
			t.Errorf("%q: %d commands, want %d", line, n, want)
		}
	}
}

func TestADataFolderThatIsRefusedEndsTheCommand(t *testing.T) {
	var out bytes.Buffer
	app := App{Open: func(context.Context, string) (*Node, error) { return nil, &core.Problem{Kind: core.StoreTooNew} }}
	if got := Run(t.Context(), app, []string{"status"}, IO{Out: &out, Err: &out}); got != exitPerson {
		t.Errorf("exit code %d, want %d", got, exitPerson)
	}
	if !strings.Contains(out.String(), "newer Fieldsync") {
		t.Errorf("told %q", out.String())
	}
}

// What a run did not find out is not said: "nothing to do" would be a claim.
func TestARunSaysOnlyWhatIsKnown(t *testing.T) {
	offline := &core.Problem{Kind: core.Unreachable, Subject: "HQ"}
	some := core.Counts{Received: 31, Updated: 1, Deleted: 30}
	for _, tt := range []struct {
		name string
		run  core.Run
		err  error
		want string
	}{
		{"done", core.Run{}, nil, "done (0.0 s): nothing to do."},
		{"nobody answers", core.Run{}, offline, "not finished (0.0 s)."},
		{"broken off in the middle", core.Run{Counts: some}, offline, "not finished (0.0 s): 31 received, 1 changed, 30 deleted."},
		{"a dry run", core.Run{DryRun: true}, nil, "nothing was changed; this would happen (0.0 s): nothing to do."},
		{"a dry run that nobody answers", core.Run{DryRun: true}, offline, "nothing was changed; what would happen is not known (0.0 s)."},
		{"a dry run with deletions that would be held", core.Run{DryRun: true, Counts: core.Counts{Received: 31, Updated: 1, Quarantined: 30}, Held: 30}, nil,
			"nothing was changed; this would happen (0.0 s): 31 received, 1 changed, 30 set aside. 30 deletions would wait for your word, because they are unusually many."},
	} {
		if got := runWords(tt.run, tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		run  core.Run
		want string
	}{
		{core.Run{Result: core.ResultSuccess}, "nothing to do"},
		{core.Run{Result: core.ResultError, Message: "HQ does not answer."}, "HQ does not answer."},
		{core.Run{Result: core.ResultError, Counts: some}, "31 received, 1 changed, 30 deleted"},
	} {
		if got := whatWords(tt.run, "HQ"); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.run, got, tt.want)
		}
	}
}

func TestWhatIsSharedIsAList(t *testing.T) {
	for want, shared := range map[string][]core.Resource{"Nothing is shared.": nil, "Shared now: org_office, org_sector.": {"org_office", "org_sector"}} {
		if got := sharedWords(shared); got != want {
			t.Errorf("%v: %q, want %q", shared, got, want)
		}
	}
}
