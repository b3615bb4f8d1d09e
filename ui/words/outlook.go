package words

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// Outlook says when a repository is tried next and why, in the person's language.
func Outlook(o core.Outlook, now time.Time) string {
	switch o.Why {
	case core.WhyRunning:
		return tr.L("Synchronising now.")
	case core.WhyPassive:
		return tr.L("This one calls us.")
	case core.WhyManual:
		return tr.L("No time is planned: it syncs when you say so.")
	case core.WhyStopped:
		return tr.L("Not tried by itself: {{.Reason}}", tr.D{"Reason": because(o, tr.L("it was refused"))})
	case core.WhyPaused:
		if o.Next == 0 {
			return tr.L("Paused until resumed.")
		}
		return tr.L("Paused until {{.When}}.", tr.D{"When": When(o.Next, now)})
	case core.WhyMetered:
		return tr.L("Waits for a network that does not cost by volume.")
	case core.WhySaver:
		return tr.L("Waits until the battery saver is off.")
	}
	if o.Next == 0 || !o.Next.Time().After(now) {
		return tr.L("Next try now: {{.Reason}}", tr.D{"Reason": reason(o)})
	}
	return tr.L("Next try {{.When}}: {{.Reason}}", tr.D{"When": When(o.Next, now), "Reason": reason(o)})
}

func reason(o core.Outlook) string {
	switch o.Why {
	case core.WhyMissed:
		return tr.L("a planned time was missed.")
	case core.WhyEdited:
		return tr.L("changes made here wait to be sent.")
	case core.WhyReturned:
		return tr.L("the network returned.")
	case core.WhyWoke:
		return tr.L("the laptop woke.")
	case core.WhyAsked:
		return tr.L("you asked for it.")
	case core.WhyRetry:
		return trouble(o)
	}
	return tr.L("it is planned.")
}

func trouble(o core.Outlook) string {
	switch o.Cause {
	case core.CauseOffline:
		return tr.L("this laptop is offline.")
	case core.CausePortal:
		return tr.L("this network wants you to log in first.")
	case core.CausePeer:
		return because(o, tr.L("the server is not available"))
	case core.CauseRefused:
		return because(o, tr.L("the server refuses"))
	case core.CauseConfiguration:
		return because(o, tr.L("something must be set right"))
	case core.CauseHere:
		return because(o, tr.L("there is trouble on this laptop"))
	}
	return tr.L("the last one was interrupted.")
}

func because(o core.Outlook, otherwise string) string {
	if o.Message == "" {
		return Sentence(otherwise)
	}
	return FirstSentence(o.Message)
}
