package conflicts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

func version(name, phone, mail string) core.Record {
	return core.Record{Resource: "org_office", UUID: "urn:uuid:1", Fields: []core.Field{
		{Name: "name", Value: core.Text(name)}, {Name: "phone1", Value: core.Text(phone)}, {Name: "email", Value: core.Text(mail)}}}
}

// both changed the phone, I alone the mail.
func conflict(id int64) core.Conflict {
	base := version("North", "1", "a@example.org")
	return core.Conflict{ID: id, RepositoryID: 1, Record: core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, Base: &base,
		Ours: version("North", "2", "b@example.org"), Theirs: version("North", "3", "a@example.org")}
}

func TestWhatOnlyOneSideChangedIsChosenAlready(t *testing.T) {
	q := newQuestion(conflict(1), nil, "HQ", core.MTime.String)
	sides := map[string]Side{}
	for _, c := range q.Choices {
		sides[c.Field] = c.Side
	}
	if len(sides) != 2 || sides["email"] != Mine || sides["phone1"] != Open || q.Left() != 1 {
		t.Errorf("choices %+v", q.Choices)
	}
}

func TestTheVerdictIsWhatWasChosen(t *testing.T) {
	for _, tt := range []struct {
		name        string
		phone, mail Side
		winner      string
		phoneIs     string
	}{
		{"all mine", Mine, Mine, "ours", ""},
		{"all theirs", Theirs, Theirs, "theirs", ""},
		{"a mixture", Theirs, Mine, "both", "3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := newQuestion(conflict(1), nil, "HQ", core.MTime.String)
			for i := range q.Choices {
				q.Choices[i].Side = map[string]Side{"phone1": tt.phone, "email": tt.mail}[q.Choices[i].Field]
			}
			winner, mixed := q.Verdict()
			if winner != tt.winner || (mixed != nil) != (tt.phoneIs != "") {
				t.Fatalf("winner %q, mixed %v", winner, mixed)
			}
			if mixed != nil && (mixed.Value("phone1").Str != tt.phoneIs || mixed.Value("email").Str != "b@example.org") {
				t.Errorf("mixed %+v", mixed.Fields)
			}
		})
	}
}

type fakeStore struct {
	conflicts   []core.Conflict
	quarantines []core.Quarantine
	resolved    map[int64]string
	mixed       *core.Record
	retried     []int64
	namesakes   []core.Link
	deleted     bool
	nowhere     bool // its records never came to be here
	merged      [2]core.Link
	sent        int64 // what nobody can take back any more
}

func (f *fakeStore) Alive(context.Context, core.Resource) (int, error) { return 60, nil }

func (f *fakeStore) Repositories(context.Context) ([]core.Repository, error) {
	return []core.Repository{{ID: 1, Name: "HQ"}}, nil
}
func (f *fakeStore) Conflicts(context.Context, int64, bool) (out []core.Conflict, _ error) {
	for _, c := range f.conflicts {
		if f.resolved[c.ID] == "" {
			out = append(out, c)
		}
	}
	return out, nil
}
func (f *fakeStore) Quarantines(context.Context, int64) ([]core.Quarantine, error) {
	return f.quarantines, nil
}
func (f *fakeStore) Schema(context.Context, core.Resource) (core.Schema, error) {
	return core.Schema{}, core.ErrNotFound
}
func (f *fakeStore) Record(context.Context, core.Link) (core.Record, error) {
	if f.nowhere {
		return core.Record{}, core.ErrNotFound
	}
	rec := version("North", "2", "")
	rec.Deleted = f.deleted
	return rec, nil
}
func (f *fakeStore) ResolveConflict(_ context.Context, id int64, winner string, mixed *core.Record, _ core.Hash, _ string) error {
	f.resolved[id], f.mixed = winner, mixed
	return nil
}
func (f *fakeStore) ReopenConflicts(_ context.Context, ids []int64, _ string) (n int, _ error) {
	for _, id := range ids {
		if id != f.sent {
			delete(f.resolved, id)
			n++
		}
	}
	return n, nil
}
func (f *fakeStore) RetryQuarantine(_ context.Context, id int64) error {
	f.retried = append(f.retried, id)
	return nil
}
func (f *fakeStore) Namesakes(_ context.Context, links []core.Link) (map[core.Link][]core.Link, error) {
	return map[core.Link][]core.Link{links[0]: f.namesakes}, nil
}
func (f *fakeStore) Merge(_ context.Context, from, into core.Link, by string) error {
	f.merged = [2]core.Link{from, into}
	f.quarantines = nil
	return nil
}

type fakeEngine struct {
	store   *fakeStore
	opts    replicate.Options
	refused core.Resource
}

func (f *fakeEngine) RefuseHeld(_ context.Context, repo core.Repository, r core.Resource, by string) (int, error) {
	if repo.Name != "HQ" || by == "" {
		return 0, core.Invalid("test", "nobody, or another repository")
	}
	f.refused, f.store.quarantines = r, nil
	return 40, nil
}

func (f *fakeEngine) Sync(_ context.Context, _ core.Repository, opts replicate.Options) (core.Run, error) {
	f.opts = opts
	return core.Run{}, nil
}

func open(t *testing.T, store *fakeStore) (*Page, *fakeEngine, fyne.Canvas) {
	a := test.NewTempApp(t)
	w := a.NewWindow("")
	host := frame.NewHost(t.Context(), w)
	host.Now = func() time.Time { return time.Unix(1_700_000_000, 0) }
	store.resolved = map[int64]string{}
	engine := &fakeEngine{store: store}
	p := New(host, store, engine, &event.Bus{}, func() {})
	w.SetContent(p.Content())
	w.Resize(fyne.NewSize(1100, 700))
	p.Shown()
	t.Cleanup(p.Hidden)
	return p, engine, w.Canvas()
}

func TestAConflictIsDecidedFieldByField(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5)}}
	_, _, c := open(t, store)
	use := uitest.Button(c, "Use this result")
	if !use.Disabled() {
		t.Fatal("a result can be used although a field is not chosen")
	}
	uitest.Panel(c, "3").Tapped(nil)
	if use.Disabled() {
		t.Fatal("the result cannot be used although all is chosen")
	}
	test.Tap(use)
	if store.resolved[5] != "both" || store.mixed.Value("phone1").Str != "3" || store.mixed.Value("email").Str != "b@example.org" {
		t.Errorf("resolved %v with %+v", store.resolved, store.mixed)
	}
	if !uitest.Says(c, "Nothing needs you") {
		t.Error("the page does not say that nothing is left")
	}
}

// A sync by itself comes while somebody thinks: what was chosen stays, and so does the
// record that is looked at, although another one came before it.
func TestWhatWasChosenStaysWhenSomethingElseComes(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5), conflict(6)}}
	p, _, c := open(t, store)
	p.list.Select(1)
	uitest.Panel(c, "3").Tapped(nil)
	store.conflicts = []core.Conflict{conflict(4), conflict(5), conflict(6)}
	p.presenter.load()
	use := uitest.Button(c, "Use this result")
	if use.Disabled() {
		t.Fatal("what was chosen is gone")
	}
	test.Tap(use)
	if store.resolved[6] != "both" || len(store.resolved) != 1 {
		t.Errorf("resolved %v", store.resolved)
	}
}

// Whoever decides the second of three goes on with the third.
func TestAfterADecisionComesTheNext(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5), conflict(6), conflict(7)}}
	p, _, c := open(t, store)
	p.list.Select(1)
	for _, id := range []int64{6, 7, 5} {
		test.Tap(uitest.Button(c, "All mine"))
		test.Tap(uitest.Button(c, "Use this result"))
		if store.resolved[id] != "ours" {
			t.Fatalf("resolved %v, but not %d", store.resolved, id)
		}
	}
}

// A long text is not read in a third of the width: both stand one below the other, and
// each says whose it is.
func TestLongTextsHaveTheWholeWidth(t *testing.T) {
	k := conflict(5)
	road := strings.Repeat("The road is washed away. ", 10)
	k.Ours.Set(core.Field{Name: "comments", Value: core.Text(road + "Mine.")})
	k.Theirs.Set(core.Field{Name: "comments", Value: core.Text(road + "Theirs.")})
	store := &fakeStore{conflicts: []core.Conflict{k}}
	_, _, c := open(t, store)
	mine, theirs, short := uitest.Panel(c, road+"Mine."), uitest.Panel(c, road+"Theirs."), uitest.Panel(c, "3")
	if mine.Size().Width < 2*short.Size().Width || theirs.Position().Y < mine.Position().Y+mine.Size().Height {
		t.Errorf("mine %v at %v, theirs %v at %v", mine.Size(), mine.Position(), theirs.Size(), theirs.Position())
	}
	if !uitest.SaysIn(mine, "Mine") || !uitest.SaysIn(theirs, "Theirs") {
		t.Error("they do not say whose they are")
	}
	theirs.Tapped(nil)
	short.Tapped(nil)
	test.Tap(uitest.Button(c, "Use this result"))
	if store.mixed.Value("comments").Str != road+"Theirs." {
		t.Errorf("mixed %+v", store.mixed)
	}
}

// What changed there meanwhile is shown, and chosen anew.
func TestAVersionThatChangedIsShown(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5)}}
	p, _, c := open(t, store)
	uitest.Panel(c, "3").Tapped(nil)
	store.conflicts[0].Theirs = version("North", "4", "a@example.org")
	p.presenter.load()
	if uitest.Panel(c, "4") == nil || !uitest.Button(c, "Use this result").Disabled() {
		t.Error("the page shows what was there before")
	}
}

// Those that came while somebody read the question were not asked about.
func TestAllAreThoseThatWereAskedAbout(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5), conflict(6)}}
	p, _, c := open(t, store)
	p.askAll(p.presenter.similar(*p.cases[0].Question), Theirs)
	store.conflicts = append(store.conflicts, conflict(7))
	p.presenter.load()
	test.Tap(uitest.Button(c, "Use theirs for 2 records"))
	if len(store.resolved) != 2 || store.resolved[7] != "" {
		t.Errorf("resolved %v", store.resolved)
	}
}

func TestAllOfAKindAreDecidedAtOnce(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5), conflict(6)}}
	p, _, _ := open(t, store)
	p.presenter.decideWhole(p.presenter.similar(*p.cases[0].Question), Theirs)
	if store.resolved[5] != "theirs" || store.resolved[6] != "theirs" {
		t.Errorf("resolved %v", store.resolved)
	}
}

// Whoever pressed "all" by mistake is asked all of it again, with one press.
func TestAllThatWasDecidedAtOnceIsTakenBackAtOnce(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5), conflict(6)}}
	p, _, _ := open(t, store)
	heard := &listener{view: p.presenter.view}
	p.presenter.view = heard
	decide := func() { p.presenter.decideWhole(p.presenter.similar(*p.cases[0].Question), Theirs) }
	decide()
	heard.undo()
	if len(store.resolved) != 0 || len(p.cases) != 2 || heard.said != "2 records wait for your decision again." {
		t.Errorf("still resolved %v, %d are asked, said %q", store.resolved, len(p.cases), heard.said)
	}
	decide()
	store.sent = 6
	heard.undo()
	if want := "1 record waits for your decision again. 1 was sent or changed meanwhile, and stays as it was decided."; heard.said != want {
		t.Errorf("said %q, want %q", heard.said, want)
	}
}

// A listener hears what the page would say.
type listener struct {
	view
	said string
	undo func()
}

func (l *listener) ShowDone(words string)                 { l.said = words }
func (l *listener) ShowDecided(words string, undo func()) { l.said, l.undo = words, undo }

// What stands at the server already is not said to be sent there.
func TestADecisionForTheServersVersionIsNotSaidToBeSent(t *testing.T) {
	for side, want := range map[Side]string{Theirs: "Decided.", Mine: "Decided. It is sent with the next sync."} {
		p, _, _ := open(t, &fakeStore{conflicts: []core.Conflict{conflict(5)}})
		heard := &listener{view: p.presenter.view}
		p.presenter.view = heard
		p.presenter.decideWhole([]Question{*p.cases[0].Question}, side)
		if heard.said != want {
			t.Errorf("said %q, want %q", heard.said, want)
		}
	}
}

func TestEditAgainstDeletionIsAskedAsSuch(t *testing.T) {
	k := conflict(5)
	k.Theirs = core.Record{Resource: "org_office", UUID: "urn:uuid:1", Deleted: true}
	store := &fakeStore{conflicts: []core.Conflict{k}}
	_, _, c := open(t, store)
	if !uitest.Says(c, "it was deleted at HQ") {
		t.Error("the page does not say what happened")
	}
	test.Tap(uitest.Button(c, "Keep the record"))
	if store.resolved[5] != "ours" {
		t.Errorf("resolved %v", store.resolved)
	}
}

func TestARefusedRecordIsShownWithTheServersWords(t *testing.T) {
	store := &fakeStore{quarantines: []core.Quarantine{{ID: 9, RepositoryID: 1, Outgoing: true, Record: core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, Reason: "Phone: invalid number"}}}
	p, _, c := open(t, store)
	var opened core.Link
	p.host.OpenRecord = func(l core.Link) { opened = l }
	if !uitest.Says(c, "Phone: invalid number") || !uitest.Says(c, "North") {
		t.Error("the server's words or the record's name are missing")
	}
	test.Tap(uitest.Button(c, "Try again"))
	test.Tap(uitest.Button(c, "Open the record"))
	if !slices.Equal(store.retried, []int64{9}) || opened.UUID != "urn:uuid:1" {
		t.Errorf("retried %v, opened %v", store.retried, opened)
	}
}

// A record that could not be stored has the name that the server gave it, if that can be read;
// its kind stands below, and is not said twice.
func TestARecordThatIsSetAsideHasItsName(t *testing.T) {
	named := core.Record{Resource: "org_office", UUID: "urn:uuid:1"}
	named.Set(core.Field{Name: "name", Value: core.Text("Relief office")})
	for content, want := range map[string]string{string(s3xml.AppendRecord(nil, &named)): "Relief office", "<resource": "Office without a name"} {
		store := &fakeStore{nowhere: true, quarantines: []core.Quarantine{{ID: 9, RepositoryID: 1, Record: named.Link(), Reason: "It could not be read.", Content: content}}}
		_, _, c := open(t, store)
		if !uitest.Says(c, want) || !uitest.Says(c, "Office  ·  set aside") {
			t.Errorf("%q: got %q", content, uitest.Texts(c))
		}
	}
}

// Once somebody at the server has given a right, nobody presses a button for each of a thousand.
func TestAllThatWereRefusedAlikeAreTriedAgain(t *testing.T) {
	store := &fakeStore{}
	for i, q := range []core.Quarantine{{Outgoing: true}, {Outgoing: true}, {}, {Outgoing: true, Reason: core.NamesakeThere}} {
		q.ID, q.RepositoryID, q.Record = int64(i+1), 1, core.Link{Resource: "org_office", UUID: fmt.Sprint(i)}
		store.quarantines = append(store.quarantines, q)
	}
	p, _, c := open(t, store)
	heard := &listener{view: p.presenter.view}
	p.presenter.view = heard
	test.Tap(uitest.Button(c, "Try all 2 of this kind again"))
	if !slices.Equal(store.retried, []int64{1, 2}) || heard.said != "2 records are tried again with the next sync." {
		t.Errorf("tried again %v, said %q", store.retried, heard.said)
	}
	p.list.Select(2)
	if uitest.Says(c, "of this kind again") {
		t.Error("the only one of its kind is offered as all")
	}
}

func TestARecordThatWasKeptBackHereIsNotSaidToBeRefused(t *testing.T) {
	reason := "It was not sent: this table is exchanged by MASTER, and the record was not made on this laptop."
	store := &fakeStore{quarantines: []core.Quarantine{{ID: 9, RepositoryID: 1, Outgoing: true, Record: core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, Reason: reason, Details: reason}}}
	_, _, c := open(t, store)
	if !uitest.Says(c, reason) || !uitest.Says(c, "Not everything of this record was sent to") {
		t.Error("the page does not say what happened")
	}
	for _, wrong := range []string{"“" + reason, "refused this record", "Correct the record"} {
		if uitest.Says(c, wrong) {
			t.Errorf("the page says %q", wrong)
		}
	}
}

func TestADeletionThatAServerRefusedIsNotToBeCorrected(t *testing.T) {
	reason := "Integrity error: record can not be deleted while it is referenced by another record"
	store := &fakeStore{deleted: true, quarantines: []core.Quarantine{{ID: 9, RepositoryID: 1, Outgoing: true, Record: core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, Reason: reason}}}
	_, _, c := open(t, store)
	if !uitest.Says(c, "HQ did not delete this record") || !uitest.Says(c, reason) || !uitest.Says(c, "restore it") || uitest.Says(c, "Correct the record") {
		t.Error("the page does not say what happened and what to do")
	}
}

func TestARecordWithTheNameOfAnotherIsRenamedOrMadeOneWithIt(t *testing.T) {
	ours, other := core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, core.Link{Resource: "org_office", UUID: "urn:uuid:2"}
	store := &fakeStore{namesakes: []core.Link{other}, quarantines: []core.Quarantine{{ID: 9, RepositoryID: 1, Outgoing: true, Record: ours, Reason: core.NamesakeThere, Details: core.NamesakeThere}}}
	_, _, c := open(t, store)
	if !uitest.Says(c, "another record of this name") || !uitest.Says(c, "give it another name") || uitest.Button(c, "Open the record") == nil {
		t.Error("the page does not say what can be done")
	}
	test.Tap(uitest.Button(c, "Make one record of them"))
	if store.merged[0] != (core.Link{}) {
		t.Fatal("made one without asking")
	}
	test.Tap(uitest.Button(c, "Make one record of them"))
	if store.merged != [2]core.Link{ours, other} {
		t.Errorf("merged %v", store.merged)
	}
	if !uitest.Says(c, "Nothing needs you") {
		t.Error("the page does not say that nothing is left")
	}
}

func TestARecordWithTheNameOfADeletedOneIsRenamed(t *testing.T) {
	store := &fakeStore{quarantines: []core.Quarantine{{ID: 9, RepositoryID: 1, Outgoing: true, Record: core.Link{Resource: "org_office", UUID: "urn:uuid:1"}, Reason: core.NamesakeThere}}}
	_, _, c := open(t, store)
	if !uitest.Says(c, "The other one was deleted") || uitest.Says(c, "Make one record") {
		t.Error("the page does not say what can be done")
	}
}

func TestHeldDeletionsAreOneQuestionAndGoThroughOnlyWhenConfirmed(t *testing.T) {
	store := &fakeStore{}
	for i := range 40 {
		store.quarantines = append(store.quarantines, core.Quarantine{ID: int64(i), RepositoryID: 1, Record: core.Link{Resource: "org_office"}, Reason: core.HeldDeletion})
	}
	p, engine, c := open(t, store)
	if len(p.cases) != 1 || p.cases[0].Held.Count != 40 {
		t.Fatalf("%d cases", len(p.cases))
	}
	test.Tap(uitest.Button(c, "Delete 40 records here too"))
	if engine.opts.Confirm {
		t.Fatal("deleted without asking")
	}
	test.Tap(uitest.Button(c, "Delete 40 records"))
	if !engine.opts.Confirm || len(engine.opts.Resources) != 1 {
		t.Errorf("ran with %+v", engine.opts)
	}
}

func TestHeldDeletionsCanBeRefused(t *testing.T) {
	store := &fakeStore{}
	for i := range 40 {
		store.quarantines = append(store.quarantines, core.Quarantine{ID: int64(i), RepositoryID: 1, Record: core.Link{Resource: "org_office"}, Reason: core.HeldDeletion})
	}
	_, engine, c := open(t, store)
	if !uitest.Says(c, "40 of your 60 records") {
		t.Error("the numbers are missing")
	}
	test.Tap(uitest.Button(c, "Keep these 40 records"))
	if engine.refused != "org_office" || engine.opts.Confirm {
		t.Errorf("refused %q, ran with %+v", engine.refused, engine.opts)
	}
	if !uitest.Says(c, "Nothing needs you") {
		t.Error("the page does not say that nothing is left")
	}
}

// On a low, narrow screen the list would leave no room for the two versions: two arrows lead
// through it instead, and the values are in sight.
func TestALowScreenShowsBothVersionsInsteadOfTheList(t *testing.T) {
	store := &fakeStore{conflicts: []core.Conflict{conflict(5), conflict(6)}}
	p, _, c := open(t, store)
	if uitest.Says(c, "1 of 2") {
		t.Error("there is room for the list, and it is counted all the same")
	}
	p.host.Window.Resize(fyne.NewSize(560, 383))
	if uitest.Row(c, "North") || !uitest.Says(c, "1 of 2") || p.shown.Question.Conflict.ID != 5 {
		t.Fatal("the list stands above what is chosen")
	}
	if seen := p.detail.Size().Height; seen < 280 {
		t.Errorf("the versions have %v points", seen)
	}
	back, on := p.turn[0], p.turn[1]
	if on.Disabled() || !back.Disabled() {
		t.Error("from the first one it goes on, and not back")
	}
	on.OnTapped()
	if !uitest.Says(c, "2 of 2") || p.shown.Question.Conflict.ID != 6 || !on.Disabled() || back.Disabled() {
		t.Errorf("the next one is %v", p.shown.Question.Conflict.ID)
	}
	p.host.Window.Resize(fyne.NewSize(560, 700))
	if uitest.Says(c, "2 of 2") || !p.list.Visible() {
		t.Error("where it is high enough for both the list is not there")
	}
}
