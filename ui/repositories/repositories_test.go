package repositories

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

func TestWhatIsWrongWithAConfigurationIsSaidByField(t *testing.T) {
	good := Draft{Name: "HQ", URL: "https://hq.example.org/eden", Username: "me", Password: "secret"}
	for _, tt := range []struct {
		name   string
		change func(*Draft)
		field  string
	}{
		{"all is well", func(*Draft) {}, ""},
		{"no name", func(d *Draft) { d.Name = " " }, fieldName},
		{"no address", func(d *Draft) { d.URL = "" }, fieldURL},
		{"a password in the address", func(d *Draft) { d.URL = "https://me:secret@hq.example.org" }, fieldURL},
		{"a user without a password", func(d *Draft) { d.Password = "" }, fieldPassword},
		{"a password without a user", func(d *Draft) { d.Username = "" }, fieldUser},
		{"a stored password need not be typed again", func(d *Draft) { d.Password, d.Repository.Password = "", "stored" }, ""},
		{"an own proxy without an address", func(d *Draft) { d.Proxy = proxyOwn }, fieldProxy},
		{"an own proxy of an unknown kind", func(d *Draft) { d.Proxy, d.ProxyURL = proxyOwn, "ftp://proxy" }, fieldProxy},
		{"a server that only calls us needs no address", func(d *Draft) { d.Repository.ID, d.URL = 4, "" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := good
			tt.change(&d)
			wrong := d.Troubles()
			if tt.field == "" && len(wrong) > 0 || tt.field != "" && (len(wrong) != 1 || wrong[tt.field] == "") {
				t.Errorf("wrong: %v, want %q", wrong, tt.field)
			}
		})
	}
}

func TestAnotherAddressMeansRegisteringAnew(t *testing.T) {
	r := core.Repository{ID: 1, Name: "HQ", URL: "https://a.example.org/eden", Registered: 5, Stopped: "wrong password", Username: "me", Password: "old"}
	d := newDraft(r)
	if got := d.Result(); got.Registered != 5 || got.Password != "old" || got.Stopped != "" {
		t.Errorf("unchanged: %+v", got)
	}
	d.URL, d.Password = "https://b.example.org/eden/", "new"
	if got := d.Result(); got.Registered != 0 || got.Password != "new" || got.URL != "https://b.example.org/eden" {
		t.Errorf("changed: %+v", got)
	}
}

func TestFiltersAreOneALine(t *testing.T) {
	text := "~.name__like=A*\norg_office: ~.obsolete=False"
	filters := parseFilters("\n" + text + "\n\n")
	if len(filters) != 2 || filters[1].Table != "org_office" || filters[1].Query != "~.obsolete=False" || filterText(filters) != text {
		t.Errorf("filters %+v", filters)
	}
}

type fakeStore struct {
	fakeWays
	repositories []core.Repository
	tasks        []core.Task
	jobs         []core.Job
	server       peer
}

func (f *fakeStore) connect(core.Repository, core.Node) (replicate.Peer, error) {
	return f.server, f.server.down
}

// peer is a server that has a few tables.
type peer struct {
	replicate.Peer
	down error
	has  []core.Resource
}

func (p peer) Pull(_ context.Context, req replicate.PullRequest, _ func(*core.Record, bool, *replicate.BadRecord) error) (replicate.PullReply, error) {
	if !slices.Contains(p.has, req.Resource) {
		return replicate.PullReply{}, &core.Problem{Kind: core.UnknownResource}
	}
	return replicate.PullReply{Masters: 1}, nil
}

func (f *fakeStore) Node(context.Context) (core.Node, error) { return core.Node{}, nil }
func (f *fakeStore) Repositories(context.Context) ([]core.Repository, error) {
	return f.repositories, nil
}
func (f *fakeStore) Repository(_ context.Context, id int64) (core.Repository, error) {
	return f.repositories[id-1], nil
}
func (f *fakeStore) AddRepository(_ context.Context, r core.Repository) (core.Repository, error) {
	if r.Name == "Taken" {
		return r, core.Invalid("name", "There is already a repository with this name.")
	}
	r.ID = int64(len(f.repositories) + 1)
	f.repositories = append(f.repositories, r)
	return r, nil
}
func (f *fakeStore) UpdateRepository(_ context.Context, r core.Repository) (core.Repository, error) {
	f.repositories[r.ID-1] = r
	return r, nil
}
func (f *fakeStore) DeleteRepository(context.Context, int64) error {
	f.repositories = nil
	return nil
}
func (f *fakeStore) Unsent(context.Context, int64) (int, error)        { return 3, nil }
func (f *fakeStore) Tasks(context.Context, int64) ([]core.Task, error) { return f.tasks, nil }
func (f *fakeStore) AddTask(_ context.Context, t core.Task) (core.Task, error) {
	f.tasks = append(f.tasks, t)
	return t, nil
}
func (f *fakeStore) UpdateTask(context.Context, core.Task) error     { return nil }
func (f *fakeStore) DeleteTask(context.Context, int64) error         { return nil }
func (f *fakeStore) Jobs(context.Context, int64) ([]core.Job, error) { return f.jobs, nil }
func (f *fakeStore) SaveJob(_ context.Context, j core.Job) (core.Job, error) {
	f.jobs = append(f.jobs, j)
	return j, nil
}
func (f *fakeStore) DeleteJob(context.Context, int64) error { return nil }
func (f *fakeStore) Agenda(context.Context) (schedule.Agenda, error) {
	return schedule.Agenda{JobMemories: map[int64]schedule.JobMemory{7: {JobID: 7, Result: core.ResultError, Message: "HQ does not answer."}}}, nil
}
func (f *fakeStore) TableTroubles(context.Context, int64) (map[core.Resource]string, error) {
	return nil, nil
}
func (f *fakeStore) Tables(context.Context) ([]core.Resource, error) {
	return []core.Resource{"wash_point"}, nil
}
func (f *fakeStore) SaveSetup(context.Context, string) error { return nil }

type fakeEngine struct{}

func (fakeEngine) Sync(context.Context, core.Repository, replicate.Options) (core.Run, error) {
	return core.Run{}, nil
}
func (fakeEngine) OlderState(context.Context, core.Repository) (core.OlderState, error) {
	return core.OlderState{}, nil
}
func (fakeEngine) Register(_ context.Context, r core.Repository) (core.Repository, error) {
	return r, nil
}

func (fakeEngine) Forecast(_ context.Context, _ core.Repository, t core.Task) (Forecast, error) {
	f := Forecast{Counts: core.Counts{Kept: 10, Created: 1}}
	if t.Conflict == core.PolicyThis {
		f.Add("ours")
		f.Add("ours")
	}
	return f, nil
}

type noPage struct{ frame.Page }

func open(t *testing.T) (*fakeStore, *Page, fyne.Canvas) {
	a := test.NewTempApp(t)
	w := a.NewWindow("")
	store := &fakeStore{}
	p := New(frame.NewHost(t.Context(), w), store, fakeEngine{}, store.connect, func(int64) frame.Page { return noPage{} })
	w.SetContent(p.Content())
	w.Resize(fyne.NewSize(1100, 700))
	p.Shown()
	return store, p, w.Canvas()
}

func write(t *testing.T, c fyne.Canvas, label, text string) {
	t.Helper()
	e := uitest.Entry(c, label)
	if e == nil {
		t.Fatalf("there is no field %q", label)
	}
	e.SetText(text)
}

func TestARepositoryIsSetUpFromNothing(t *testing.T) {
	store, p, c := open(t)
	if !uitest.Says(c, "No repository yet") {
		t.Fatal("the empty page does not say what to do")
	}
	test.Tap(uitest.Button(c, "Add a repository"))
	if c.Focused() != fyne.Focusable(p.config.first) {
		t.Errorf("the keyboard is on %v, not in the first field", c.Focused())
	}
	write(t, c, "Address (URL)", "nonsense://")
	if !uitest.Says(c, "The address must begin with https://") && !uitest.Says(c, "This is not a web address.") {
		t.Error("a wrong address is not complained about while it is typed")
	}
	write(t, c, "Name", "Taken")
	write(t, c, "Address (URL)", "hq.example.org/eden")
	write(t, c, "User name", "me@example.org")
	write(t, c, "Password", "secret")
	test.Tap(uitest.Button(c, "Save"))
	if !uitest.Says(c, "There is already a repository with this name.") {
		t.Error("the store's objection is not shown beside the field")
	}
	write(t, c, "Name", "Headquarters")
	test.Tap(uitest.Button(c, "Save"))
	if len(store.repositories) != 1 || store.repositories[0].URL != "https://hq.example.org/eden" {
		t.Fatalf("stored %+v", store.repositories)
	}
	test.Tap(uitest.Button(c, "Add a resource"))
	test.Tap(uitest.Button(c, "Save"))
	if len(store.tasks) != 0 || !uitest.Says(c, "is not a table name") {
		t.Error("a resource without a name was stored")
	}
}

// What is wrong is led to, however far down the form; a file without a certificate is not
// stored as one.
func TestWhatIsWrongIsLedToAndNotSaved(t *testing.T) {
	store, p, c := open(t)
	test.Tap(uitest.Button(c, "Add a repository"))
	write(t, c, "Name", "HQ")
	write(t, c, "Address (URL)", "nonsense://")
	file := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(file, []byte("Dear administrator"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, c, "Certificate authority (file)", file)
	p.Save()
	if c.Focused() != fyne.Focusable(p.config.entries[fieldURL]) {
		t.Errorf("with a wrong address the keyboard is on %T", c.Focused())
	}
	write(t, c, "Address (URL)", "https://hq.example.org/eden")
	p.Save()
	if len(store.repositories) != 0 || c.Focused() != fyne.Focusable(p.config.entries[fieldAuthority]) || p.config.fields[fieldAuthority].Trouble() == "" {
		t.Errorf("stored %+v, the keyboard is on %T, said %q", store.repositories, c.Focused(), p.config.fields[fieldAuthority].Trouble())
	}
	write(t, c, "Certificate authority (file)", "")
	p.Save()
	if len(store.repositories) != 1 {
		t.Error("it is not stored without one")
	}
}

func TestRemovingARepositoryNamesWhatWasNotSent(t *testing.T) {
	store, p, c := open(t)
	store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
	p.presenter.open(1)
	test.Tap(uitest.Button(c, "Remove this repository…"))
	if !uitest.Says(c, "3 changes have not been sent to it yet.") || len(store.repositories) != 1 {
		t.Fatal("it was removed without naming what was not sent")
	}
	test.Tap(uitest.Button(c, "Remove the repository"))
	if len(store.repositories) != 0 {
		t.Error("it was not removed")
	}
}

func TestWhatIsNotSavedIsNotLostWithoutAQuestion(t *testing.T) {
	store, p, c := open(t)
	store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
	p.presenter.open(1)
	write(t, c, "Name", "Head office")
	test.Tap(uitest.Button(c, "Back"))
	if uitest.Button(c, "Discard my changes") == nil {
		t.Error("the page was left without a question")
	}
}

func TestTheServerIsAskedWhatItOffers(t *testing.T) {
	store, p, _ := open(t)
	ask := func() (offer []core.Resource, said string) {
		p.presenter.known([]core.Task{{Resource: "org_office"}}, func(list []core.Resource) {
			p.presenter.offered(core.Repository{Name: "HQ"}, list, func(o []core.Resource, s string) { offer, said = o, s })
		})
		return offer, said
	}
	store.server.has = []core.Resource{"org_organisation", "wash_point", "org_office"}
	if offer, said := ask(); !slices.Equal(offer, []core.Resource{"org_organisation", "wash_point"}) || said != "The server has 2 of these kinds." {
		t.Errorf("%v, %q", offer, said)
	}
	store.server.down = &core.Problem{Kind: core.Unreachable, Subject: "HQ"}
	if offer, said := ask(); !slices.Contains(offer, "wash_point") || slices.Contains(offer, "org_office") || !strings.Contains(said, "HQ does not answer.") {
		t.Errorf("offline: %v, %q", offer, said)
	}
}

func TestAPolicyIsTriedBeforeItIsSaved(t *testing.T) {
	store, p, c := open(t)
	store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
	task := core.NewTask(1, "org_office")
	task.Conflict = core.PolicyThis
	p.editTask(store.repositories[0], task, nil)
	test.Tap(uitest.Button(c, "What would this do?"))
	if !uitest.Says(c, "You would keep 12 of yours. 1 new one would arrive.") {
		t.Error("the forecast is not said")
	}
	if len(store.tasks) != 0 {
		t.Error("trying stored something")
	}
}

func TestAPlannedTimeIsCheckedAsItIsTyped(t *testing.T) {
	store, p, c := open(t)
	store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
	p.editJob(core.Job{RepositoryID: 1, Enabled: true, Every: time.Hour})
	for _, tt := range []struct{ field, wrong, says, right string }{
		{"Start time", "tomorrow", "Write it as 2026-06-01 06:00.", "2026-06-01 06:00"},
		{"End", "31.12.", "Write it as 2026-06-01 06:00.", "2026-12-31"},
		{"How many times (repeats)", "many", "Enter a whole number", "12"},
		{"How many times (repeats)", "10000001", "Enter 10", "12"},
		{"Time-out, in minutes", "-5", "Enter a whole number", "20"},
		{"Time-out, in minutes", "300000000000", "Enter 10", "20"}, // no length of time that can be held
		{"Time-out, in minutes", "99999999999999999999", "Enter 10", "20"},
	} {
		write(t, c, tt.field, tt.wrong)
		if !uitest.Says(c, tt.says) {
			t.Errorf("%s: %q is not complained about", tt.field, tt.wrong)
		}
		test.Tap(uitest.Button(c, "Save"))
		if len(store.jobs) != 0 {
			t.Fatalf("%s: %q was stored", tt.field, tt.wrong)
		}
		write(t, c, tt.field, tt.right)
	}
	test.Tap(uitest.Button(c, "Save"))
	if len(store.jobs) != 1 || store.jobs[0].Repeats != 12 || store.jobs[0].Timeout != 20*time.Minute || store.jobs[0].Start.IsZero() || store.jobs[0].End <= store.jobs[0].Start {
		t.Errorf("stored %+v", store.jobs)
	}
}

// In a dialog Enter and Ctrl+S save what is written there, and nothing behind it.
func TestTheKeysSaveWhatIsTypedInADialog(t *testing.T) {
	for name, press := range map[string]func(fyne.Canvas, *widget.Entry){
		"Enter":  func(_ fyne.Canvas, e *widget.Entry) { e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) },
		"Ctrl+S": func(c fyne.Canvas, _ *widget.Entry) { widgets.SaveTop(c) },
	} {
		t.Run(name, func(t *testing.T) {
			store, p, c := open(t)
			store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
			p.presenter.open(1)
			p.editJob(core.Job{RepositoryID: 1, Enabled: true, Every: time.Hour})
			write(t, c, "Time-out, in minutes", "-5")
			if press(c, uitest.Entry(c, "Time-out, in minutes")); len(store.jobs) != 0 || p.form == nil {
				t.Fatalf("what cannot be read was stored: %+v", store.jobs)
			}
			write(t, c, "Time-out, in minutes", "20")
			if press(c, uitest.Entry(c, "Time-out, in minutes")); len(store.jobs) != 1 || p.form != nil {
				t.Errorf("stored %+v, the dialog is open: %v", store.jobs, p.form != nil)
			}
		})
	}
}

func TestHowTheLastRunOfATimeEndedIsShown(t *testing.T) {
	store, p, c := open(t)
	store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
	store.jobs = []core.Job{{ID: 7, RepositoryID: 1, Enabled: true, Every: time.Hour}}
	p.tab, p.shown = 2, 1
	p.presenter.open(1)
	if !uitest.Says(c, "HQ does not answer.") || !uitest.Says(c, "Every hour.") {
		t.Error("the last run's trouble is not shown")
	}
}

// What was typed in the dialogs of a resource and of a planned time is not lost by
// pressing Cancel, nor by leaving.
func TestWhatIsTypedInADialogIsNotLostWithoutAQuestion(t *testing.T) {
	for _, tt := range []struct {
		name, label, text string
		open              func(*Page, core.Repository)
		stored            func(*fakeStore) int
	}{
		{"resource", "Only some records (filters)", "~.name=A", func(p *Page, r core.Repository) { p.editTask(r, core.NewTask(r.ID, "org_office"), nil) }, func(s *fakeStore) int { return len(s.tasks) }},
		{"planned time", "How many times (repeats)", "12", func(p *Page, r core.Repository) {
			p.editJob(core.Job{RepositoryID: r.ID, Enabled: true, Every: time.Hour})
		}, func(s *fakeStore) int { return len(s.jobs) }},
		{"planned time that cannot be read", "Start time", "tomorrow", func(p *Page, r core.Repository) {
			p.editJob(core.Job{RepositoryID: r.ID, Enabled: true, Every: time.Hour})
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store, p, c := open(t)
			store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
			p.presenter.open(1)
			tt.open(p, store.repositories[0])
			if test.Tap(uitest.Button(c, "Cancel")); p.form != nil {
				t.Fatal("nothing was typed, and the dialog does not close")
			}
			tt.open(p, store.repositories[0])
			write(t, c, tt.label, tt.text)
			widgets.CloseTop(c) // Escape
			if uitest.Button(c, "Discard my changes") == nil {
				t.Fatal("Escape loses what was typed without a question")
			}
			test.Tap(uitest.Button(c, "Stay here"))
			test.Tap(uitest.Button(c, "Cancel"))
			if uitest.Button(c, "Discard my changes") == nil {
				t.Fatal("what was typed is lost without a question")
			}
			test.Tap(uitest.Button(c, "Stay here"))
			if e := uitest.Entry(c, tt.label); e == nil || e.Text != tt.text {
				t.Fatal("what was typed is gone")
			}
			left := false
			p.Leave(func() { left = true })
			test.Tap(uitest.Button(c, "Save"))
			if tt.stored == nil {
				if left || p.form == nil {
					t.Error("what cannot be read was left behind")
				}
				p.Leave(func() { left = true })
				test.Tap(uitest.Button(c, "Discard my changes"))
			} else if tt.stored(store) != 1 {
				t.Error("it was not saved")
			}
			if !left || p.form != nil {
				t.Error("the page was not left")
			}
		})
	}
}

// The preview claims nothing that a sync would not do: nothing was sent, and what the
// brake would hold is not deleted.
func TestAPreviewSaysWhatWouldHappen(t *testing.T) {
	got := previewWords(core.Run{Counts: core.Counts{Received: 33, Updated: 1, Deleted: 2, Quarantined: 30, Sent: 5}, Held: 30})
	want := "A sync now would do this: 1 changed, 2 deleted here; 5 of yours sent. 30 deletions would wait for your word, because they are unusually many. Nothing was changed."
	if got != want {
		t.Errorf("the preview says %q, want %q", got, want)
	}
	if got := previewWords(core.Run{Counts: core.Counts{Received: 2, Unchanged: 2}}); !strings.HasPrefix(got, "Nothing waits to be exchanged") {
		t.Errorf("the preview of nothing says %q", got)
	}
	if got := previewWords(core.Run{Counts: core.Counts{Sent: 1}}); strings.Contains(got, "unusually") || strings.Contains(got, "confirmed") {
		t.Errorf("the preview says %q", got)
	}
}

// A lackingEngine is one whose server lacks a table.
type lackingEngine struct{ fakeEngine }

func (lackingEngine) Sync(context.Context, core.Repository, replicate.Options) (core.Run, error) {
	p := &core.Problem{Kind: core.UnknownResource, Subject: "HQ"}
	return core.Run{Counts: core.Counts{Created: 3}}, p.Naming(core.Tables{"org_office"})
}

// A table that is not there is named beside what the others would bring: nothing is lost of that.
func TestThePreviewTellsOfTheOthersWhereOneTableIsLacking(t *testing.T) {
	p := &presenter{ctx: t.Context(), engine: lackingEngine{}, lanes: async.Direct()}
	said := ""
	p.preview(core.Repository{}, func(words string) { said = words })
	for _, want := range []string{"HQ does not have these kinds of record, which this laptop asks for: Offices.", "3 new"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q lacks %q", said, want)
		}
	}
}

// A table of which nothing came yet is not said to be received "up to never".
func TestHowFarATableHasGotIsSaid(t *testing.T) {
	now := time.Date(2026, 3, 1, 14, 0, 0, 0, time.Local)
	at := core.MTimeOf(now)
	for want, task := range map[string]core.Task{
		"nothing exchanged yet":                              {},
		"nothing received yet, sent up to today 14:00":       {LastPush: at},
		"received up to today 14:00, nothing sent yet":       {LastPull: at},
		"received up to today 14:00, sent up to today 14:00": {LastPull: at, LastPush: at},
	} {
		if got := lastWords(task, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Where nothing is planned it syncs every hour all the same: a zero on the tab would say that it does not.
func TestTheScheduleShowsNoZeroWhereItSyncsEveryHour(t *testing.T) {
	store, p, _ := open(t)
	store.repositories = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden"}}
	p.presenter.open(1)
	if got := p.tabs.Items[2].Text; got != "Schedule" {
		t.Errorf("with nothing planned the tab says %q", got)
	}
	store.jobs = []core.Job{{ID: 5, RepositoryID: 1, Enabled: true, Every: time.Hour}}
	p.presenter.open(1)
	if got := p.tabs.Items[2].Text; got != "Schedule (1)" {
		t.Errorf("with one time planned the tab says %q", got)
	}
}
