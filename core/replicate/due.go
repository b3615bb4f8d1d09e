package replicate

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// pushDue sends once more, in the same run, what was refused before what stood in its way was
// out of the way: an Eden deletes no organisation that an office points to, and an office's
// turn comes after its organisation's. It goes on as long as that helps, from the ends of a
// hierarchy to its top. What was refused and goes again counts once.
func (r *run) pushDue(ctx context.Context, tasks []core.Task) error {
	for range mostRounds {
		due := r.due
		r.due = nil
		if len(due) == 0 {
			return nil
		}
		for _, l := range due {
			if r.turnedDown[l] {
				delete(r.turnedDown, l)
				r.report.Refused--
				r.report.Sent--
			}
		}
		for _, task := range tasks {
			passed := task.Mode.Pulls() && !r.pulled[task.ID]
			if passed || !slices.ContainsFunc(due, func(l core.Link) bool { return l.Resource == task.Resource }) {
				continue
			}
			if err := r.pushTask(ctx, task); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostRounds bounds how often a run goes through what is due again: each round has at least one
// deletion less to send, and hierarchies of places have six levels.
const mostRounds = 8
