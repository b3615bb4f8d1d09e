package tray

import (
	"strings"
	"unicode/utf8"

	"github.com/fieldsync/fieldsync/ui/home"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A Face is everything that the icon and its menu show. Two equal ones look the
// same, so that nothing is drawn anew.
type Face struct {
	Mood   home.Mood
	State  string // the first line of the menu
	Next   string // those below it, one in each line; "" if there is nothing to say
	Tip    string
	Syncs  bool // "Sync now" can be pressed
	Paused bool
}

// FaceOf returns the face of a state.
func FaceOf(s home.State, sentence home.Sentence) Face {
	f := Face{Mood: sentence.Mood, State: sentence.Title, Next: sentence.Detail, Paused: s.Paused}
	if len(s.Repositories) == 0 {
		f.State, f.Next = tr.L("Nothing is set up yet."), ""
	}
	for _, r := range s.Repositories {
		f.Syncs = f.Syncs || r.Repository.Active() && !s.Working
	}
	f.Tip = strings.TrimSpace("Fieldsync: " + f.State + " " + f.Next)
	f.Next = broken(f.Next)
	return f
}

// menuWidth is how many letters a line of the menu may have.
const menuWidth = 70

// broken puts line breaks into a text, so that no line of it is wider than a menu.
func broken(text string) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && utf8.RuneCountInString(longer) > menuWidth {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	return strings.Join(append(lines, line), "\n")
}
