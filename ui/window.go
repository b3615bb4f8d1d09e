package ui

import (
	"context"
	"io"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/conflicts"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/home"
	"github.com/fieldsync/fieldsync/ui/lock"
	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/records"
	"github.com/fieldsync/fieldsync/ui/repositories"
	"github.com/fieldsync/fieldsync/ui/settings"
	"github.com/fieldsync/fieldsync/ui/synclog"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/tray"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// followPause is how often the screen follows a run at most.
const followPause = 120 * time.Millisecond

// A Window is the shell around the pages.
type Window struct {
	app     fyne.App
	window  fyne.Window
	host    *frame.Host
	home    *home.Page
	records *records.Page

	order   []string
	items   map[string]*widgets.NavItem
	pages   map[string]frame.Page // those that were made
	makers  map[string]func() frame.Page
	current string
	whole   fyne.CanvasObject
	keys    *widgets.Button // in the navigation: what the keyboard does
	place   *fyne.Container // where the page is
	toasts  *toasts
	lock    *lock.Lock

	store    Store
	tray     *tray.Tray // nil: there is none
	reach    *reach     // nil before beReachable
	notifier notifier
}

// NewWindow builds the window with its pages over deps. Nothing is shown before
// Show; ctx ends with the window.
func NewWindow(ctx context.Context, app fyne.App, deps Deps, lanes async.Lanes, pause time.Duration) *Window {
	w := &Window{app: app, window: newWindow(app), items: map[string]*widgets.NavItem{}, pages: map[string]frame.Page{}, makers: map[string]func() frame.Page{}, place: container.NewStack(), store: deps.Store}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	w.toasts = newToasts(pause > 0)
	w.lock = lock.New(deps.Store, deps.Now)
	loadErr := w.lock.Load(ctx)
	w.host = &frame.Host{Context: ctx, Window: w.window, Lanes: w.keeping(lanes), Now: deps.Now, Person: deps.Person, Pause: pause,
		OpenPage: w.Open, Toast: w.toasts.show, Touch: w.lock.Touch, Dir: deps.Dir, OpenSetup: w.OpenSetup, Guard: func(do func()) { lock.Guard(w.host, w.lock, do) }}
	w.addPages(deps)
	version := deps.Version
	if version == "unknown" {
		version = ""
	}
	w.keys = widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Keys (F1)"), theme.HelpIcon(), w.showKeys))
	w.whole = newShell(w.inOrder(), version, w.keys, w.place, w.toasts.place)
	w.toasts.changed = func() { w.whole.Refresh(); w.stay(w.stand()) }
	w.window.SetContent(w.whole)
	w.window.SetPadded(false)
	w.window.Resize(firstSize(deps.Room))
	w.window.SetIcon(look.WindowIcon())
	w.window.SetMaster()
	w.addShortcuts()
	app.Settings().AddListener(func(fyne.Settings) { w.repaint() })
	w.window.SetOnDropped(w.dropped)
	w.Open(frame.Home)
	w.host.Problem(loadErr)
	if deps.SetupFile != "" {
		w.host.Guard(func() { w.OpenSetup(deps.SetupFile) })
	}
	return w
}

// firstSize is how large the window opens: as it looks best, but not larger than there
// is room, if that is known. Windows would cut it off, and the toolkit not hear of it:
// what is at the right would be drawn where nobody sees it.
func firstSize(room fyne.Size) fyne.Size {
	best := fyne.NewSize(1180, 700)
	if room.IsZero() {
		return best
	}
	return best.Min(room)
}

// newWindow returns an empty window that is written in the person's direction.
func newWindow(app fyne.App) fyne.Window {
	widgets.SetRightToLeft(tr.RightToLeft())
	return app.NewWindow("Fieldsync")
}

// addPages joins every page that is whole.
func (w *Window) addPages(deps Deps) {
	w.home = home.New(w.host, deps.Store, deps.Engine, deps.Connect, deps.Practice, deps.Events)
	w.add(frame.Home, theme.HomeIcon(), tr.L("Home"), func() frame.Page { return w.home })
	w.home.Presenter().Told, w.home.Presenter().Ended = w.told, w.ended
	w.home.Presenter().Begun = func() { w.toasts.close() } // what is told of the next sync is over
	w.home.Presenter().Follow(deps.Scheduler)
	w.host.WayOn = func(r core.Repository) {
		repositories.OfferWaysOn(w.host, deps.Store, deps.Engine, r, w.home.Presenter().Load)
	}
	w.host.Password = func(r core.Repository) {
		repositories.AskPassword(w.host, deps.Store, r, func() { w.home.Presenter().Sync(r.ID) })
	}
	w.host.EndPractising = w.home.EndPractising
	w.records = records.New(w.host, deps.Store, deps.Events)
	w.add(frame.Records, theme.ListIcon(), tr.L("Records"), func() frame.Page { return w.records })
	w.host.OpenRecord = w.OpenRecord
	w.host.OpenList = func(r core.Resource) { w.Open(frame.Records); w.records.OpenList(r) }
	w.add(frame.NeedsYou, theme.QuestionIcon(), tr.L("Needs you"), func() frame.Page {
		return conflicts.New(w.host, deps.Store, deps.Engine, deps.Events, w.home.Presenter().Load)
	})
	log := w.addLog(deps)
	w.add(frame.Log, theme.HistoryIcon(), tr.L("Log"), func() frame.Page { return log })
	logOf := func(id int64) frame.Page { return synclog.NewOf(w.host, deps.Store, deps.Events, id) }
	w.add(frame.Repositories, theme.ComputerIcon(), tr.L("Repositories"), func() frame.Page {
		return lock.NewGate(w.host, w.lock, repositories.New(w.host, deps.Store, deps.Engine, deps.Connect, logOf))
	})
	deps.Settings.Looks = w.look
	var page *settings.Page
	w.add(frame.Settings, theme.SettingsIcon(), tr.L("Settings"), func() frame.Page {
		page = settings.New(w.host, w.lock, deps.Store, deps.Settings)
		return page
	})
	w.host.OpenPeers = func() { w.openThen(frame.Settings, func() { page.ShowPeers() }) }
}

// addLog makes the log, to which other pages lead.
func (w *Window) addLog(deps Deps) frame.Page {
	log := synclog.New(w.host, deps.Store, deps.Events)
	w.host.OpenRun = func(run string) { w.Open(frame.Log); log.ShowLogOf(run) }
	return log
}

// add gives a page its entry in the navigation; it is made when it is first
// opened, so that the window is there sooner.
func (w *Window) add(name string, icon fyne.Resource, text string, maker func() frame.Page) {
	w.makers[name] = maker
	w.order = append(w.order, name)
	w.items[name] = widgets.NewNavItem(icon, text, func() { w.Open(name) })
}

// inOrder are the entries of the navigation.
func (w *Window) inOrder() (items []*widgets.NavItem) {
	for _, name := range w.order {
		items = append(items, w.items[name])
	}
	return items
}

// told follows the state on every page: badges and tray.
func (w *Window) told(s home.State, sentence home.Sentence) {
	badge := ""
	if n := s.Needs(); n > 0 {
		badge = tr.Number(n)
	}
	if item := w.items[frame.NeedsYou]; item != nil {
		item.SetBadge(badge)
	}
	if w.tray != nil {
		w.tray.Show(tray.FaceOf(s, sentence))
	}
}

// repaint shows other colours and sizes on pages that are not on the screen, too.
func (w *Window) repaint() {
	for _, p := range w.pages {
		p.Content().Refresh()
	}
}

// look changes colours and size of text at once.
func (w *Window) look(p core.Preferences) { w.app.Settings().SetTheme(themeOf(p)) }

func themeOf(p core.Preferences) look.Theme {
	return look.Theme{Choice: look.Choice(p.Look), Scale: p.Scale()}
}

// Open shows the page of that name; one that does not exist does nothing. A page
// with something unsaved asks first.
func (w *Window) Open(name string) { w.openThen(name, func() {}) }

// openThen opens a page and goes on once it is there.
func (w *Window) openThen(name string, then func()) {
	if name == w.current {
		then()
		return
	}
	if w.makers[name] == nil {
		return
	}
	if p, ok := w.page().(leaver); ok {
		p.Leave(func() { w.open(name); then() })
		return
	}
	w.open(name)
	then()
}

// page is the page that is shown; of a locked one nothing.
func (w *Window) page() frame.Page {
	page := w.pages[w.current]
	if gate, ok := page.(*lock.Gate); ok {
		return gate.Inside()
	}
	return page
}

// made returns a page, made now if it was not yet. What of it was there before has the colours
// of that time.
func (w *Window) made(name string) frame.Page {
	if w.pages[name] == nil {
		w.pages[name] = w.makers[name]()
		w.pages[name].Content().Refresh()
	}
	return w.pages[name]
}

func (w *Window) open(name string) {
	page := w.made(name)
	if old := w.pages[w.current]; old != nil {
		old.Hidden()
		w.items[w.current].SetSelected(false)
	}
	w.current = name
	w.items[name].SetSelected(true)
	w.place.Objects = []fyne.CanvasObject{container.NewVScroll(page.Content())} // where the screen is too low, the page as a whole scrolls
	w.place.Refresh()
	page.Shown()
}

// OpenRecord shows one record.
func (w *Window) OpenRecord(l core.Link) {
	w.Open(frame.Records)
	w.records.Open(l)
}

// Import offers to take the records of a file over, as ones of the kind that the
// records page shows.
func (w *Window) Import(file transfer.File) {
	w.Open(frame.Records)
	w.records.Import(file)
}

// dropped takes a file that was dropped on the window.
func (w *Window) dropped(_ fyne.Position, files []fyne.URI) {
	if len(files) == 0 || w.current != frame.Records {
		return
	}
	path := files[0].Path()
	w.Import(transfer.File{Name: files[0].Name(), Open: func() (io.ReadCloser, error) { return os.Open(path) }})
}

// OpenSetup begins to set up from a file.
func (w *Window) OpenSetup(path string) {
	w.openThen(frame.Home, func() { w.home.OpenSetup(path) })
}

// Fyne returns the window itself.
func (w *Window) Fyne() fyne.Window { return w.window }
