package app

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/platform"
)

// runner joins the scheduler with the engine and the operating system. It does
// nothing before it is served.
func (c connector) runner(engine schedule.Engine, events *event.Bus) *schedule.Runner {
	return schedule.New(schedule.Options{Store: c.db, Engine: engine, Reach: c.reach, Watch: (&platform.Watcher{Log: c.log}).Watch,
		Events: events, Log: c.log, Location: new(platform.Zone).Location})
}

// reach finds out whether a repository can be reached, and with ask whether it is
// well, too.
func (c connector) reach(ctx context.Context, r core.Repository, ask bool) error {
	n, err := c.db.Node(ctx)
	if err != nil {
		return err
	}
	p, err := c.peer(r, n)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.Reach(ctx); err != nil || !ask {
		return err
	}
	_, err = p.Probe(ctx)
	return err
}
