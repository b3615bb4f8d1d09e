// Package frame is what a page may ask of the window around it: where to run
// things, how to show trouble, how to ask, how to go to another page.
package frame

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
)

// A Page is one entry of the navigation. Its methods are called on the window's
// goroutine.
type Page interface {
	Content() fyne.CanvasObject
	Shown()  // it is to be seen from now on: load, listen
	Hidden() // it is not: stop listening
}

// The pages by name.
const (
	Home         = "home"
	Records      = "records"
	NeedsYou     = "needsyou"
	Log          = "log"
	Repositories = "repositories"
	Settings     = "settings"
)

// A Host is the window as its pages see it. A test makes one with NewHost.
type Host struct {
	// Context ends with the window: what a page started ends with it. It is a
	// field because Fyne's callbacks hand none over.
	Context context.Context
	Window  fyne.Window
	Lanes   async.Lanes
	Now     func() time.Time
	Person  string // who edits, as the history shows it

	OpenPage   func(name string)
	OpenRecord func(core.Link)
	OpenList   func(core.Resource)
	OpenRun    func(run string) // the log of one run
	// Toast shows a sentence for a few seconds at the bottom, with a button if
	// action is not "".
	Toast func(text, action string, do func())
	// OpenSetup begins to set up from a file.
	OpenSetup func(path string)
	// Dir is the data folder.
	Dir string
	// Guard does something that only an administrator may: at once while the
	// configuration is unlocked, else after asking for the passcode.
	Guard func(do func())
	// WayOn offers the ways on for a repository that stopped because of who is who.
	WayOn func(core.Repository)
	// Password asks for the password that a repository refused, or that is not here, and
	// syncs with it.
	Password func(core.Repository)
	// OpenPeers opens where those who call this laptop are accepted.
	OpenPeers func()
	// EndPractising asks, and removes a practice repository with its invented records.
	EndPractising func(core.Repository)
	// Touch tells that somebody is working on the configuration: it stays unlocked.
	Touch func()
	// Pause bounds how often the screen follows events, and how long a search
	// waits for the next letter. Zero in tests.
	Pause time.Duration
}

// NewHost returns a host that runs everything at once and goes nowhere: for tests
// and as a start for the window.
func NewHost(ctx context.Context, w fyne.Window) *Host {
	return &Host{Context: ctx, Window: w, Lanes: async.Direct(), Now: time.Now, Person: "test",
		OpenPage: func(string) {}, OpenRecord: func(core.Link) {}, OpenList: func(core.Resource) {}, OpenRun: func(string) {}, Toast: func(string, string, func()) {},
		OpenSetup: func(string) {}, Guard: func(do func()) { do() }, Touch: func() {}, WayOn: func(core.Repository) {}, Password: func(core.Repository) {}, OpenPeers: func() {}, EndPractising: func(core.Repository) {}}
}
