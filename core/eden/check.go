package eden

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A Finding is one checked thing of a repository, for a person.
type Finding struct {
	Name    string `json:"name"` // "network", "proxy", "certificate", "encryption", "server", "login", "rights org_office", "clock"
	OK      bool   `json:"ok"`
	Warning bool   `json:"warning,omitempty"` // it works, and somebody should know something about it
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

const encryption = "encryption"

// stages are what a first request passes, in this order, and the kinds of
// trouble that belong to each.
var stages = []struct {
	name  string
	good  string
	kinds []core.Trouble
}{
	{"network", "%s can be reached.", []core.Trouble{core.Unreachable, core.Timeout, core.Portal, core.Cancelled, core.Internal}},
	{"proxy", "The proxy lets the connection to %s pass.", []core.Trouble{core.ProxyWrong}},
	{"certificate", "The certificate of %s is valid.", core.EncryptionTroubles()},
	{encryption, "The connection to %s is not encrypted: others in the network can read the password and the records. If it has an address with https://, use that one.", []core.Trouble{}},
	{"server", "What answers at the address of %s is a Sahana Eden or a Fieldsync.", nil},
	{"login", "%s accepts the user name and password.", []core.Trouble{core.Unauthorized, core.NoPassword}},
}

// Check tries everything a run needs, changing nothing, and says of each whether
// it works. It ends at the first thing without which the rest cannot be known.
func (p *Peer) Check(ctx context.Context, tasks []core.Task) []Finding {
	id, err := p.Probe(ctx)
	out, ok := p.stageFindings(core.AsProblem(err))
	if !ok {
		return out
	}
	for _, t := range tasks {
		out = append(out, p.checkRights(ctx, t))
	}
	return append(out, p.checkClock(id))
}

// stageFindings turns the outcome of the probe into one finding a stage.
func (p *Peer) stageFindings(problem *core.Problem) (out []Finding, ok bool) {
	at := len(stages)
	if problem != nil {
		at = stageOf(problem.Kind)
	}
	for i, s := range stages {
		if !p.hasStage(s.name) && i != at {
			continue
		}
		if i == at {
			return append(out, Finding{Name: s.name, Message: problem.Message(), Hint: hintOf(problem)}), false
		}
		out = append(out, Finding{Name: s.name, OK: true, Warning: s.name == encryption, Message: fmt.Sprintf(s.good, p.subject())})
	}
	return out, true
}

// hintOf says what a person who is setting up can do: "Fieldsync tries again by itself"
// is no answer to a test.
func hintOf(problem *core.Problem) string {
	switch problem.Kind {
	case core.Unreachable, core.Timeout:
		return "Check the address, and whether this laptop is online."
	case core.ServerFault, core.Busy, core.Truncated:
		return "Test again in a while. If it stays so, tell the administrator of the server."
	}
	return problem.TerminalHint()
}

func stageOf(kind core.Trouble) int {
	server := 0
	for i, s := range stages {
		if s.kinds == nil {
			server = i
		}
		for _, k := range s.kinds {
			if k == kind {
				return i
			}
		}
	}
	return server
}

// hasStage leaves out what the settings do not need.
func (p *Peer) hasStage(name string) bool {
	switch name {
	case "proxy":
		return proxySetting(p.repo, p.node) != ""
	case "certificate":
		return p.base.Scheme == "https"
	case encryption:
		return p.repo.InClear()
	case "login":
		return p.repo.Username != ""
	}
	return true
}

// checkRights asks for one record. An Eden shows an account without the right
// to read a table nothing at all, which cannot be told from an empty table.
func (p *Peer) checkRights(ctx context.Context, task core.Task) Finding {
	f := Finding{Name: "rights " + string(task.Resource)}
	if problem := p.askTable(ctx, task.Resource); problem != nil {
		if p.repo.Registered.IsZero() && problem.UnknownThere() {
			f.OK, f.Message = true, fmt.Sprintf("%s tells once this laptop is registered there. The first sync registers it.", p.subject())
			return f
		}
		f.Message, f.Hint = problem.Message(), hintOf(problem)
		return f
	}
	f.OK = true
	f.Message = fmt.Sprintf("%s answers for %s.", p.subject(), task.Resource)
	if p.usesSyncOnly(task.Resource) {
		return f
	}
	req := replicate.PullRequest{Resource: task.Resource, Limit: 1}
	reply, err := p.document(ctx, p.nativeCall(req), req, func(*core.Record, bool, *replicate.BadRecord) error { return nil })
	if err == nil && reply.Masters == 0 {
		f.Message = fmt.Sprintf("%s shows no records of %s to this account.", p.subject(), task.Resource)
		f.Hint = "Either there are none yet, or the account may not read them: ask the administrator of the server."
	}
	return f
}

// askTable pulls what was modified after the end of time.
func (p *Peer) askTable(ctx context.Context, resource core.Resource) *core.Problem {
	since, err := core.ParseMTime("2099-01-01T00:00:00")
	if err != nil {
		return core.AsProblem(err)
	}
	req := replicate.PullRequest{Resource: resource, Since: since}
	if !resource.Valid() {
		return p.problem("check", core.UnknownResource, errors.New("not a table name"))
	}
	c := p.syncCall(req)
	c.long = false
	_, err = p.document(ctx, c, req, func(*core.Record, bool, *replicate.BadRecord) error { return nil })
	return core.AsProblem(err)
}

// checkClock says how far the clocks are apart. A day stops comparisons by time;
// a minute is worth a word.
func (p *Peer) checkClock(id replicate.Identity) Finding {
	f := Finding{Name: "clock", OK: true}
	offset := id.Offset.Abs().Round(time.Second)
	switch {
	case !id.OffsetKnown:
		f.Message = fmt.Sprintf("%s does not tell its time.", p.subject())
	case offset > 24*time.Hour:
		problem := p.problem("check", core.ClockWrong, nil)
		f.OK, f.Message, f.Hint = false, problem.Message(), hintOf(problem)
	case offset > time.Minute:
		f.Message = fmt.Sprintf("The clocks of this laptop and of %s differ by %s; Fieldsync takes that into account.", p.subject(), offset)
		f.Hint = "Set date and time of this laptop, if it is the one that is wrong."
	default:
		f.Message = fmt.Sprintf("The clocks of this laptop and of %s agree.", p.subject())
	}
	return f
}
