package tray

import (
	"strings"

	"github.com/fieldsync/fieldsync/ui/home"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A Face is everything that the icon and its menu show. Two equal ones look the
// same, so that nothing is drawn anew.
type Face struct {
	Mood   home.Mood
	State  string // the first line of the menu
	Next   string // the second one; "" if there is nothing to say
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
	f.Next = short(f.Next)
	return f
}

// menuWidth is how many letters a line of the menu may have.
const menuWidth = 70

// short cuts a text to the width of a menu, at a word.
func short(text string) string {
	r := []rune(text)
	if len(r) <= menuWidth {
		return text
	}
	cut := string(r[:menuWidth])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}
