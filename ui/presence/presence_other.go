//go:build !linux

package presence

import (
	"context"

	"fyne.io/fyne/v2"
)

// HasBus reports whether there can be a tray icon and notifications: always.
func HasBus() bool { return true }

// Prepare has nothing to do here.
func Prepare() error { return nil }

// WatchHost tells whether somebody shows tray icons, and returns when ctx ends:
// Windows and macOS always do.
func WatchHost(ctx context.Context, tell func(there bool)) {
	tell(true)
	<-ctx.Done()
}

// A Notifier shows notifications as Fyne does.
type Notifier struct {
	app   fyne.App
	notes chan Note
}

// NewNotifier returns a notifier. A click on a notification is not told here.
func NewNotifier(app fyne.App, _ string, _ func()) *Notifier {
	return &Notifier{app: app, notes: make(chan Note, waiting)}
}

// Show lets a note be shown; it does not wait.
func (n *Notifier) Show(note Note) {
	select {
	case n.notes <- note:
	default:
		note.done(false)
	}
}

// Serve shows notes until ctx ends.
func (n *Notifier) Serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case note := <-n.notes:
			n.app.SendNotification(fyne.NewNotification(note.Title, note.Body))
			note.done(true)
		}
	}
}
