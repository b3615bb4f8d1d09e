package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func (c *commands) demoCommand() *cobra.Command {
	var seed uint64
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job on a practice repository, in a page of text",
		Long: `Starts a practice repository inside the program, exchanges records with it as with a real server, over HTTP, and checks every claim it makes:
first pull, a colleague's change, an edit and a new record here, a conflict, delivery, and a last sync that has nothing to do.

It works in a temporary data folder, unless --data names a new one. It ends with 0 only if everything was proved.`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().Uint64Var(&seed, "seed", 1, "which sample data")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		c.started = true
		dir := c.data
		if !cmd.Flags().Changed("data") {
			if dir, err = os.MkdirTemp("", "fieldsync-demo-"); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		}
		return c.demonstrate(cmd.Context(), dir, seed)
	}
	return c.withJSON(cmd)
}

func (c *commands) demonstrate(ctx context.Context, dir string, seed uint64) (err error) {
	n, err := c.app.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if err := unused(ctx, n.Store); err != nil {
		return err
	}
	c.node = n
	p, err := practice.Start(ctx, practice.Options{Seed: seed, Log: n.Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	d := &demo{c: c, n: n, p: p, started: time.Now()}
	d.total = total{Result: core.ResultSuccess, Runs: []runReport{}}
	defer func() { err = errors.Join(err, d.forget(ctx)) }()
	for _, step := range []func(context.Context) error{d.register, d.firstPull, d.colleague, d.change, d.clash, d.deliver, d.decide, d.quiet} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.conclude()
}

// unused refuses a data folder that is somebody's: the invented records would lie among
// theirs, and nothing could be proved by counting.
func unused(ctx context.Context, s Store) error {
	repositories, err := s.Repositories(ctx)
	if err != nil {
		return err
	}
	tables, err := s.Tables(ctx)
	if err != nil {
		return err
	}
	if len(repositories) > 0 || len(tables) > 0 {
		return core.Invalid("data", "This data folder is in use, and the demonstration fills one with invented records. Leave --data out, or name a new folder.")
	}
	return nil
}

// A demo is one demonstration under way.
type demo struct {
	c       *commands
	n       *Node
	p       *practice.Practice
	repo    core.Repository
	started time.Time
	total   total
	step    int
	failed  []string // claims that were not true

	office  core.Link // edited here
	person  core.Link // added here, with the contact
	contact core.Link
	shelter core.Link // changed on both sides
}

// tell prints the next paragraph of the story.
func (d *demo) tell(format string, args ...any) {
	if d.c.json {
		return
	}
	d.step++
	d.c.say("%d. %s\n", d.step, fmt.Sprintf(format, args...))
}

// prove notes a claim that is not true.
func (d *demo) prove(ok bool, claim string, args ...any) {
	if !ok {
		d.failed = append(d.failed, fmt.Sprintf(claim, args...))
	}
}

// sync makes a run and adds it to the total. A problem ends the demo.
func (d *demo) sync(ctx context.Context) (core.Run, error) {
	var err error
	if d.repo, err = d.n.Store.Repository(ctx, d.repo.ID); err != nil {
		return core.Run{}, err
	}
	done := d.c.progress(d.n.Events)
	started := time.Now()
	run, err := d.n.Engine.Sync(ctx, d.repo, replicate.Options{})
	run.Seconds = time.Since(started).Seconds()
	done()
	d.total.add(d.repo.Name, run, err)
	d.prove(run.Accounted() == run.Received, "the states of run %d sum to %d, but %d were received", len(d.total.Runs), run.Accounted(), run.Received)
	return run, err
}

const (
	demoOffices  core.Resource = "org_office"
	demoPersons  core.Resource = "pr_person"
	demoContacts core.Resource = "pr_contact"
	demoShelters core.Resource = "cr_shelter"
)

func (d *demo) register(ctx context.Context) error {
	var err error
	if d.repo, err = d.n.Store.AddRepository(ctx, d.p.Repository()); err != nil {
		return err
	}
	for _, resource := range append(practice.Resources(), demoContacts) {
		t := core.NewTask(d.repo.ID, resource)
		if resource == demoShelters {
			t.Conflict = core.PolicyAsk
		}
		if _, err := d.n.Store.AddTask(ctx, t); err != nil {
			return err
		}
	}
	if d.repo, err = d.n.Engine.Register(ctx, d.repo); err != nil {
		return err
	}
	d.prove(d.repo.UUID == d.p.UUID(), "the repository told its identity")
	d.tell("A practice repository runs at %s, inside this program, with invented data. This laptop has registered there and chosen %d tables.",
		d.p.URL(), len(practice.Resources())+1)
	return nil
}

func (d *demo) firstPull(ctx context.Context) error {
	run, err := d.sync(ctx)
	if err != nil {
		return err
	}
	there := 0
	for _, resource := range append(practice.Resources(), demoContacts) {
		for _, rec := range d.p.Records(resource) {
			there++
			ours, err := d.n.Store.Record(ctx, rec.Link())
			if err != nil || !core.SameContent(&ours, &rec) {
				d.prove(false, "%s %s is here as it is there", rec.Resource, rec.UUID)
			}
		}
	}
	d.prove(run.Created >= there && there >= 300, "%d records were created, and there are %d", run.Created, there)
	d.tell("First sync: %d records are now here, with components and references, in %.1f s.\n   All of them were compared with the repository's own: they are the same.", run.Created, run.Seconds)
	return nil
}

func (d *demo) colleague(ctx context.Context) error {
	story := ""
	for range 2 {
		what, err := d.p.Colleague(ctx)
		if err != nil {
			return err
		}
		story += "\n   " + what.String()
	}
	run, err := d.sync(ctx)
	if err != nil {
		return err
	}
	d.prove(run.Changed() > 0, "the colleague's change arrived")
	d.tell("Meanwhile at headquarters:%s\n   Second sync: %d new, %d changed here.", story, run.Created, run.Updated)
	return nil
}

// change edits one record and adds one with a component, without a network.
func (d *demo) change(ctx context.Context) error {
	office, err := d.first(ctx, demoOffices)
	if err != nil {
		return err
	}
	d.office = office.Link()
	office.Set(core.Field{Name: "phone1", Value: core.Text("+999 1 234 5678")})
	person := core.Record{Resource: demoPersons, UUID: core.NewUUID()}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Nimal")})
	person.Set(core.Field{Name: "last_name", Value: core.Text("Perera")})
	contact := core.Record{Resource: demoContacts, UUID: core.NewUUID(), Master: person.Link(), Alias: "contact"}
	contact.Set(core.Field{Name: "contact_method", Value: core.Text("SMS")})
	contact.Set(core.Field{Name: "value", Value: core.Text("+999 7 000 0001")})
	d.person, d.contact = person.Link(), contact.Link()
	for _, rec := range []core.Record{office, person, contact} {
		if err := d.n.Store.Save(ctx, rec, core.Hash{}, d.c.app.Person()); err != nil {
			return err
		}
	}
	unsent, err := d.n.Store.Unsent(ctx, d.repo.ID)
	if err != nil {
		return err
	}
	d.prove(unsent > 0, "the changes are marked as unsent")
	d.tell("Here, without a network: a new telephone number for the office “%s”, and a new person, %s, with a mobile number.\n   They are marked as not sent: %d.", office.Title(), person.Title(), unsent)
	return nil
}

// first returns the first living record of a table, as it lies here.
func (d *demo) first(ctx context.Context, resource core.Resource) (core.Record, error) {
	all := d.p.Records(resource)
	if len(all) == 0 {
		return core.Record{}, fmt.Errorf("practice data: %s is empty", resource)
	}
	return d.n.Store.Record(ctx, all[0].Link())
}

// clash changes the same field of the same record on both sides.
func (d *demo) clash(ctx context.Context) error {
	shelter, err := d.first(ctx, demoShelters)
	if err != nil {
		return err
	}
	d.shelter = shelter.Link()
	shelter.Set(core.Field{Name: "population", Value: core.Value{Kind: core.Integer, Str: "117"}})
	if err := d.n.Store.Save(ctx, shelter, core.Hash{}, d.c.app.Person()); err != nil {
		return err
	}
	what, err := d.p.Conflict(ctx, d.shelter, "population", core.Value{Kind: core.Integer, Str: "95"})
	if err != nil {
		return err
	}
	d.tell("A conflict: here, somebody counted 117 people in the shelter “%s”.\n   At the same time %s", shelter.Title(), what)
	return nil
}

func (d *demo) deliver(ctx context.Context) error {
	run, err := d.sync(ctx)
	if err != nil {
		return err
	}
	d.prove(run.Delivered > 0 && run.Delivered == run.Sent && run.Refused == 0, "all %d sent records were delivered (%d)", run.Sent, run.Delivered)
	for _, l := range []core.Link{d.office, d.person, d.contact} {
		d.proveThere(ctx, l)
	}
	open, err := d.n.Store.Conflicts(ctx, d.repo.ID, true)
	if err != nil {
		return err
	}
	d.prove(run.Conflicts == 1 && len(open) == 1, "the conflict was noticed and waits (%d, %d)", run.Conflicts, len(open))
	d.tell("Third sync: %d sent, %d delivered. Delivered means read back from the repository: office, person and mobile number are there, as they are here.\n   The shelter was changed on both sides. Neither version was overwritten; it waits for a decision.", run.Sent, run.Delivered)
	return nil
}

// proveThere compares the repository's own version with ours.
func (d *demo) proveThere(ctx context.Context, l core.Link) {
	ours, err := d.n.Store.Record(ctx, l)
	if err != nil {
		d.prove(false, "%s is here: %v", l.UUID, err)
		return
	}
	theirs, err := d.p.Record(l)
	d.prove(err == nil && core.SameContent(&ours, &theirs), "%s %s is there as it is here", l.Resource, l.UUID)
}

func (d *demo) decide(ctx context.Context) error {
	open, err := d.n.Store.Conflicts(ctx, d.repo.ID, true)
	if err != nil {
		return err
	}
	for _, k := range open {
		if err := d.n.Store.ResolveConflict(ctx, k.ID, "ours", nil, k.Ours.Hash(), d.c.app.Person()); err != nil {
			return err
		}
	}
	run, err := d.sync(ctx)
	if err != nil {
		return err
	}
	d.proveThere(ctx, d.shelter)
	theirs, err := d.p.Record(d.shelter)
	d.prove(err == nil && theirs.Value("population").Str == "117", "the decision reached headquarters")
	d.tell("Decided: ours stands. Fourth sync: %d sent, %d delivered; headquarters has 117 now. The other version stays in the history.", run.Sent, run.Delivered)
	return nil
}

func (d *demo) quiet(ctx context.Context) error {
	run, err := d.sync(ctx)
	if err != nil {
		return err
	}
	d.prove(run.Changed() == 0 && run.Sent == 0 && run.Conflicts == 0, "a sync with nothing to do moves nothing (%s)", run.Counts)
	d.tell("Fifth sync, right after: 0 records changed here, 0 sent (%d looked at again and found unchanged).", run.Unchanged)
	unsent, err := d.n.Store.Unsent(ctx, d.repo.ID)
	d.prove(err == nil && unsent == 0, "nothing is left unsent (%d)", unsent)
	return err
}

// forget takes the practice repository out of the data folder, and its password
// out of the keyring.
func (d *demo) forget(ctx context.Context) error {
	if d.repo.ID == 0 {
		return nil
	}
	return d.n.Store.DeleteRepository(context.WithoutCancel(ctx), d.repo.ID)
}

func (d *demo) conclude() error {
	d.total.Seconds = time.Since(d.started).Seconds()
	if len(d.failed) > 0 {
		d.total.Result = core.ResultError
	}
	if d.c.json {
		if err := d.c.printJSON(d.total); err != nil {
			return err
		}
	} else {
		d.c.say("All runs together: %s; %.1f s.", d.total.Counts, d.total.Seconds)
	}
	for _, claim := range d.failed {
		fmt.Fprintf(d.c.io.Err, "NOT PROVED: %s\n", claim)
	}
	if len(d.failed) > 0 {
		return &later{"The demonstration did not prove everything."}
	}
	if !d.c.json {
		d.c.say("Everything said above was checked against the repository. Next: fieldsync help, or README.md.")
	}
	return nil
}
