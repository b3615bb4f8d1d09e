package replicate

import (
	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/intake"
)

// rules returns how received records of a task are applied.
func (r *run) rules(task core.Task) intake.Rules {
	rules := intake.Rules{
		Repository: r.repo.ID, Run: r.report.ID, Peer: r.repo.Name, Offset: r.offset, Now: r.peerNow(), Confirmed: r.opts.Confirm,
		Unseen: r.hides(task), LastPull: task.LastPull, Serves: r.serves, Others: r.others, Explicit: r.own, Rules: r.taskRules(task), Own: r.policies,
		Hasher: new(core.Hasher), Columns: r.columns.known, Lost: r.columns.note, Hold: r.hold(task.Resource),
		Conflict: func(c core.Conflict) {
			if c.Open() {
				r.open++
			}
			r.Events.Emit(event.ConflictFound{Run: r.report.ID, Conflict: c})
		},
	}
	// A run that knows nothing of its past yet, or that a person sent to get back
	// what was forgotten, takes it.
	if h := r.node.Handshake; h.Next != "" && !h.Adopt {
		rules.Made = r.node.Made
	}
	return rules
}

// taskRules returns a task's own rules. Where no time decides, a person does.
func (r *run) taskRules(task core.Task) core.Rules {
	rules := task.Rules()
	if !r.trusted && rules.Conflict == core.PolicyNewer {
		rules.Conflict = core.PolicyAsk
	}
	return rules
}
