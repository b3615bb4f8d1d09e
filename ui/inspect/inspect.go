// Package inspect asks a server everything a sync depends on, and says each
// answer in a sentence. It changes nothing there.
package inspect

import (
	"context"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Check is one question and its answer.
type Check struct {
	Name    string
	OK      bool
	Warning bool // it works, and somebody should know something about it
	Answer  string
	Problem *core.Problem // what went wrong, if anything
}

// Connect makes the peer of a repository.
type Connect func(core.Repository, core.Node) (replicate.Peer, error)

// A stage is a check that the first contact makes all by itself, and the kinds of
// trouble that mean it failed.
type stage struct {
	name, good string
	kinds      []core.Trouble
	warning    bool
}

func stages(r core.Repository, node core.Node) []stage {
	proxy := r.Proxy
	if proxy == "" {
		proxy = node.Proxy
	}
	list := []stage{{tr.L("Settings"), tr.L("The settings can be used."), []core.Trouble{core.InvalidSetting, core.FileUnreadable, core.NoPassword}, false}}
	if proxy != "" && proxy != core.ProxyNone {
		list = append(list, stage{tr.L("Proxy"), tr.L("The proxy lets us through."), []core.Trouble{core.ProxyWrong}, false})
	}
	list = append(list, stage{tr.L("Network"), tr.L("The server answers."), []core.Trouble{core.Unreachable, core.Timeout, core.Portal, core.Busy, core.ServerFault, core.Truncated}, false})
	if strings.HasPrefix(r.URL, "https:") {
		list = append(list, stage{tr.L("Certificate"), tr.L("The connection is encrypted and the server is who it says it is."), core.EncryptionTroubles(), false})
	}
	if r.InClear() {
		list = append(list, stage{tr.L("Encryption"), tr.L("The connection is not encrypted: others in the network can read the password and the records. If the server has an address with https://, use that one."), nil, true})
	}
	return append(list,
		stage{tr.L("Sahana Eden"), tr.L("What answers is a Sahana Eden or a Fieldsync."), []core.Trouble{core.WrongPath, core.NotEden, core.Malformed, core.Dangerous, core.IdentityChanged}, false},
		stage{tr.L("Login"), tr.L("User name and password are accepted."), []core.Trouble{core.Unauthorized, core.Forbidden}, false})
}

// Run makes the checks one after the other and hands each to tell as soon as it
// is known. It ends with the first one that makes the others pointless and
// reports whether everything was well.
func Run(ctx context.Context, connect Connect, node core.Node, r core.Repository, resources []core.Resource, tell func(Check)) (ok bool) {
	peer, err := connect(r, node)
	var id replicate.Identity
	if err == nil {
		id, err = peer.Probe(ctx)
	}
	if err == nil && r.UUID != "" && id.UUID != "" && id.UUID != r.UUID {
		err = &core.Problem{Kind: core.IdentityChanged, Subject: r.Name}
	}
	if !tellStages(stages(r, node), err, tell) {
		return false
	}
	ok = tellClock(r, id, tell)
	for _, resource := range resources {
		ok = tellRights(ctx, peer, !r.Registered.IsZero(), resource, tell) && ok
	}
	return ok
}

// tellStages tells what the first contact showed: everything up to the stage that
// failed was well.
func tellStages(list []stage, err error, tell func(Check)) bool {
	problem := core.AsProblem(err)
	for _, s := range list {
		if problem != nil {
			for _, k := range s.kinds {
				if k == problem.Kind {
					tell(Check{Name: s.name, Answer: answer(problem), Problem: problem})
					return false
				}
			}
		}
		tell(Check{Name: s.name, OK: true, Warning: s.warning, Answer: s.good})
	}
	if problem != nil {
		tell(Check{Name: tr.L("First contact"), Answer: answer(problem), Problem: problem})
	}
	return problem == nil
}

func tellClock(r core.Repository, id replicate.Identity, tell func(Check)) bool {
	c := Check{Name: tr.L("Clock"), OK: true, Answer: tr.L("The server does not tell its time.")}
	if id.OffsetKnown {
		c.Answer = offsetWords(id.Offset)
		if id.Offset.Abs() > core.MaxClockDifference {
			c.OK, c.Problem = false, &core.Problem{Kind: core.ClockWrong, Subject: r.Name}
			c.Answer = answer(c.Problem)
		}
	}
	tell(c)
	return c.OK
}

// answer says what is wrong and what a person who is setting up can do about it:
// "Fieldsync tries again by itself" is no answer to a test.
func answer(p *core.Problem) string {
	hint := words.Hint(p)
	switch p.Kind {
	case core.Unreachable, core.Timeout:
		hint = tr.L("Check the address, and whether this laptop is online.")
	case core.Unauthorized:
		hint = tr.L("Enter both again; capital and small letters count.")
	case core.ServerFault, core.Busy, core.Truncated:
		hint = tr.L("Test again in a while. If it stays so, tell the administrator of the server.")
	}
	return strings.TrimSpace(words.Message(p) + " " + hint)
}

func offsetWords(offset time.Duration) string {
	seconds := int(offset.Abs().Round(time.Second) / time.Second)
	switch {
	case seconds < 5:
		return tr.L("The clocks agree.")
	case seconds < 120:
		return tr.N("The clocks differ by {{.N}} seconds; that is taken into account.", seconds)
	}
	return tr.N("The clocks differ by {{.N}} minutes; that is taken into account.", seconds/60)
}

// tellRights asks for one record of a table. A Fieldsync answers nobody who has not
// registered, which the first sync does: that is no matter of rights.
func tellRights(ctx context.Context, peer replicate.Peer, registered bool, resource core.Resource, tell func(Check)) bool {
	c := Check{Name: words.Many(resource, nil), OK: true, Answer: tr.L("Your account can read them.")}
	reply, err := peer.Pull(ctx, replicate.PullRequest{Resource: resource, Limit: 1},
		func(*core.Record, bool, *replicate.BadRecord) error { return nil })
	switch {
	case core.IsKind(err, core.UnknownResource):
		c.OK, c.Problem = false, core.AsProblem(err)
		c.Answer = tr.L("The server does not have this kind of record. Remove it under Resources.")
	case !registered && core.AsProblem(err).UnknownThere():
		c.Answer = tr.L("The server tells once this laptop is registered there. The first sync registers it.")
	case err != nil:
		c.OK, c.Problem = false, core.AsProblem(err)
		c.Answer = answer(c.Problem)
	case reply.Masters == 0:
		c.Answer = tr.L("There are none, or your account may not read them.")
	}
	tell(c)
	return c.OK
}
