package presence

// A Note is one notification. Title and Body hold constant words and numbers only:
// on Windows they pass through a command.
type Note struct {
	// Class is what it is about; a later one of the same class takes the place of
	// this one where the desktop can do that.
	Class       string
	Title, Body string
	// Done is called once with whether somebody took the note to show it; may be
	// nil. It is called on the Notifier's goroutine.
	Done func(shown bool)
}

func (n Note) done(shown bool) {
	if n.Done != nil {
		n.Done(shown)
	}
}

// waiting bounds the notes that wait to be shown; the scheduler condenses them, so
// that more never come at once.
const waiting = 16
