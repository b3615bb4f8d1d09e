package presence

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"github.com/godbus/dbus/v5"
)

const (
	notifications     = "org.freedesktop.Notifications"
	notificationsPath = dbus.ObjectPath("/org/freedesktop/Notifications")
	// openAction is what a click on the notification itself means.
	openAction = "default"
)

// A Notifier shows notifications over a connection of its own to the session bus.
type Notifier struct {
	open  func()
	label string
	notes chan Note

	conn    *dbus.Conn
	signals chan *dbus.Signal
	actions bool              // the desktop supports a click
	ids     map[string]uint32 // of the last note of each class
}

// NewNotifier returns a notifier that calls open when a person clicks on a
// notification, on a goroutine of its own; label names that action.
func NewNotifier(_ fyne.App, label string, open func()) *Notifier {
	return &Notifier{open: open, label: label, notes: make(chan Note, waiting), ids: make(map[string]uint32)}
}

// Show lets a note be shown; it does not wait.
func (n *Notifier) Show(note Note) {
	select {
	case n.notes <- note:
	default:
		note.done(false)
	}
}

// Serve shows notes and listens for clicks until ctx ends.
func (n *Notifier) Serve(ctx context.Context) {
	defer func() {
		if n.conn != nil {
			n.conn.Close()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case note := <-n.notes:
			note.done(n.send(ctx, note))
		case s, open := <-n.signals:
			if !open {
				n.conn, n.signals = nil, nil
				continue
			}
			n.heard(s)
		}
	}
}

// connect makes sure of a connection that listens.
func (n *Notifier) connect(ctx context.Context) bool {
	if n.conn != nil && n.conn.Connected() {
		return true
	}
	conn, err := bus(ctx)
	if err != nil {
		return false
	}
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(notifications), dbus.WithMatchMember("ActionInvoked")); err != nil {
		conn.Close()
		return false
	}
	n.conn, n.signals = conn, make(chan *dbus.Signal, 32)
	conn.Signal(n.signals)
	var can []string
	err = conn.Object(notifications, notificationsPath).CallWithContext(ctx, notifications+".GetCapabilities", 0).Store(&can)
	n.actions = err == nil && slices.Contains(can, "actions")
	return true
}

// sendTime bounds how long a notification service may take.
const sendTime = 5 * time.Second

func (n *Notifier) send(ctx context.Context, note Note) bool {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if !n.connect(context.WithoutCancel(ctx)) {
		return false
	}
	actions := []string{}
	if n.actions {
		actions = []string{openAction, n.label}
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("fieldsync")}
	var id uint32
	call := n.conn.Object(notifications, notificationsPath).CallWithContext(ctx, notifications+".Notify", 0,
		"Fieldsync", n.ids[note.Class], "fieldsync", note.Title, note.Body, actions, hints, int32(-1))
	if call.Store(&id) != nil {
		return false
	}
	n.ids[note.Class] = id
	return true
}

// heard answers a click on one of our notes; signals of others come, too.
func (n *Notifier) heard(s *dbus.Signal) {
	if s.Name != notifications+".ActionInvoked" || len(s.Body) < 2 {
		return
	}
	id, _ := s.Body[0].(uint32)
	action, _ := s.Body[1].(string)
	for _, ours := range n.ids {
		if id == ours && action == openAction {
			n.open()
			return
		}
	}
}
