package storage_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// A model says in the simplest way what the store must answer. Each case has
// uuids of its own in one store.
type model struct {
	uuids   []string
	seq     int64
	records map[core.Link]modelRecord
	bases   map[int64]map[core.Link]modelBase
}

type modelRecord struct {
	rec    core.Record
	seq    int64
	origin int64
}

type modelBase struct {
	rec core.Record
	seq int64
}

func (m *model) head(repo int64, l core.Link) core.Head {
	var h core.Head
	if r, ok := m.records[l]; ok {
		h = core.Head{Known: true, Deleted: r.rec.Deleted, Hash: r.rec.Hash(), ModifiedOn: r.rec.ModifiedOn, MCI: r.rec.MCI, Seq: r.seq, Origin: r.origin}
	}
	if b, ok := m.bases[repo][l]; ok {
		h.HasBase, h.BaseHash, h.BaseModifiedOn, h.BaseSeq = true, b.rec.Hash(), b.rec.ModifiedOn, b.seq
	}
	return h
}

func (m *model) draw(t *rapid.T) core.Record {
	rec := core.Record{Resource: core.Resource(rapid.SampledFrom([]string{"org_office", "pr_contact"}).Draw(t, "resource")), UUID: rapid.SampledFrom(m.uuids).Draw(t, "uuid"),
		MCI: rapid.IntRange(-1, 3).Draw(t, "mci"), ModifiedOn: core.MTime(rapid.Int64Range(1, 1000).Draw(t, "modified"))}
	if rapid.IntRange(0, 5).Draw(t, "deleted") == 0 {
		rec.Deleted = true
		return rec
	}
	for _, name := range []string{"name", "Name", "extent"} {
		kind := core.Kind(rapid.IntRange(0, 9).Draw(t, "kind"))
		f := core.Field{Name: name, Value: core.Value{Kind: kind, Str: rapid.SampledFrom([]string{"", "1", "1.50", "true", "text", storagetest.UUID(9), `["a"]`}).Draw(t, "value")}}
		if kind == core.Null {
			f.Value.Str = ""
		}
		if rapid.Bool().Draw(t, "with text") {
			f.Text = "shown"
		}
		if rapid.IntRange(0, 3).Draw(t, "aux") == 0 {
			f.Value.Aux = "pr_person"
		}
		if rapid.IntRange(0, 2).Draw(t, "present") > 0 {
			rec.Fields = append(rec.Fields, f)
		}
	}
	return rec
}

// TestTheStoreAnswersLikeTheModel puts, agrees and edits at random.
func TestTheStoreAnswersLikeTheModel(t *testing.T) {
	db, _ := storagetest.New(t)
	repos := []int64{storagetest.Repository(t, db, "a").ID, storagetest.Repository(t, db, "b").ID}
	cases := 0
	rapid.Check(t, func(rt *rapid.T) {
		cases++
		seq, err := db.Seq(ctx)
		if err != nil {
			rt.Fatal(err)
		}
		m := &model{seq: seq, uuids: []string{storagetest.UUID(2 * cases), storagetest.UUID(2*cases + 1), fmt.Sprint("other/form/", cases)}, records: make(map[core.Link]modelRecord), bases: map[int64]map[core.Link]modelBase{repos[0]: {}, repos[1]: {}}}
		put := func(tx intake.Tx, rec core.Record, origin int64) error {
			m.seq++
			m.records[rec.Link()] = modelRecord{rec, m.seq, origin}
			return tx.Put(ctx, &rec, core.Change{Origin: origin})
		}
		agree := func(tx intake.Tx, repo int64, rec core.Record, seq int64) error {
			stored := seq
			if seq == core.SeqCurrent {
				stored = m.records[rec.Link()].seq
			}
			m.bases[repo][rec.Link()] = modelBase{rec, stored}
			return tx.SetBase(ctx, repo, &rec, seq)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			rec := m.draw(rt)
			repo := rapid.SampledFrom(repos).Draw(rt, "repository")
			var err error
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0: // pulled
				err = db.Import(ctx, func(tx intake.Tx) error {
					return errors.Join(put(tx, rec, repo), agree(tx, repo, rec, core.SeqCurrent))
				})
			case 1: // theirs noted, ours stands
				err = db.Import(ctx, func(tx intake.Tx) error { return agree(tx, repo, rec, core.SeqNone) })
			case 2: // made here
				err = db.Import(ctx, func(tx intake.Tx) error { return put(tx, rec, 0) })
			case 3: // delivered
				ours, known := m.records[rec.Link()]
				if known {
					err = db.Import(ctx, func(tx intake.Tx) error { return agree(tx, repo, ours.rec, ours.seq) })
				}
			case 4: // rolled back
				saved := *m
				err = db.Import(ctx, func(tx intake.Tx) error { return errors.Join(tx.Put(ctx, &rec, core.Change{}), errBroken) })
				*m = saved
				if errors.Is(err, errBroken) {
					err = nil
				}
			}
			if err != nil {
				rt.Fatal(err)
			}
			m.compare(rt, db, repos)
		}
	})
}

var errBroken = errors.New("broken on purpose")

func (m *model) compare(t *rapid.T, db *storage.DB, repos []int64) {
	for _, resource := range []core.Resource{"org_office", "pr_contact"} {
		for _, uuid := range m.uuids {
			l := core.Link{Resource: resource, UUID: uuid}
			got, err := db.Record(ctx, l)
			if want, ok := m.records[l]; !ok && !errors.Is(err, core.ErrNotFound) || ok && (err != nil || sameRecord(want.rec, got) != "") {
				t.Fatalf("record %v: %v\n%s", l, err, sameRecord(want.rec, got))
			}
			for _, repo := range repos {
				m.compareTowards(t, db, repo, l)
			}
		}
	}
}

func (m *model) compareTowards(t *rapid.T, db *storage.DB, repo int64, l core.Link) {
	err := db.Import(ctx, func(tx intake.Tx) error {
		h, err := tx.Head(ctx, repo, l)
		if want := m.head(repo, l); err != nil || h != want {
			return fmt.Errorf("head of %v towards %d: %v\n got %+v\nwant %+v", l, repo, err, h, want)
		}
		base, err := tx.Base(ctx, repo, l)
		want, ok := m.bases[repo][l]
		if !ok && !errors.Is(err, core.ErrNotFound) || ok && (err != nil || base.Hash() != want.rec.Hash() || base.ModifiedOn != want.rec.ModifiedOn) {
			return fmt.Errorf("base of %v towards %d: %v\n got %+v\nwant %+v", l, repo, err, base, want.rec)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
