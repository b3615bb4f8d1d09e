package settings

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/diagnostics"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/inspect"
	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/uitest"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

func TestWhatIsWrongWithTheLaptopIsSaidByField(t *testing.T) {
	for _, tt := range []struct {
		name  string
		draft Laptop
		field string
	}{
		{"all is well", Laptop{Name: "Laptop 3", Proxy: proxyNone}, ""},
		{"a name is needed", Laptop{Name: " ", Proxy: proxyNone}, fieldName},
		{"a proxy needs an address", Laptop{Name: "x", Proxy: proxyOwn}, fieldProxy},
		{"of a kind that is known", Laptop{Name: "x", Proxy: proxyOwn, URL: "ftp://proxy:21"}, fieldProxy},
		{"the login has fields of its own", Laptop{Name: "x", Proxy: proxyOwn, URL: "http://me:pw@proxy:3128"}, fieldProxy},
		{"a proxy with a login", Laptop{Name: "x", Proxy: proxyOwn, URL: "http://proxy:3128", User: "me"}, ""},
	} {
		wrong := tt.draft.Troubles()
		if tt.field == "" && len(wrong) > 0 || tt.field != "" && (len(wrong) != 1 || wrong[tt.field] == "") {
			t.Errorf("%s: %v", tt.name, wrong)
		}
	}
}

func TestADraftOfTheLaptopComesBackAsItWas(t *testing.T) {
	for _, proxy := range []string{"none", "system", "http://proxy.example.org:3128", "socks5://me@proxy.example.org:1080"} {
		n := core.Node{UUID: "u", Name: "Laptop", Proxy: proxy}
		if got := newLaptop(n).Result(n); got.Name != n.Name || got.Proxy != n.Proxy || got.UUID != n.UUID {
			t.Errorf("%+v became %+v", n, got)
		}
	}
}

func TestAnAddressToListenAtHasAPort(t *testing.T) {
	for address, good := range map[string]bool{":8443": true, "127.0.0.1:8443": true, "[::1]:8443": true, "8443": false, "host": false, ":0": false, ":70000": false, "": false} {
		if (addressTrouble(address) == "") != good {
			t.Errorf("%q: %q", address, addressTrouble(address))
		}
	}
}

type fakeStore struct {
	Store
	node     core.Node
	password core.Secret
	prefs    core.Preferences
	settings schedule.Settings
	accounts []core.Account
	repos    []core.Repository
	shared   []core.Resource
	broken   error
}

func (f *fakeStore) Preferences(context.Context) (core.Preferences, error) { return f.prefs, f.broken }
func (f *fakeStore) SavePreferences(_ context.Context, p core.Preferences) error {
	f.prefs = p
	return nil
}
func (f *fakeStore) ScheduleSettings(context.Context) (schedule.Settings, error) {
	return f.settings, nil
}
func (f *fakeStore) SaveScheduleSettings(_ context.Context, s schedule.Settings) error {
	f.settings = s
	return nil
}
func (f *fakeStore) Node(context.Context) (core.Node, error) { return f.node, nil }
func (f *fakeStore) SaveNode(_ context.Context, n core.Node) error {
	f.node = n
	return nil
}
func (f *fakeStore) NodeProxyPassword(context.Context) (core.Secret, error) { return f.password, nil }
func (f *fakeStore) SetNodeProxyPassword(_ context.Context, s core.Secret) error {
	f.password = s
	return nil
}
func (f *fakeStore) Serving(context.Context) (core.Serving, error) { return core.Serving{}, nil }
func (f *fakeStore) Accounts(context.Context) ([]core.Account, error) {
	return f.accounts, nil
}
func (f *fakeStore) SaveAccount(_ context.Context, a core.Account) (core.Account, error) {
	f.accounts = append(f.accounts, a)
	return a, nil
}
func (f *fakeStore) Repositories(context.Context) ([]core.Repository, error) { return f.repos, nil }
func (f *fakeStore) Repository(_ context.Context, id int64) (core.Repository, error) {
	return f.repos[slices.IndexFunc(f.repos, func(r core.Repository) bool { return r.ID == id })], nil
}
func (f *fakeStore) UpdateRepository(_ context.Context, r core.Repository) (core.Repository, error) {
	f.repos[0] = r
	return r, nil
}
func (f *fakeStore) Shared(context.Context) ([]core.Resource, error) { return f.shared, nil }
func (f *fakeStore) Share(_ context.Context, r core.Resource, _ bool) error {
	f.shared = append(f.shared, r)
	return nil
}
func (f *fakeStore) Size() (int64, error) { return 1500000, nil }
func (f *fakeStore) Backup(_ context.Context, path string) error {
	return os.WriteFile(path, []byte("copy"), 0o600)
}

// screen remembers what was shown.
type screen struct {
	state   State
	problem error
	said    string
}

func (s *screen) Show(state State)      { s.state = state }
func (s *screen) ShowProblem(err error) { s.problem = err }
func (s *screen) Say(words string)      { s.said = words }

func newTest(t *testing.T, store *fakeStore, around Surroundings) (*presenter, *screen) {
	s := &screen{}
	return &presenter{ctx: t.Context(), store: store, around: around, lanes: async.Direct(), now: func() time.Time { return time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC) }, view: s}, s
}

func TestTheProxysPasswordGoesWithItsProxy(t *testing.T) {
	store := &fakeStore{node: core.Node{Name: "Laptop"}}
	p, s := newTest(t, store, Surroundings{})
	none := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	own := Laptop{Name: "Laptop", Proxy: proxyOwn, URL: "http://proxy:3128", User: "me", Password: "secret"}
	p.saveLaptop(store.node, own, none)
	if store.password != "secret" || store.node.Proxy != "http://me@proxy:3128" || !s.state.ProxyPassword {
		t.Errorf("stored %q, %q", store.node.Proxy, store.password.Reveal())
	}
	own.Password, own.Name = "", "Laptop 4"
	p.saveLaptop(store.node, own, none)
	if store.password != "secret" || store.node.Name != "Laptop 4" {
		t.Error("a password that was not typed again is gone")
	}
	p.saveLaptop(store.node, Laptop{Name: "Laptop", Proxy: proxyNone}, none)
	if store.password != "" || store.node.Proxy != "none" {
		t.Error("the password of a proxy that is not used any more stays")
	}
}

func TestThePauseIsNotPartOfTheSettings(t *testing.T) {
	store := &fakeStore{settings: schedule.DefaultSettings()}
	p, _ := newTest(t, store, Surroundings{})
	seen := store.settings
	store.settings.Pause = schedule.Pause{From: 5} // meanwhile, from the tray
	seen.OverdueDays = 2
	p.saveSchedule(seen)
	if store.settings.Pause.From != 5 || store.settings.OverdueDays != 2 {
		t.Errorf("%+v", store.settings)
	}
}

func TestAPeersAccountNeedsANameAndAPassword(t *testing.T) {
	store := &fakeStore{}
	p, _ := newTest(t, store, Surroundings{})
	for _, tt := range []struct {
		name, password string
		wrong          []string
	}{{" ", "long enough", []string{fieldAccount}}, {"me", "short", []string{fieldPassword}}, {" ", "short", []string{fieldAccount, fieldPassword}}, {"me", "long enough", nil}} {
		got := []string{"nothing"}
		p.saveAccount(tt.name, core.Secret(tt.password), func(wrong map[string]string) { got = slices.Sorted(maps.Keys(wrong)) })
		if !slices.Equal(got, tt.wrong) {
			t.Errorf("%q %q: %q", tt.name, tt.password, got)
		}
	}
	if len(store.accounts) != 1 || !strings.HasPrefix(store.accounts[0].Hash, "$argon2id$") {
		t.Errorf("stored %+v", store.accounts)
	}
}

func TestOnlyThoseWhoCallAreListedAsPeers(t *testing.T) {
	store := &fakeStore{repos: []core.Repository{{ID: 2, Name: "Laptop 7", UUID: "u"}, {ID: 1, Name: "HQ", URL: "https://hq"}}}
	p, s := newTest(t, store, Surroundings{})
	p.load()
	if len(s.state.Peers) != 1 || s.state.Peers[0].Name != "Laptop 7" {
		t.Fatalf("%+v", s.state.Peers)
	}
	store.repos[0].Password = "entered since"
	p.permit(s.state.Peers[0].ID, true, false)
	if !store.repos[0].AcceptPush || store.repos[0].AllowPull || store.repos[0].Password.Reveal() != "entered since" {
		t.Errorf("%+v", store.repos[0])
	}
}

func TestTheProxyIsTestedWithWhatIsTyped(t *testing.T) {
	store := &fakeStore{password: "stored", node: core.Node{Name: "Laptop", Proxy: "none"}}
	var tried core.Repository
	p, _ := newTest(t, store, Surroundings{Connect: func(r core.Repository, _ core.Node) (replicate.Peer, error) {
		tried = r
		return nil, &core.Problem{Kind: core.ProxyWrong, Subject: "HQ"}
	}})
	var said []inspect.Check
	draft := Laptop{Name: "Laptop", Proxy: proxyOwn, URL: "http://proxy:3128", User: "me"}
	p.testProxy(store.node, draft, func(c inspect.Check) { said = append(said, c) }, func() {})
	if len(said) != 1 || said[0].OK || tried.Proxy != "http://me@proxy:3128" || tried.ProxyPassword != "stored" {
		t.Errorf("without a repository: %+v through %q", said, tried.Proxy)
	}
	store.repos = []core.Repository{{ID: 1, Name: "HQ", URL: "https://hq.example.org/eden", Proxy: "none"}}
	p.testProxy(store.node, draft, func(c inspect.Check) { said = append(said, c) }, func() {})
	if last := said[len(said)-1]; tried.Proxy != "http://me@proxy:3128" || tried.ProxyPassword != "stored" || last.OK || !strings.Contains(last.Answer, "proxy") {
		t.Errorf("tried %q, said %+v", tried.Proxy, last)
	}
}

func TestBackupAndReportAreWrittenIntoTheChosenFolder(t *testing.T) {
	dir := t.TempDir()
	p, s := newTest(t, &fakeStore{}, Surroundings{})
	p.backup(dir)
	report := diagnostics.Report{{Name: "program.txt", Text: "all is well\n"}}
	p.saveReport(report, dir, false)
	p.saveReport(report, dir, true)
	for _, name := range []string{"fieldsync-20260312-150000.db", "fieldsync-diagnostics-20260312-150000.txt", "fieldsync-diagnostics-20260312-150000.zip"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	p.saveReport(report, dir, true)
	if s.problem == nil {
		t.Error("an older report was written over")
	}
}

// Nobody has to look for the data folder to give the certificate to the peers.
func TestTheCertificateIsSavedForThePeers(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "for the others.pem")
	p, s := newTest(t, &fakeStore{}, Surroundings{Dir: dir})
	if p.saveCertificate(to); !core.IsKind(s.problem, core.FileUnreadable) {
		t.Errorf("without one: %v", s.problem)
	}
	s.problem = nil
	made := filepath.Join(dir, responder.CertificateFile)
	if _, err := responder.LoadOrMakeCertificate(made, filepath.Join(dir, "key.pem"), nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	p.saveCertificate(to)
	if saved, err := os.ReadFile(to); err != nil || !bytes.Equal(saved, certificate) || s.problem != nil || s.said != "Saved." {
		t.Errorf("saved %q, %v, %v, said %q", saved, err, s.problem, s.said)
	}
}

func TestTroubleWhileReadingIsShown(t *testing.T) {
	p, s := newTest(t, &fakeStore{broken: errors.New("disk")}, Surroundings{})
	p.load()
	if s.problem == nil {
		t.Error("nothing was said")
	}
}

// Who registers while the tab is open has room in the list, with the button to accept it.
func TestAListOfPeersGrowsWithThem(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.Theme{})
	w := a.NewWindow("")
	page := &Page{host: frame.NewHost(t.Context(), w), presenter: &presenter{}}
	s := newServingSection(page)
	w.SetContent(container.NewVScroll(s.Content()))
	w.Resize(fyne.NewSize(900, 700))
	s.show(State{})
	if !uitest.Says(w.Canvas(), "None yet: nobody can log in here.") {
		t.Error("it is not said that nobody can log in")
	}
	s.show(State{Peers: []core.Repository{{ID: 2, Name: "Laptop 7"}}, Accounts: []core.Account{{Name: "laptop7"}}})
	list := uitest.Find(w.Canvas(), func(o fyne.CanvasObject) bool {
		_, is := o.(*widgets.Panel)
		return is && uitest.SaysIn(o, "Laptop 7")
	})
	if got, needed := list.Size().Height, list.MinSize().Height; got < needed {
		t.Errorf("the list is %v high, and needs %v", got, needed)
	}
}
