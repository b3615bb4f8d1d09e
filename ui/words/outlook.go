package words

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Outlook says when a repository is tried next by itself, and why; "" where there
// is nothing to say beside the state: a run is going on, it was refused, it calls
// us.
func Outlook(o core.Outlook, now time.Time) string {
	when := tr.D{"When": next(o.Next, now)}
	switch o.Why {
	case core.WhyPaused:
		if o.Next == 0 {
			return tr.L("Paused until you resume it.")
		}
		return tr.L("Paused until {{.When}}.", when)
	case core.WhyMetered:
		return tr.L("Waits for a network that does not cost by volume.")
	case core.WhySaver:
		return tr.L("Waits until the battery saver is off.")
	case core.WhyManual:
		return tr.L("No time is planned: it syncs when you say so.")
	case core.WhyPlanned:
		return tr.L("Next sync {{.When}}.", when)
	case core.WhyMissed:
		return tr.L("Next sync {{.When}}, because a planned time was missed.", when)
	case core.WhyEdited:
		return tr.L("Next sync {{.When}}, because changes made here wait to be sent.", when)
	case core.WhyReturned:
		return tr.L("Next sync {{.When}}, because the network returned.", when)
	case core.WhyWoke:
		return tr.L("Next sync {{.When}}, because the laptop woke.", when)
	case core.WhyAsked:
		return tr.L("Next sync {{.When}}, because you asked for it.", when)
	case core.WhyRetry:
		return retry(o.Cause, when)
	}
	return ""
}

// retry says why something is tried again. Without a network a time means
// nothing: it is looked for every few seconds.
func retry(cause core.Cause, when tr.D) string {
	switch cause {
	case core.CauseOffline:
		return tr.L("It syncs by itself as soon as there is a network.")
	case core.CausePortal:
		return tr.L("Open a web page in your browser and log in to the network. It then goes on by itself. If nothing asks you to log in, the server may be under maintenance.")
	case core.CausePeer:
		return tr.L("Next try {{.When}}, because the server is not available.", when)
	case core.CauseRefused:
		return tr.L("Next try {{.When}}, because the server refused.", when)
	case core.CauseUnaccepted:
		return tr.L("Next try {{.When}}, in case this laptop is accepted by then.", when)
	case core.CauseConfiguration:
		return tr.L("Next try {{.When}}, because something must be set right.", when)
	case core.CauseHere:
		return tr.L("Next try {{.When}}, because of trouble on this laptop.", when)
	}
	return tr.L("Next try {{.When}}, because the last one was interrupted.", when)
}

// next is the time of a next try; what is due is now.
func next(m core.MTime, now time.Time) string {
	if m <= core.MTimeOf(now) {
		return tr.L("now")
	}
	return When(m, now)
}
