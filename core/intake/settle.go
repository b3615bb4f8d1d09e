package intake

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// settle decides a record that both sides changed.
func (p *pass) settle(ctx context.Context, v core.Verdict) (core.Verdict, error) {
	rules := p.rules.of(p.theirs.Resource)
	// Neither has an edit that was made here on such a clock a stamp that says anything.
	if (p.rules.undated(p.theirs.ModifiedOn) || p.rules.undated(p.ours.ModifiedOn)) && (rules.Conflict == core.PolicyNewer || rules.Conflict == "") {
		rules.Conflict = core.PolicyAsk
	}
	if err := p.echo(ctx); err != nil {
		return v, err
	}
	s, err := p.settlement(ctx, &rules, v)
	if err != nil {
		return v, err
	}
	v.State, v.Rule = s.State, s.Rule
	if s.State == core.StateConflict {
		again, err := p.record(ctx, s)
		if err != nil {
			return v, err
		}
		if again && !p.rules.Passive { // it came along with another table: it is one in the list
			v.State = core.StateKept
		}
	}
	switch {
	case s.Winner == "": // a person must decide: everything stays
		return v, nil
	case s.State == core.StateConflict && s.Winner == "ours" && core.SameContent(&s.Result, p.ours):
		return v, p.keepAndSend(ctx, s.Rule)
	case s.Send:
		p.inherit(&s.Result)
		return v, p.putOurs(ctx, s.Result, s.Rule, p.rules.Now.Add(-p.rules.Offset), 0)
	}
	taken, err := p.take(ctx, v)
	return taken, err
}

// settlement settles by the rules. Of two versions that change places neither grew from what
// was agreed on; ours stays, if nobody is to be asked. Of two that are joined again and again
// that one does which everybody says; where theirs never was ours, as the peer does not take all
// of it, that is ours or what the two are joined to.
func (p *pass) settlement(ctx context.Context, rules *core.Rules, v core.Verdict) (core.Settlement, error) {
	stays := core.PolicyThis
	if v.Rule != core.RuleCircles {
		s := rules.Settle(p.base, p.ours, &p.theirs, p.ourStamp(), p.theirStamp())
		joined, was, err := p.joinedAgain(ctx, &s)
		switch ours := core.Outranks(p.head.Hash, joined); {
		case err != nil || joined.IsZero() || !was && !ours:
			return s, err
		case was && !core.Outranks(p.head.Hash, p.sum):
			stays = core.PolicyOther
		}
	}
	if rules.Conflict != core.PolicyAsk {
		rules.Conflict = stays
	}
	s := rules.Settle(nil, p.ours, &p.theirs, p.ourStamp(), p.theirStamp())
	s.Rule = core.RuleCircles
	return s, nil
}

// joinedAgain returns what the two versions are joined to, if that has come and gone more than
// once already, in turns with theirs or with ours: others join what they have to something else
// each time. Else it is zero. was tells that theirs was ours before; if it was not, it is dated
// right after ours.
func (p *pass) joinedAgain(ctx context.Context, s *core.Settlement) (joined core.Hash, was bool, err error) {
	if p.rules.Passive || !p.head.HasBase || s.State != core.StateMerged {
		return joined, false, nil
	}
	content := p.hasher.Sum(&s.Result)
	times, err := p.times(ctx, content)
	was = times[p.sum] > 0
	if times[content] > 1 && (was || times[p.head.Hash] > 0 && p.rightAfter(p.ourStamp().ModifiedOn)) {
		joined = content
	}
	return joined, was, err
}

// echo moves the common past of two versions that clash on to what the peer has
// of our own versions: a push whose outcome we never heard.
func (p *pass) echo(ctx context.Context) error {
	if p.rules.Passive || p.base == nil || p.head.BaseSeq == core.SeqNone || p.ours.Deleted || p.theirs.Deleted {
		return nil
	}
	if _, clashes := core.Merge(p.base, p.ours, &p.theirs); len(clashes) == 0 {
		return nil
	}
	sent, err := p.tx.Since(ctx, p.theirs.Link(), p.head.BaseSeq)
	if err != nil {
		return err
	}
	base := core.Echo(p.base, &p.theirs, sent)
	p.base = &base
	return nil
}

// record stores the conflict with all three versions. again tells that this run has stored it
// already.
func (p *pass) record(ctx context.Context, s core.Settlement) (again bool, err error) {
	c := core.Conflict{
		Run: p.rules.Run, RepositoryID: p.rules.Repository, Record: p.theirs.Link(), Found: p.rules.Now,
		Clashes: s.Clashes, Base: p.base, Ours: *p.ours, Theirs: p.asThere(), Lacks: p.lacks(), Winner: s.Winner,
	}
	if !c.Open() {
		c.Decision, c.Resolved = string(p.rules.of(c.Record.Resource).Conflict), p.rules.Now
		if s.Rule == core.RuleCircles {
			c.Decision = s.Rule
		}
	} else if held, same, err := p.askedBefore(ctx); same || err != nil {
		return held.Run == c.Run, err
	}
	c.ID, err = p.tx.AddConflict(ctx, c)
	if err == nil && p.rules.Conflict != nil {
		p.rules.Conflict(c)
	}
	return false, err
}

// lacks are the fields of theirs that the peer does not have.
func (p *pass) lacks() (names []string) {
	for i := range p.theirs.Fields {
		name := p.theirs.Fields[i].Name
		if _, has := p.whole.Field(name); p.more && !has {
			names = append(names, name)
		}
	}
	return names
}

// askedAnew decides a question that another one takes the place of, because the peer has another
// version by now.
const askedAnew = "asked anew"

// askedBefore reports whether this very conflict waits for a person already. A version of theirs
// that waits, and of which theirs has nothing any more, stays in the list: nobody can tell whether
// somebody changed it there, or the peer was restored from a backup.
func (p *pass) askedBefore(ctx context.Context) (held core.Conflict, same bool, err error) {
	if !p.head.OpenConflict {
		return held, false, nil
	}
	held, err = p.tx.OpenConflict(ctx, p.rules.Repository, p.theirs.Link())
	if err != nil {
		return held, false, err
	}
	if core.SameContent(&held.Theirs, &p.theirs) {
		return held, core.SameContent(&held.Ours, p.ours), nil
	}
	gone := func(name string) bool { return !core.SameValue(held.Theirs.Value(name), p.theirs.Value(name)) }
	if held.Theirs.Deleted || !p.theirs.Deleted && !slices.ContainsFunc(held.Clashes, gone) {
		return held, false, nil
	}
	held.Winner, held.Decision, held.Resolved = string(core.ConflictOurs), askedAnew, p.rules.Now
	_, err = p.tx.AddConflict(ctx, held)
	return held, false, err
}
