package event

import "github.com/fieldsync/fieldsync/core"

type (
	// OutlookChanged tells when a repository is tried next, and why. It comes
	// only if a person would be told something else than before.
	OutlookChanged struct{ Outlook core.Outlook }
	// Noticed asks for a notification to be shown. It is condensed already:
	// every one of them is to be shown.
	Noticed struct{ Notice core.Notice }
)

func (OutlookChanged) isEvent() {}
func (Noticed) isEvent()        {}
