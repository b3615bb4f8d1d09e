package intake_test

import (
	"context"
	"slices"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
)

// family is a master with a component of its own, one that comes twice, and one that is
// a record for itself; and what it says it grew from.
func family(name string, attrs ...core.Attr) core.Record {
	part := func(uuid, value string) core.Record {
		c := officeAt(uuid, value, now+100)
		c.Master = core.Link{Resource: "org_office", UUID: "urn:uuid:master"}
		return c
	}
	rec := officeAt("urn:uuid:master", name, now+100)
	rec.Attrs = slices.Clone(attrs)
	rec.Set(core.Field{Name: "person_id", Value: core.Value{Kind: core.Reference, Str: "urn:uuid:person", Aux: "org_office"}})
	rec.Components = []core.Record{part("urn:uuid:part", "Part"), part("urn:uuid:part", "Twin"), part("urn:uuid:person", "Person")}
	return rec
}

func officeAt(uuid, name string, modifiedOn core.MTime) core.Record {
	return core.Record{Resource: "org_office", UUID: uuid, MCI: 1, CreatedOn: now, ModifiedOn: modifiedOn,
		Fields: []core.Field{{Name: "name", Value: core.Text(name)}}}
}

func TestAReceivedRecordIsAppliedAsItIsWithoutAReception(t *testing.T) {
	hash := core.Hash{1, 2, 3}
	var reception intake.Reception
	for _, tt := range []struct {
		name  string
		attrs []core.Attr
	}{
		{"as a document has it", nil},
		{"with an attribute that nobody knows", []core.Attr{{Name: "colour", Value: "red"}}},
		{"with what it grew from", []core.Attr{{Name: intake.BasedOn, Value: hash.String()}}},
	} {
		plain, received := newSide(t), newSide(t)
		for _, name := range []string{"first", "first", "second"} {
			a, b := family(name, tt.attrs...), family(name, tt.attrs...)
			want := plain.receive(a)
			in := reception.Receive(&b)
			var got core.Counts
			received.in(func(ctx context.Context, tx intake.Tx) (err error) {
				got, err = intake.Continue(ctx, tx, &received.rules, in)
				return err
			})
			if got != want {
				t.Errorf("%s, %s: counted %+v instead of %+v", tt.name, name, got, want)
			}
		}
		for _, uuid := range []string{"urn:uuid:master", "urn:uuid:part", "urn:uuid:person"} {
			l := core.Link{Resource: "org_office", UUID: uuid}
			want, err := plain.db.Record(t.Context(), l)
			if err != nil {
				t.Fatal(err)
			}
			got, err := received.db.Record(t.Context(), l)
			if err != nil || !core.SameContent(&got, &want) || got.Master != want.Master {
				t.Errorf("%s: %s is %+v, %v instead of %+v", tt.name, uuid, got, err, want)
			}
			for _, s := range []*side{plain, received} {
				s.in(func(ctx context.Context, tx intake.Tx) error {
					head, err := tx.Head(ctx, s.rules.Repository, l)
					if err == nil && head.Hash != want.Hash() {
						t.Errorf("%s: %s has another hash than its content", tt.name, uuid)
					}
					return err
				})
			}
		}
	}
}

// What was decided of a tree before is not decided again, and the sums stay with their
// records.
func TestAReceivedRecordGoesOnWhereItStopped(t *testing.T) {
	s := newSide(t)
	rec := family("first")
	in := new(intake.Reception).Receive(&rec)
	in.Done = 1
	s.in(func(ctx context.Context, tx intake.Tx) error {
		counts, err := intake.Continue(ctx, tx, &s.rules, in)
		if counts.Created != 2 {
			t.Errorf("created %d instead of the two components", counts.Created)
		}
		return err
	})
	for _, uuid := range []string{"urn:uuid:part", "urn:uuid:person"} {
		l := core.Link{Resource: "org_office", UUID: uuid}
		got, err := s.db.Record(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		s.in(func(ctx context.Context, tx intake.Tx) error {
			head, err := tx.Head(ctx, s.rules.Repository, l)
			if err == nil && head.Hash != got.Hash() {
				t.Errorf("%s has the hash of another record", uuid)
			}
			return err
		})
	}
}
