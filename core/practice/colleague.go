package practice

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

type colleague struct{ name, mail string }

// colleagues work at the practice repository's headquarters.
var colleagues = []colleague{
	{"Amina Haddad", "amina@example.org"}, {"Tomás Peña", "tomas@example.org"}, {"Olena Bondar", "olena@example.org"},
	{"Sunita Gurung", "sunita@example.org"}, {"Chen Meiling", "meiling@example.org"},
}

// Colleague lets somebody at headquarters change something and returns a
// saying about it.
func (p *Practice) Colleague(ctx context.Context) (what core.Saying, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who := colleagues[p.rng.IntN(len(colleagues))]
	switch p.rng.IntN(4) {
	case 0:
		return p.newPhone(ctx, who)
	case 1:
		return p.newPerson(ctx, who)
	case 2:
		return p.newMail(ctx, who)
	}
	return p.moreGuests(ctx, who)
}

// some returns a record of the table that is not deleted.
func (p *Practice) some(resource core.Resource) (core.Record, error) {
	all := p.store.Records(resource)
	if len(all) == 0 {
		return core.Record{}, fmt.Errorf("nothing is left in %s: %w", resource, core.ErrNotFound)
	}
	return all[p.rng.IntN(len(all))], nil
}

func (p *Practice) phone() string {
	return fmt.Sprintf("+999 9 %03d %04d", p.rng.IntN(1000), p.rng.IntN(10000))
}

func (p *Practice) newPhone(ctx context.Context, who colleague) (core.Saying, error) {
	rec, err := p.some(tableOffice)
	if err != nil {
		return core.Saying{}, err
	}
	number := p.phone()
	rec.Set(text("phone1", number))
	return core.Say("%s entered the new phone number %s of the office “%s”.", who.name, number, rec.Title()), p.edit(ctx, who, rec)
}

func (p *Practice) moreGuests(ctx context.Context, who colleague) (core.Saying, error) {
	rec, err := p.some(tableShelter)
	if err != nil {
		return core.Saying{}, err
	}
	before, _ := strconv.Atoi(rec.Value("population").Str) // a peer may have cleared it: then 0
	after := before + 5 + p.rng.IntN(40)
	rec.Set(integer("population", after, ""))
	return core.Say("%s counted %d people in the shelter “%s”; it was %d before.", who.name, after, rec.Title(), before), p.edit(ctx, who, rec)
}

func (p *Practice) newMail(ctx context.Context, who colleague) (core.Saying, error) {
	person, err := p.some(tablePerson)
	if err != nil {
		return core.Saying{}, err
	}
	all := p.store.Records(tableContact)
	i := slices.IndexFunc(all, func(c core.Record) bool { return c.Master == person.Link() && c.Value("contact_method").Str == "EMAIL" })
	if i < 0 {
		return p.moreGuests(ctx, who)
	}
	address := fmt.Sprintf("p%d@mail.example.org", p.rng.IntN(100000))
	all[i].Set(text("value", address))
	return core.Say("%s changed the e-mail address of %s to %s.", who.name, person.Title(), address), p.edit(ctx, who, all[i])
}

func (p *Practice) newPerson(ctx context.Context, who colleague) (core.Saying, error) {
	group := peoples[p.rng.IntN(len(peoples))]
	rec := core.Record{Resource: tablePerson, UUID: core.NewUUID()}
	rec.Set(text("first_name", group.given[p.rng.IntN(len(group.given))]))
	rec.Set(text("last_name", group.family[p.rng.IntN(len(group.family))]))
	contact := core.Record{Resource: tableContact, UUID: core.NewUUID(), Master: rec.Link()}
	contact.Set(core.Field{Name: "contact_method", Value: core.Text("SMS"), Text: "Mobile Phone"})
	contact.Set(text("value", p.phone()))
	return core.Say("%s added %s with a mobile phone number.", who.name, rec.Title()), p.edit(ctx, who, rec, contact)
}

// edit stores new versions, as made here and now by somebody.
func (p *Practice) edit(ctx context.Context, who colleague, records ...core.Record) error {
	now := core.MTimeOf(p.now())
	return p.store.Import(ctx, func(tx intake.Tx) error {
		for i := range records {
			rec := &records[i]
			rec.ModifiedOn, rec.ModifiedBy = now, who.mail
			if rec.CreatedOn == 0 {
				rec.CreatedOn, rec.CreatedBy = now, who.mail
			}
			if err := tx.Put(ctx, rec, core.Change{Rule: "edit", By: who.name, At: now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Conflict lets a colleague set a field of a record, so that a change of the
// same field on the laptop clashes with it. It returns a saying;
// core.ErrNotFound if the record is not here.
func (p *Practice) Conflict(ctx context.Context, link core.Link, field string, value core.Value) (what core.Saying, err error) {
	rec, err := p.store.Record(ctx, link)
	if err != nil {
		return core.Saying{}, err
	}
	if rec.Deleted {
		return core.Saying{}, fmt.Errorf("%s %s is deleted: %w", link.Resource, link.UUID, core.ErrNotFound)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who := colleagues[p.rng.IntN(len(colleagues))]
	title := rec.Title()
	rec.Set(core.Field{Name: field, Value: value})
	return core.Say("%s set %s of “%s” to “%s” at headquarters.", who.name, core.Say(label(link.Resource, field)), title, value.Str), p.edit(ctx, who, rec)
}

// Delete lets a colleague delete a record. It returns a saying;
// core.ErrNotFound if the record is not here.
func (p *Practice) Delete(ctx context.Context, link core.Link) (what core.Saying, err error) {
	rec, err := p.store.Record(ctx, link)
	if err != nil {
		return core.Saying{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who := colleagues[p.rng.IntN(len(colleagues))]
	what = core.Say("%s deleted “%s” at headquarters.", who.name, rec.Title())
	tombstone := core.Record{Resource: rec.Resource, UUID: rec.UUID, Master: rec.Master, Alias: rec.Alias, MCI: rec.MCI,
		CreatedOn: rec.CreatedOn, CreatedBy: rec.CreatedBy, Deleted: true}
	return what, p.edit(ctx, who, tombstone)
}

// label is the field's name as people read it.
func label(resource core.Resource, field string) string {
	for _, s := range schemas() {
		if f, ok := s.Field(field); ok && s.Resource == resource && f.Label != "" {
			return f.Label
		}
	}
	return field
}
