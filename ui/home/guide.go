package home

import (
	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A lesson is one step of the guided practice.
type lesson int

// The lessons, in their order.
const (
	lessonFetch   lesson = iota // a colleague changes something
	lessonArrive                // fetch it
	lessonEdit                  // change something yourself
	lessonClash                 // a colleague changes the same
	lessonCollide               // fetch that
	lessonDecide                // decide
	lessonDone
)

// A guide leads through practising: a colleague's change arrives, a person edits,
// a conflict appears, the person decides. It goes on by itself when what it asked
// for was done.
type guide struct {
	now    lesson
	office core.Link
	title  string // the office's name
	phone  string // its number before the person changed it
	what   string // what a colleague did last

	fetched bool // the first sync came through
	failed  bool // the last one did not
	sent    bool // nothing waits to be sent
}

// A Lesson is a step as it is shown.
type Lesson struct {
	Step, Steps int // from 1
	Title, Text string
	Action      string // what its button says; "" for none
}

// synced tells that a run came through.
func (g *guide) synced() {
	if g.now == lessonArrive {
		g.now = lessonEdit
	}
}

// seen tells how many conflicts wait, and the office's number as it is here.
func (g *guide) seen(conflicts int, phone string) {
	switch {
	case g.now == lessonEdit && phone != "" && phone != g.phone:
		g.now = lessonClash
	case g.now == lessonCollide && conflicts > 0:
		g.now = lessonDecide
	case g.now == lessonDecide && conflicts == 0:
		g.now = lessonDone
	}
}

// lesson says the present step in words.
func (g *guide) lesson() Lesson {
	l := Lesson{Step: int(g.now) + 1, Steps: int(lessonDone) + 1}
	switch g.now {
	case lessonFetch:
		if !g.fetched && g.failed {
			l.Title, l.Text = tr.L("The records did not arrive"), tr.L("Above stands why. Once that is put right, press “Sync now”.")
			return l
		}
		if !g.fetched {
			l.Title, l.Text = tr.L("The records are on their way"), tr.L("They are fetched from the practice server, as they would be from your organisation's. This takes a moment.")
			return l
		}
		l.Title, l.Text = tr.L("The records are here"), tr.L("They were fetched from the practice server and can be used without a network. Now let a colleague at headquarters change something.")
		l.Action = tr.L("Let a colleague change something")
	case lessonArrive:
		l.Title, l.Text = tr.L("Fetch what changed"), tr.L("{{.What}} Press “Sync now”: it arrives here.", tr.D{"What": g.what})
		l.Action = tr.L("Sync now")
	case lessonEdit:
		l.Title, l.Text = tr.L("Change something yourself"), tr.L("Open the office “{{.Name}}”, enter another phone number, and save. It stays on this laptop until the next sync.", tr.D{"Name": g.title})
		l.Action = tr.L("Open the office")
	case lessonClash:
		l.Title, l.Text = tr.L("Your change waits to be sent"), tr.L("Meanwhile, without knowing of you, a colleague enters another number for the same office.")
		l.Action = tr.L("Let it happen")
	case lessonCollide:
		l.Title, l.Text = tr.L("Two people changed the same"), tr.L("{{.What}} Press “Sync now”: Fieldsync notices, and loses neither.", tr.D{"What": g.what})
		l.Action = tr.L("Sync now")
	case lessonDecide:
		l.Title, l.Text = tr.L("Now you decide"), tr.L("The page “Needs you” shows both numbers side by side. Choose one.")
		l.Action = tr.L("Open “Needs you”")
	default:
		l.Title, l.Text = tr.L("That is all there is to it"), tr.L("The next sync delivers your decision. Go on trying things as long as you like; when you end practising, the invented records are removed.")
		if g.sent {
			l.Text = tr.L("Your decision is delivered. Go on trying things as long as you like; when you end practising, the invented records are removed.")
		}
	}
	return l
}
