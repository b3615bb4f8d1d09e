package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// wanted returns the order of which the store lacks the places, if somebody missed them.
func wanted(db *storage.DB) (o storage.Order, is bool) {
	select {
	case o = <-db.PlacesWanted():
		return o, true
	default:
		return o, false
	}
}

// scattered is record n, at one of so many places in the order of its name, with words
// that come where a walk through the list has given up.
func scattered(dice *rand.Rand, n, at, places int) core.Record {
	rec := storagetest.Organisation(n)
	rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("%c%05d", "nN"[n%2], at))})
	rec.Set(core.Field{Name: "budget", Value: core.Value{Kind: core.Integer, Str: fmt.Sprint(at / 3)}})
	words := "entrepôt"
	if at > places/2 && dice.IntN(4) > 0 {
		words += " quartier"
	}
	if at > places/5 && dice.IntN(3) == 0 {
		words += " quarry"
	}
	rec.Set(core.Field{Name: "comments", Value: core.Text(words)})
	rec.Set(core.Field{Name: "region_id", Value: core.RefTo("org_region", storagetest.UUID(1_000_000+at/90)), Text: fmt.Sprintf("Region %03d", at/90)})
	return rec
}

func sameRow(a, b storage.ListRow) bool {
	return a.Record.UUID == b.Record.UUID && a.Title == b.Title && a.Record.ModifiedOn == b.Record.ModifiedOn
}

// samePage finds the page in both stores, of which one may know places and the other does
// not, and returns where the next one begins.
func samePage(t *testing.T, db, plain *storage.DB, q storage.Query) (next string) {
	t.Helper()
	got, err := db.List(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	want, err := plain.List(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	if got.Next != want.Next || !slices.EqualFunc(got.Rows, want.Rows, sameRow) {
		t.Fatalf("%+v: %d rows, and without places %d, or others", q, len(got.Rows), len(want.Rows))
	}
	return got.Next
}

// What is found by the places of the records is what is found without them, page by page,
// whoever changes what in between.
func TestASearchByPlacesFindsWhatAnyOtherDoes(t *testing.T) {
	const rows = 3 * large
	dir, clock, dice := t.TempDir(), storagetest.NewClock(), rand.New(rand.NewPCG(7, uint64(rows)))
	db, plain := storagetest.Open(t, dir, clock), storagetest.Open(t, dir, clock)
	var recs []core.Record
	for n, at := range dice.Perm(rows) {
		recs = append(recs, scattered(dice, n, at, rows))
	}
	storagetest.Put(t, db, recs...)
	cursors := map[storage.Query][]string{}
	compare := func(q storage.Query) {
		t.Helper()
		order := q
		order.After, order.Limit, order.Search = "", 0, ""
		for range 3 { // from wherever a page began at some time
			if all := cursors[order]; len(all) > 0 {
				q.After = all[dice.IntN(len(all))]
			}
			cursors[order] = append(cursors[order], samePage(t, db, plain, q))
		}
	}
	missed := 0
	for round := range 24 {
		for _, change := range dice.Perm(5)[:dice.IntN(3)] {
			by := []*storage.DB{db, plain}[dice.IntN(2)]
			n := dice.IntN(len(recs))
			switch change {
			case 0:
				edit(t, by, recs[n].Link(), "name", fmt.Sprintf("n%05d", dice.IntN(rows)))
			case 1:
				remove(t, by, recs[n].Link())
			case 2:
				storagetest.Put(t, by, scattered(dice, n, dice.IntN(rows), rows))
			case 3:
				storagetest.Put(t, by, scattered(dice, rows+round, dice.IntN(rows), rows))
			case 4:
				rec, err := by.Record(ctx, recs[n].Link())
				if err != nil {
					t.Fatal(err)
				}
				rec.Set(core.Field{Name: "region_id", Value: rec.Value("region_id"), Text: fmt.Sprintf("Region %03d", dice.IntN(100))})
				rec.ModifiedOn++
				storagetest.Import(t, by, func(tx intake.Tx) error { return tx.Touch(ctx, &rec) })
			}
		}
		sort := []string{"", "budget", "region_id", storage.SortModified}[round%4]
		q := storage.Query{Resource: "org_organisation", Sort: sort, Desc: dice.IntN(2) == 0, Limit: []int{20, 70, 300}[dice.IntN(3)]}
		for _, q.Search = range []string{"quartier", "quar", "quart entre", "q quarr", "quarz", "quartier q"} {
			compare(q)
		}
		if o, is := wanted(db); is {
			missed++
			same(t, storage.Order{Resource: "org_organisation", Sort: sort}, o)
			if err := db.MakePlaces(ctx, o); err != nil {
				t.Fatal(err)
			}
		}
		for _, q.Search = range []string{"quartier", "quar", "quart entre", "q quarr", "quarz", "quartier q"} {
			compare(q)
		}
		if o, is := wanted(db); is {
			t.Fatalf("round %d: places in the order of %+v are known, and none were found", round, o)
		}
	}
	if missed < 10 {
		t.Errorf("places were missed %d times: most searches have asked no index", missed)
	}
}

// Rows that were written since the places were made find theirs among the others, however
// many of them stand beside each other, until there are too many of them.
func TestPlacesServeWhileFewRowsHaveMoved(t *testing.T) {
	const rows = 3 * large
	for _, sort := range []string{"", "budget", "region_id"} {
		t.Run("by "+sort, func(t *testing.T) {
			dir, clock, dice := t.TempDir(), storagetest.NewClock(), rand.New(rand.NewPCG(11, 12))
			db, plain := storagetest.Open(t, dir, clock), storagetest.Open(t, dir, clock)
			var recs []core.Record
			for n, at := range dice.Perm(rows) {
				recs = append(recs, scattered(dice, n, at, rows))
			}
			storagetest.Put(t, db, recs...)
			o := storage.Order{Resource: "org_organisation", Sort: sort}
			if _, err := db.List(ctx, storage.Query{Resource: o.Resource, Sort: sort}); err != nil { // the index to sort by is made
				t.Fatal(err)
			}
			if err := db.MakePlaces(ctx, o); err != nil {
				t.Fatal(err)
			}
			moved := 0
			for _, several := range []int{1, 2, 5, 60, 200, 400, 332, 1} {
				near := dice.IntN(rows) // some beside each other, and some at either end
				var written []core.Record
				for i := range several {
					at := []int{near, near + i, dice.IntN(rows), i % 2 * (rows + 5)}[dice.IntN(4)]
					written = append(written, scattered(dice, rows+moved+i, at, rows))
				}
				if moved++; several > 1 { // one that was there before, too
					written[0] = scattered(dice, moved, near, rows)
				}
				moved += several - 1
				storagetest.Put(t, []*storage.DB{db, plain}[dice.IntN(2)], written...)
				if several == 60 {
					remove(t, db, written[7].Link())
				}
				wanted(db)
				for _, desc := range []bool{false, true} {
					for _, words := range []string{"quartier", "quar", "q entre"} {
						q := storage.Query{Resource: o.Resource, Sort: sort, Desc: desc, Search: words, Limit: 250}
						for page := 0; page == 0 || page < 4 && q.After != ""; page++ {
							q.After = samePage(t, db, plain, q)
						}
					}
				}
				if _, is := wanted(db); is != (moved >= 200) {
					t.Errorf("%d moved: to be made again: %v", moved, is)
				}
			}
		})
	}
}

// Places are known for one state of a table. Whatever its records become, and whoever
// does it, those that were written are no longer where they were, and what cannot be told
// makes all of them unknown.
func TestPlacesAreOfOneStateOfATable(t *testing.T) {
	dir, clock := t.TempDir(), storagetest.NewClock()
	db, other := storagetest.Open(t, dir, clock), storagetest.Open(t, dir, clock)
	repo := storagetest.Repository(t, db, "practice")
	dice := rand.New(rand.NewPCG(1, 2))
	var recs []core.Record
	for i := range large {
		recs = append(recs, scattered(dice, i, i, large))
	}
	storagetest.Put(t, db, recs...)
	search := storage.Query{Resource: "org_organisation", Search: "quartier q"}
	lacks := func() bool {
		t.Helper()
		if _, err := db.List(ctx, search); err != nil {
			t.Fatal(err)
		}
		_, is := wanted(db)
		return is
	}
	lacks() // the index to sort by is made
	for _, tt := range []struct {
		name   string
		change func(by *storage.DB)
		lost   bool
	}{
		{"nothing", func(*storage.DB) {}, false},
		{"a setting", func(by *storage.DB) {
			if err := by.SetSetting(ctx, "columns.org_organisation", "x"); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"a record of another table", func(by *storage.DB) {
			edit(t, by, core.Link{Resource: "org_office", UUID: storagetest.UUID(1)}, "name", "One")
		}, false},
		{"an edit", func(by *storage.DB) { edit(t, by, recs[3].Link(), "name", fmt.Sprint(dice.Int())) }, false},
		{"a deletion", func(by *storage.DB) { remove(t, by, recs[dice.IntN(large)].Link()) }, false},
		{"what is no content", func(by *storage.DB) {
			rec := recs[5].Clone()
			rec.ModifiedOn += 100
			storagetest.Import(t, by, func(tx intake.Tx) error { return tx.Touch(ctx, &rec) })
		}, true},
	} {
		for _, by := range []*storage.DB{db, other} {
			t.Run(tt.name, func(t *testing.T) {
				if err := db.MakePlaces(ctx, storage.Order{Resource: search.Resource}); err != nil {
					t.Fatal(err)
				}
				if lacks() {
					t.Fatal("places were made, and are not known")
				}
				tt.change(by)
				if is := lacks(); is != tt.lost {
					t.Errorf("lost: %v, want %v", is, tt.lost)
				}
			})
		}
	}
	if err := db.MakePlaces(ctx, storage.Order{Resource: search.Resource}); err != nil {
		t.Fatal(err)
	}
	if err := other.Forget(ctx, repo.ID); err != nil {
		t.Fatal(err)
	}
	edit(t, other, recs[0].Link(), "name", "another life")
	same(t, []string{"another life"}, titles(t, db, storage.Query{Resource: "org_organisation"}))
}

// While a run is under way places are not made; nor are they for what is not there.
func TestPlacesAreNotMadeInVain(t *testing.T) {
	db, _ := largeStore(t)
	repo := storagetest.Repository(t, db, "a")
	for _, o := range []storage.Order{{Resource: "org_nothing"}, {Resource: "org_organisation", Sort: storage.SortModified}, {Resource: "org_organisation", Sort: "acronym"}} {
		if err := db.MakePlaces(ctx, o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	unlock, err := db.LockRun(ctx, repo.ID)
	if err != nil {
		t.Fatal(err)
	}
	q := storage.Query{Resource: "org_organisation", Search: "counties q"} // all of them have the word, none the letter
	looked := func() bool {
		if _, err := db.List(ctx, q); err != nil {
			t.Fatal(err)
		}
		_, is := wanted(db)
		return is
	}
	looked() // the index to sort by is made
	if err := db.MakePlaces(ctx, storage.Order{Resource: "org_organisation"}); err != nil {
		t.Fatal(err)
	}
	if !looked() {
		t.Error("places were made while a run was under way")
	}
	unlock()
	if err := db.MakePlaces(ctx, storage.Order{Resource: "org_organisation"}); err != nil {
		t.Fatal(err)
	}
	if looked() {
		t.Error("no places were made")
	}
}

// What the index has not seen yet has its place, too, and once.
func TestASearchByPlacesFindsWhatTheIndexHasNotSeen(t *testing.T) {
	db, _ := storagetest.New(t)
	dice := rand.New(rand.NewPCG(3, 4))
	var recs []core.Record
	for i := range large {
		rec := scattered(dice, i, i, large)
		rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprintf("%05d", i))})
		rec.Set(core.Field{Name: "comments", Value: core.Text([]string{"entrepôt", "quartier"}[min(1, i/1000)])})
		recs = append(recs, rec)
	}
	storagetest.Put(t, db, recs...)
	search := storage.Query{Resource: "org_organisation", Search: "quartier", Limit: 400}
	found := titles(t, db, search)
	same(t, large-1000, len(found))
	has, had, moved := recs[990].Clone(), recs[1001].Clone(), recs[1005].Clone()
	has.Set(core.Field{Name: "comments", Value: core.Text("Quartier latin")})
	had.Set(core.Field{Name: "comments", Value: core.Text("entrepôt")})
	moved.Set(core.Field{Name: "name", Value: core.Text("01010b")})
	makePlaces := func() {
		if err := db.MakePlaces(ctx, storage.Order{Resource: search.Resource}); err != nil {
			t.Fatal(err)
		}
	}
	makePlaces()
	storagetest.Put(t, db, has, had, moved)
	remove(t, db, recs[1003].Link())
	want := append([]string{"00990"}, slices.DeleteFunc(found, func(title string) bool { return title == "01001" || title == "01003" || title == "01005" })...)
	want = slices.Insert(want, slices.Index(want, "01011"), "01010b")
	storagetest.Import(t, db, func(intake.Tx) error { // nobody brings the index up to date meanwhile
		for _, since := range []string{"since", "of now"} {
			wanted(db)
			same(t, want, titles(t, db, search))
			if _, is := wanted(db); is {
				t.Errorf("places %s: they were not known", since)
			}
			makePlaces()
		}
		return nil
	})
}
