package core

import (
	"strconv"
	"strings"
)

// subjectOf returns the subject of a message that the catalogue made for the
// kind; ok is false if it made another.
func subjectOf(kind Trouble, message string) (subject string, ok bool) {
	const mark = "\x00"
	before, after, has := strings.Cut(fill(strings.ReplaceAll(catalogue[kind].message, "%s", mark), "", nil), mark)
	if !has {
		return "", message == before
	}
	subject, ok1 := strings.CutPrefix(message, before)
	subject, ok2 := strings.CutSuffix(subject, after)
	if strings.EqualFold(subject, theServer) {
		subject = ""
	}
	return subject, ok1 && ok2
}

// tail is what the catalogue says after a message of the kind, with a blank
// before; "" if nothing.
func tail(p *Problem, l Language) string {
	return strings.TrimRight(" "+strings.TrimSpace(p.SafeIn(l)+" "+p.HintIn(l)), " ")
}

// Retell says in another language what was stored in English: a run's message, a
// log entry, a repository's reason to stop. message is what happened, rest
// whether the data is safe and what to do, if that was stored, too. Words that
// are not the catalogue's come back as they are. subject, if not nil, says how the one that it is about
// stands in a text of that language.
func Retell(text string, l Language, subject func(string) string) (message, rest string) {
	own, ownKind := "", Internal
	for kind := Internal; kind <= lastTrouble; kind++ {
		p := Problem{Kind: kind}
		head, whole := strings.CutSuffix(text, tail(&p, nil))
		whole = whole && head != text
		if about, ok := subjectOf(kind, head); ok {
			p.Subject = about
			if subject != nil && about != "" {
				p.Subject = subject(about)
			}
			if whole {
				rest = strings.TrimSpace(tail(&p, l))
			}
			return p.MessageIn(l), rest
		}
		if whole {
			own, ownKind = head, kind // words of its own before the catalogue's
		}
	}
	if own != "" {
		return l.say(own), strings.TrimSpace(tail(&Problem{Kind: ownKind}, l))
	}
	return l.say(text), ""
}

// AtTerminal says what was stored as it is said where there is no window. repository is
// the name of the one that commands are about; "" leaves that open.
func AtTerminal(text, repository string) string {
	for _, e := range catalogue {
		if e.terminal != "" {
			text = strings.Replace(text, e.safe+" "+e.hint, e.safe+" "+commandFor(e.terminal, repository), 1)
		}
	}
	return text
}

// commandFor puts a repository into a sentence that names a command for it.
func commandFor(sentence, repository string) string {
	if repository == "" {
		return sentence
	}
	return strings.ReplaceAll(sentence, "NAME", strconv.Quote(repository))
}
