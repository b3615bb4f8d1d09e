package storage_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestARunSavesOnlyWhatItLearned(t *testing.T) {
	db, _ := storagetest.New(t)
	r := storagetest.Repository(t, db, "hub")
	learned := core.Repository{ID: r.ID, UUID: "urn:uuid:learned", Name: "not its business", URL: r.URL, Username: r.Username, Proxy: "http://nor.this", Registered: 5, RegisteredAs: "me", LastConnected: 6, Stopped: "why", ClockOffset: -7}
	if err := db.SaveRepository(ctx, learned); err != nil {
		t.Fatal(err)
	}
	want := r
	want.UUID, want.Registered, want.RegisteredAs, want.LastConnected, want.Stopped, want.ClockOffset = learned.UUID, 5, "me", 6, "why", -7
	for _, find := range []func() (core.Repository, error){
		func() (core.Repository, error) { return db.Repository(ctx, r.ID) },
		func() (core.Repository, error) { return db.RepositoryByName(ctx, "HUB") },
		func() (core.Repository, error) { return db.PeerByUUID(ctx, "urn:uuid:learned") },
	} {
		got, err := find()
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	}
	for _, err := range []error{
		db.SaveRepository(ctx, core.Repository{ID: 99}), db.DeleteRepository(ctx, 99), db.DeleteTask(ctx, 99), db.DeleteJob(ctx, 99),
		db.UpdateTask(ctx, core.Task{ID: 99, Resource: "a_b", Strategy: core.StrategyAll, Update: core.PolicyNewer}),
	} {
		if !errors.Is(err, core.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

// What a peer calls itself is its own; what it is called here is the administrator's.
func TestAPeerThatCallsItselfOtherwiseGetsThatName(t *testing.T) {
	db, _ := storagetest.New(t)
	first, err := db.AddPeer(ctx, core.Repository{UUID: "urn:uuid:1", Name: "laptop"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := db.AddPeer(ctx, core.Repository{UUID: "urn:uuid:2", Name: "laptop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		peer       core.Repository
		told, want string
	}{
		{second, "laptop", "laptop (2)"}, // nothing new
		{second, "north", "north"},
		{first, "NORTH", "NORTH (2)"},
		{first, "south", "south"},
	} {
		if err := db.RenamePeer(ctx, tt.peer.ID, tt.told); err != nil {
			t.Fatal(err)
		}
		if r, err := db.Repository(ctx, tt.peer.ID); err != nil || r.Name != tt.want {
			t.Errorf("calls itself %q, is called %q, want %q, %v", tt.told, r.Name, tt.want, err)
		}
	}
	given, err := db.Repository(ctx, first.ID)
	if err != nil {
		t.Fatal(err)
	}
	given.Name = "of the clinic"
	if _, err := db.UpdateRepository(ctx, given); err != nil {
		t.Fatal(err)
	}
	if err := db.RenamePeer(ctx, first.ID, "west"); err != nil {
		t.Fatal(err)
	}
	if r, err := db.Repository(ctx, first.ID); err != nil || r.Name != given.Name || r.Told != "west" {
		t.Errorf("%+v, %v", r, err)
	}
	if err := db.RenamePeer(ctx, 99, "nobody"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// To answer a peer nobody has to unlock a keyring.
func TestAPeerIsFoundWithoutItsPassword(t *testing.T) {
	db, _ := storagetest.New(t)
	r, err := db.AddRepository(ctx, core.Repository{Name: "hub", UUID: "urn:uuid:hub", URL: "http://hub.example.org", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	peer, err := db.PeerByUUID(ctx, "urn:uuid:hub")
	if err != nil || peer.ID != r.ID || peer.Password != "" {
		t.Errorf("found %+v, %v", peer, err)
	}
	if err := db.SaveRepository(ctx, peer); err != nil {
		t.Fatal(err)
	}
	if kept, err := db.Repository(ctx, r.ID); err != nil || kept.Password.Reveal() != "secret" {
		t.Errorf("after saving the peer: %+v, %v", kept, err)
	}
}

func TestRepositoriesHaveNamesOfTheirOwn(t *testing.T) {
	db, _ := storagetest.New(t)
	storagetest.Repository(t, db, "hub")
	for _, name := range []string{"", " ", "Hub", "hub "} {
		if _, err := db.AddRepository(ctx, core.Repository{Name: name}); !core.IsKind(err, core.InvalidSetting) {
			t.Errorf("name %q: got %v", name, err)
		}
	}
	peer, err := db.AddPeer(ctx, core.Repository{Name: "Hub", UUID: "urn:uuid:p"})
	if err != nil || peer.Name != "Hub (2)" {
		t.Errorf("%+v %v", peer, err)
	}
	if _, err := db.AddRepository(ctx, core.Repository{Name: "bad", Proxy: "http://"}); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("got %v", err)
	}
}

func TestADeletedRepositoryTakesItsBasesAlongAndItsNumberIsNotUsedAgain(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	storagetest.Pull(t, l.DB, l.repo.ID, storagetest.Organisation(1))
	if err := l.DeleteRepository(ctx, l.repo.ID); err != nil {
		t.Fatal(err)
	}
	if tasks, err := l.Tasks(ctx, l.repo.ID); err != nil || len(tasks) != 0 {
		t.Errorf("%v %v", tasks, err)
	}
	again := storagetest.Repository(t, l.DB, "hub")
	if again.ID == l.repo.ID {
		t.Error("the number was used again")
	}
	if h := head(t, l.DB, again.ID, link(1)); h.HasBase || !h.Known || h.Origin == again.ID {
		t.Errorf("%+v", h)
	}
}

func TestAResourceIsAddedOnceAndChecked(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	for _, task := range []core.Task{core.NewTask(l.repo.ID, "org_organisation"), core.NewTask(l.repo.ID, "auth_user"), core.NewTask(l.repo.ID, "x")} {
		if _, err := l.AddTask(ctx, task); !core.IsKind(err, core.InvalidSetting) {
			t.Errorf("%s: got %v", task.Resource, err)
		}
	}
	want := core.NewTask(l.repo.ID, "org_office")
	want.Mode, want.Strategy, want.Update, want.Conflict, want.Merge = core.ModePull, core.Strategy(core.MethodCreate), core.PolicyMaster, core.PolicyAsk, false
	want.Filters = []core.Filter{{Query: "~.name__like=A*"}}
	want, err := l.AddTask(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Compared(ctx, want, 77); err != nil {
		t.Fatal(err)
	}
	want.Compared = 77
	tasks, err := l.Tasks(ctx, l.repo.ID)
	if err != nil || len(tasks) != 2 {
		t.Fatal(tasks, err)
	}
	same(t, want, tasks[1])
}

func TestJobsAccountsSharedResourcesAndSchemasComeBack(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	job, err := l.SaveJob(ctx, core.Job{RepositoryID: l.repo.ID, Enabled: true, Start: 1, End: 2, Every: time.Hour, Repeats: 3, Timeout: time.Minute, LastRun: 4, Runs: 5})
	if err != nil {
		t.Fatal(err)
	}
	job.Cron, job.Every = "0 * * * *", 0
	if _, err := l.SaveJob(ctx, job); err != nil {
		t.Fatal(err)
	}
	jobs, err := l.Jobs(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	same(t, []core.Job{job}, jobs)

	a, err := l.SaveAccount(ctx, core.Account{Name: "peer", Hash: "$argon2id$1"})
	if err != nil {
		t.Fatal(err)
	}
	a.Hash, a.Disabled = "$argon2id$2", true
	if b, err := l.SaveAccount(ctx, a); err != nil || b.ID != a.ID {
		t.Errorf("%+v %v", b, err)
	}
	got, err := l.Account(ctx, "peer")
	if err != nil {
		t.Fatal(err)
	}
	same(t, a, got)
	if err := l.DeleteAccount(ctx, "peer"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Account(ctx, "peer"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("got %v", err)
	}

	for _, r := range []core.Resource{"org_office", "org_organisation", "org_office"} {
		if err := l.Share(ctx, r, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Share(ctx, "org_organisation", false); err != nil {
		t.Fatal(err)
	}
	if err := l.Share(ctx, "auth_user", true); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("got %v", err)
	}
	shared, _ := l.Shared(ctx)
	same(t, []core.Resource{"org_office"}, shared)
	given := responder.Serving{Seq: 12, Began: 1700000000}
	if err := l.Served(ctx, l.repo.ID, "org_office", given); err != nil {
		t.Fatal(err)
	}
	served, _ := l.LastServed(ctx, l.repo.ID, "org_office")
	never, _ := l.LastServed(ctx, l.repo.ID, "org_organisation")
	same(t, []responder.Serving{given, {}}, []responder.Serving{served, never})
	for _, a := range []responder.Asking{{Sent: 3}, {Since: 7}} {
		for _, r := range []core.Resource{"org_office", "gis_location"} {
			if err := l.Asked(ctx, l.repo.ID, r, a); err != nil {
				t.Fatal(err)
			}
			last, err := l.LastAsked(ctx, l.repo.ID, r)
			if err != nil {
				t.Fatal(err)
			}
			same(t, &a, last)
		}
	}
	if last, err := l.LastAsked(ctx, l.repo.ID, "org_organisation"); last != nil || err != nil {
		t.Errorf("nobody asked: %v, %v", last, err)
	}
	served, _ = l.LastServed(ctx, l.repo.ID, "org_office")
	same(t, given, served)

	if _, err := l.Schema(ctx, "org_region"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	storagetest.Pull(t, l.DB, l.repo.ID, storagetest.Organisation(1), storagetest.Contact(1, link(1)))
	seen, err := l.Schema(ctx, "org_organisation")
	if err != nil {
		t.Fatal(err)
	}
	region, _ := seen.Field("region_id")
	same(t, core.FieldSchema{Name: "region_id", Type: "reference", Target: "org_region"}, region)
	same(t, core.Resource("pr_contact"), seen.Components[0].Resource)
	said := core.Schema{Resource: "org_organisation", Label: "Organization", Fields: []core.FieldSchema{{Name: "name", Type: "string", Options: []core.Option{{Value: "a", Label: "A"}}}}, Fetched: 9}
	if err := l.SaveSchema(ctx, said); err != nil {
		t.Fatal(err)
	}
	back, err := l.Schema(ctx, "org_organisation")
	if err != nil {
		t.Fatal(err)
	}
	same(t, said, back)
}

func TestTheLogIsFilteredAndPaged(t *testing.T) {
	db, clock := storagetest.New(t)
	for i, e := range []core.LogEntry{
		{Run: "1", RepositoryID: 1, Repository: "hub", Resource: "org_office", Result: core.ResultSuccess, Message: "100% done"},
		{Run: "1", RepositoryID: 1, Repository: "hub", Resource: "org_office", Result: core.ResultError, Message: "no answer", Details: "dial tcp"},
		{Run: "2", RepositoryID: 2, Repository: "other", Resource: "none", Result: core.ResultSuccess, Message: "registered", UUID: "urn:uuid:1", Title: "Sea Office", Counts: &core.Counts{Received: 2}},
	} {
		clock.Add(time.Second)
		got, err := db.AddLog(ctx, e)
		if err != nil || got.ID != int64(i+1) || got.Time != core.MTimeOf(clock.Now()) {
			t.Fatalf("%+v %v", got, err)
		}
	}
	newest, err := db.Log(ctx, storage.LogQuery{Limit: 1})
	if err != nil || len(newest) != 1 || newest[0].UUID != "urn:uuid:1" || newest[0].Counts == nil || newest[0].Counts.Received != 2 {
		t.Errorf("%+v %v", newest, err)
	}
	for _, tt := range []struct {
		name string
		q    storage.LogQuery
		want []int64
	}{
		{"everything, newest first", storage.LogQuery{}, []int64{3, 2, 1}},
		{"of one repository", storage.LogQuery{Repository: 1}, []int64{2, 1}},
		{"of one run", storage.LogQuery{Run: "2"}, []int64{3}},
		{"of one resource", storage.LogQuery{Resource: "org_office"}, []int64{2, 1}},
		{"errors", storage.LogQuery{Result: core.ResultError}, []int64{2}},
		{"since", storage.LogQuery{Since: core.MTimeOf(storagetest.Start) + 3}, []int64{3}},
		{"until", storage.LogQuery{Until: core.MTimeOf(storagetest.Start) + 3}, []int64{2, 1}},
		{"a record's name", storage.LogQuery{Search: "sea off"}, []int64{3}},
		{"words in the details", storage.LogQuery{Search: "DIAL"}, []int64{2}},
		{"signs that mean something in SQL", storage.LogQuery{Search: "100%"}, []int64{1}},
		{"a page", storage.LogQuery{Limit: 1, Before: 3}, []int64{2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := db.Log(ctx, tt.q)
			if err != nil {
				t.Fatal(err)
			}
			var ids []int64
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
			same(t, tt.want, ids)
		})
	}
}

func TestTheStatusCountsWhatAPersonHasToKnow(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	edit(t, l.DB, link(1), "name", "unsent")
	edit(t, l.DB, link(2), "name", "refused")
	l.refuse(link(2), 2)
	good := core.Run{ID: "1", Repository: l.repo.ID, Started: 10, Finished: 11, Result: core.ResultSuccess, Counts: core.Counts{Received: 3, Created: 3}, Seconds: 1.5}
	bad := core.Run{ID: "2", Repository: l.repo.ID, Started: 20}
	dry := core.Run{ID: "3", Repository: l.repo.ID, Started: 30, Finished: 31, DryRun: true, Result: core.ResultSuccess}
	for _, r := range []core.Run{good, bad, dry} {
		started := r
		started.Finished, started.Result, started.Counts, started.Seconds = 0, "", core.Counts{}, 0
		if err := l.StartRun(ctx, started); err != nil {
			t.Fatal(err)
		}
		if _, err := l.FinishRun(ctx, core.Ending{Run: r, Repository: l.repo}); err != nil {
			t.Fatal(err)
		}
	}
	unsent, err := l.Unsent(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, refused, err := l.Waiting(ctx, l.repo.ID); err != nil || unsent[l.repo.ID] != 2 || refused != 1 {
		t.Errorf("%d unsent, %d refused, %v", unsent[l.repo.ID], refused, err)
	}
	runs, _ := l.Runs(ctx, l.repo.ID, 2)
	same(t, []core.Run{dry, bad}, runs)

	checks, err := l.Doctor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%+v", c)
		}
	}
	runs, _ = l.Runs(ctx, l.repo.ID, 2)
	if runs[1].Finished == 0 || runs[1].Result != core.ResultError {
		t.Errorf("the run that broke off was not closed: %+v", runs[1])
	}
}

func TestTheDoctorSeesChangedContentAndMissingFiles(t *testing.T) {
	db, _ := storagetest.New(t)
	edit(t, db, link(1), "name", "One")
	content := []byte("content")
	if err := db.SaveAttachment(ctx, core.Attachment{Record: link(1), Field: "file"}, content); err != nil {
		t.Fatal(err)
	}
	a, got, err := db.Attachment(ctx, link(1), "file")
	if err != nil || string(got) != "content" {
		t.Fatal(a, err)
	}
	raw(t, db.Dir(), `UPDATE r_org_organisation SET name = 'tampered'`)
	if err := os.Remove(filepath.Join(db.Dir(), a.Path)); err != nil {
		t.Fatal(err)
	}
	checks, err := db.Doctor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	wrong := make(map[string]bool)
	for _, c := range checks {
		wrong[c.Name] = !c.OK
	}
	if !wrong["records"] || !wrong["files"] || wrong["database"] {
		t.Errorf("%+v", checks)
	}
	if _, _, err := db.Attachment(ctx, link(1), "file"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestUploadsAreWantedUntilTheyAreHereOrFailedTooOften(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	rec := storagetest.Organisation(1)
	rec.Set(core.Field{Name: "logo", Value: core.Value{Kind: core.File, Str: "https://hub/logo.abc.png", Aux: "logo.png"}})
	storagetest.Pull(t, l.DB, l.repo.ID, rec, storagetest.Organisation(2))
	wanted := func() []core.Attachment {
		t.Helper()
		w, err := l.WantedAttachments(ctx, l.repo.ID, 10)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	same(t, []core.Attachment{{Record: rec.Link(), Field: "logo", URL: "https://hub/logo.abc.png", Name: "logo.png"}}, wanted())
	for range 4 {
		a := wanted()[0]
		a.Attempts++
		a.Failed = "404"
		if err := l.SaveAttachment(ctx, a, nil); err != nil {
			t.Fatal(err)
		}
	}
	a := wanted()[0]
	same(t, 4, a.Attempts)
	if _, _, err := l.Attachment(ctx, rec.Link(), "logo"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if err := l.SaveAttachment(ctx, a, []byte("png")); err != nil {
		t.Fatal(err)
	}
	same(t, 0, len(wanted()))
	rec.Set(core.Field{Name: "logo", Value: core.Value{Kind: core.File, Str: "https://hub/logo.def.png", Aux: "logo.png"}})
	storagetest.Import(t, l.DB, func(tx intake.Tx) error { return tx.Put(ctx, &rec, core.Change{Origin: l.repo.ID}) })
	same(t, 1, len(wanted()))
}

func TestAFetchedFileIsWholeOrNotThere(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	a := core.Attachment{Record: link(1), Field: "logo", URL: "https://hub/logo.png", Name: "logo.png"}
	err := l.FetchAttachment(ctx, a, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half of")
		return errors.New("injected: broke off")
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Attachment(ctx, a.Record, "logo"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("half a file is there: %v", err)
	}
	large := strings.Repeat("0123456789", 300_000)
	err = l.FetchAttachment(ctx, a, func(w io.Writer) error {
		for i := 0; i < len(large); i += 1000 {
			if _, err := io.WriteString(w, large[i:i+1000]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, content, err := l.Attachment(ctx, a.Record, "logo")
	if err != nil || string(content) != large || got.Size != int64(len(large)) || got.Failed != "" {
		t.Errorf("%+v, %d bytes, %v", got, len(content), err)
	}
	left, err := filepath.Glob(filepath.Join(l.Dir(), "files", "incoming-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestAPeerWithoutDescriptionIsRememberedAndTheDataTakesItsPlace(t *testing.T) {
	l := newLaptop(t, "org_region")
	if err := l.SaveSchema(ctx, core.Schema{Resource: "org_region", Fetched: 5}); err != nil {
		t.Fatal(err)
	}
	if s, err := l.Schema(ctx, "org_region"); !errors.Is(err, core.ErrNotFound) || s.Fetched != 5 {
		t.Errorf("nothing is known but when it was asked for: %+v, %v", s, err)
	}
	edit(t, l.DB, core.Link{Resource: "org_region", UUID: link(1).UUID}, "name", "A")
	if s, err := l.Schema(ctx, "org_region"); err != nil || s.Fetched != 5 || len(s.Fields) == 0 {
		t.Errorf("what was seen in the data: %+v, %v", s, err)
	}
	said := core.Schema{Resource: "org_region", Label: "Organisation", Fields: []core.FieldSchema{{Name: "name", Type: "string"}}, Fetched: 6}
	for _, s := range []core.Schema{said, {Resource: "org_region", Fetched: 7}} {
		if err := l.SaveSchema(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	said.Fetched = 7
	s, err := l.Schema(ctx, "org_region")
	if err != nil {
		t.Fatal(err)
	}
	same(t, said, s)
}

// Between Fieldsyncs alone no server describes a table: who begins has the fields that
// such records have everywhere, also beside those that were seen.
func TestTheCommonestTablesAreKnownThoughNobodyDescribedThem(t *testing.T) {
	l := newLaptop(t, "org_organisation")
	s, err := l.Schema(ctx, "org_organisation")
	if name, ok := s.Field("name"); err != nil || !ok || !name.Required || s.Fetched != 0 {
		t.Errorf("before the first record: %+v, %v", s, err)
	}
	edit(t, l.DB, link(1), "mandate", "Relief")
	s, err = l.Schema(ctx, "org_organisation")
	if _, phone := s.Field("phone"); err != nil || phone {
		t.Errorf("while a server may still describe it: %+v, %v", s, err)
	}
	if err := l.SaveSchema(ctx, core.Schema{Resource: "org_organisation", Fetched: 5}); err != nil {
		t.Fatal(err)
	}
	s, err = l.Schema(ctx, "org_organisation")
	if name, _ := s.Field("name"); name.Required {
		t.Error("what a record here lacks is demanded of it")
	}
	_, phone := s.Field("phone")
	if _, mandate := s.Field("mandate"); err != nil || !phone || !mandate {
		t.Errorf("after it: %+v, %v", s, err)
	}
}
