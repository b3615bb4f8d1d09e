package ui

import (
	"log/slog"
	"time"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/conflicts"
	"github.com/fieldsync/fieldsync/ui/home"
	"github.com/fieldsync/fieldsync/ui/records"
	"github.com/fieldsync/fieldsync/ui/repositories"
	"github.com/fieldsync/fieldsync/ui/settings"
	"github.com/fieldsync/fieldsync/ui/synclog"
)

// A Store is what the pages need of the replica, together.
type Store interface {
	home.StartStore
	synclog.Store
	records.Store
	conflicts.Store
	repositories.Store
	settings.Store
}

// An Engine makes runs and registers.
type Engine interface {
	home.Engine
	conflicts.Engine
	repositories.Engine
}

// Deps are what the window works with.
type Deps struct {
	Store   Store
	Engine  Engine
	Connect home.Connect
	// Scheduler syncs by itself; nil if nobody does.
	Scheduler home.Scheduler
	// Practice is the practice repository; nil if there is none.
	Practice home.Practice
	Events   *event.Bus
	Log      *slog.Logger
	Version  string
	Person   string // who edits, as the history shows it
	Dir      string // the data folder
	Now      func() time.Time
	// SetupFile is a file to set up from, named at the start; "" for none.
	SetupFile string
	// Preferences are how the person likes the window, as stored.
	Preferences core.Preferences
	// Settings are what the settings page needs besides the store.
	Settings settings.Surroundings
	// Hidden starts in the tray, without showing the window.
	Hidden bool
	// Room is how large a window can be on the screen; zero if that is not known.
	Room fyne.Size
	// Notices brings what the scheduler wants to be told. May be nil.
	Notices <-chan core.Notice
	// Summons brings one value for each further start on the data folder: the
	// window is to be raised. May be nil.
	Summons <-chan Summons
}

// A Summons is what a further start wants of the window that is open.
type Summons struct {
	SetupFile string // to set up from; "" if it is only to be seen
}
