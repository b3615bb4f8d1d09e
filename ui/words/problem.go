package words

import (
	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// say gives a sentence of the catalogue in the person's language.
func say(sentence string) string { return tr.L(sentence) }

// Heading is what stands above a problem: that it failed, unless somebody has to accept this
// laptop first, or all but some tables was exchanged.
func Heading(p *core.Problem) string {
	switch {
	case p.Kind == core.NotAccepted:
		return tr.L("Not accepted yet")
	case p.OfTables():
		return tr.L("Not everything was exchanged")
	}
	return tr.L("That did not work")
}

// Message says what happened, in the person's language; "" for nil.
func Message(err error) string {
	if err == nil {
		return ""
	}
	p := core.AsProblem(err)
	if len(p.Values) > 0 {
		return Said(core.Say(p.Words, p.Values...))
	}
	about := *p
	about.Subject = tr.Datum(p.Subject)
	return about.MessageIn(say)
}

// Peer quotes the server; "" where it said nothing, or what Message says already. Another
// Fieldsync's words are told in the person's language.
func Peer(p *core.Problem) string {
	quote := p.Quote()
	if quote == "" {
		return ""
	}
	return tr.L("The server says: “{{.Words}}”", tr.D{"Words": said(quote)})
}

// Safe says whether the data is safe.
func Safe(p *core.Problem) string { return p.SafeIn(say) }

// Hint says what to do.
func Hint(p *core.Problem) string { return p.HintIn(say) }
