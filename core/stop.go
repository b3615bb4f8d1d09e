package core

// identityTroubles are the reasons to stop that only a person can end, by saying who
// is who now.
var identityTroubles = []Trouble{IdentityChanged, WentBack, NodeCopied, NodeWentBack}

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
