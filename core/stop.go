package core

import "strings"

// identityTroubles are the reasons to stop that only a person can end, by saying who
// is who now.
var identityTroubles = []Trouble{IdentityChanged, WentBack, NodeCopied, NodeWentBack}

// Tells reports whether a text that was stored, a repository's reason to stop or a run's
// message, tells of a trouble of that kind.
func Tells(kind Trouble, text string) bool {
	_, ok := subjectOf(kind, strings.TrimSuffix(text, tail(&Problem{Kind: kind}, nil)))
	return ok && text != ""
}

// IdentityTrouble returns which trouble about who is who stopped the repository; ok
// is false if none did.
func (r Repository) IdentityTrouble() (kind Trouble, ok bool) {
	if r.Stopped == "" {
		return 0, false
	}
	for _, kind := range identityTroubles {
		if _, ok := subjectOf(kind, r.Stopped); ok {
			return kind, true
		}
	}
	return 0, false
}
