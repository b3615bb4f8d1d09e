package core

import "fmt"

// A NoticeClass is a kind of notification that a person may switch on or off.
type NoticeClass string

// The classes.
const (
	NoticeAttention NoticeClass = "attention" // something keeps a repository from synchronising that a person must set right
	NoticeConflicts NoticeClass = "conflicts" // records wait for a person's decision
	NoticePortal    NoticeClass = "portal"    // the network wants a login first
	NoticeTrouble   NoticeClass = "trouble"   // a server has not been available for a while
	NoticeOverdue   NoticeClass = "overdue"   // nothing was exchanged for days; once a day
	NoticeDone      NoticeClass = "done"      // a sync that somebody asked for with the window closed is over
	NoticeRecovered NoticeClass = "recovered" // what was told as trouble is over; off by default
)

// NoticeClasses lists all classes in the order of the settings page.
func NoticeClasses() []NoticeClass {
	return []NoticeClass{NoticeAttention, NoticeConflicts, NoticePortal, NoticeTrouble, NoticeOverdue, NoticeDone, NoticeRecovered}
}

// A Notice is one notification, condensed: one for all repositories that it
// concerns.
type Notice struct {
	Class NoticeClass
	// Repositories are those concerned. Their names are not in Body: on Windows
	// a notification's text passes through a command, so that it holds constant
	// words and numbers only.
	Repositories []int64
	Count        int // records, for conflicts; days, for overdue
	At           MTime
}

// Title is the first line.
func (n Notice) Title() string {
	switch n.Class {
	case NoticeAttention:
		return "Fieldsync needs you"
	case NoticeConflicts:
		return "Records need your decision"
	case NoticePortal:
		return "This network wants you to log in first"
	case NoticeTrouble:
		return "The server is not available"
	case NoticeOverdue:
		return "Not synchronised for days"
	}
	return "Synchronising again"
}

// Body is one sentence for a person.
func (n Notice) Body() string {
	switch n.Class {
	case NoticeAttention:
		return "It does not synchronise until something is set right. Your changes stay on this laptop. Open Fieldsync to see what to do."
	case NoticeConflicts:
		return plural(n.Count, "1 record needs you.", "%d records need you.")
	case NoticePortal:
		return "Open a web page in your browser and log in. Fieldsync then goes on by itself."
	case NoticeTrouble:
		return "Your changes stay on this laptop. Fieldsync goes on trying by itself."
	case NoticeOverdue:
		return plural(n.Count, "Nothing was exchanged for 1 day.", "Nothing was exchanged for %d days.") + " Your changes stay on this laptop. Connect to a network to send them."
	}
	return "The connection works again."
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}
