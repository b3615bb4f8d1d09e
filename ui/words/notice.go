package words

import (
	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Notice is a notification in the person's language: constant words and numbers
// only, as core.Notice explains.
func Notice(n core.Notice) (title, body string) {
	switch n.Class {
	case core.NoticeAttention:
		return tr.L("Fieldsync needs you"), tr.L("It does not synchronise until something is set right. Your changes stay on this laptop. Open Fieldsync to see what to do.")
	case core.NoticeConflicts:
		return tr.L("Records need your decision"), tr.N("{{.N}} records need you.", n.Count)
	case core.NoticePortal:
		return tr.L("This network wants you to log in first"), tr.L("Open a web page in your browser and log in. Fieldsync then goes on by itself.")
	case core.NoticeTrouble:
		return tr.L("The server is not available"), tr.L("Your changes stay on this laptop. Fieldsync goes on trying by itself.")
	case core.NoticeOverdue:
		return tr.L("Not synchronised for days"), tr.N("Nothing was exchanged for {{.N}} days.", n.Count) + " " + tr.L("Your changes stay on this laptop. Connect to a network to send them.")
	}
	return tr.L("Synchronising again"), tr.L("The connection works again.")
}

// NoticeClass is a kind of notification as the settings name it.
func NoticeClass(c core.NoticeClass) string {
	switch c {
	case core.NoticeAttention:
		return tr.L("Something must be set right before it can sync")
	case core.NoticeConflicts:
		return tr.L("Records wait for a decision")
	case core.NoticePortal:
		return tr.L("The network wants a login first")
	case core.NoticeTrouble:
		return tr.L("A server has not been available for a while")
	case core.NoticeOverdue:
		return tr.L("Nothing was exchanged for days")
	case core.NoticeDone:
		return tr.L("A sync that you started from the tray is over")
	}
	return tr.L("Trouble is over")
}
