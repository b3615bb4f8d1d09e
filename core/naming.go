package core

import (
	"slices"
	"strings"
)

// naming says of a trouble with single tables which they are: the repository's name, and
// the tables.
var naming = map[Trouble]string{
	NoReadRight:     "%s does not show these kinds of record to your account: %s.",
	NoWriteRight:    "%s takes no changes of these kinds of record from this laptop: %s.",
	UnknownResource: "%s does not have these kinds of record, which this laptop asks for: %s.",
}

// namings are the sentences of naming, in the order of their kinds.
func namings() (out []string) {
	for kind := Internal; kind <= lastTrouble; kind++ {
		if words := naming[kind]; words != "" {
			out = append(out, words)
		}
	}
	return out
}

// Tables stand in a sentence by their names.
type Tables []Resource

// String lists them as they are stored.
func (t Tables) String() string {
	names := make([]string, len(t))
	for i, r := range t {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// tablesOf reads what String made; ok is false for anything else.
func tablesOf(text string) (t Tables, ok bool) {
	for name := range strings.SplitSeq(text, ", ") {
		t = append(t, Resource(name))
	}
	return t, !slices.ContainsFunc(t, func(r Resource) bool { return !r.Valid() })
}

// OfTables reports whether the trouble is with single tables: everything else of a run
// goes on.
func (p *Problem) OfTables() bool { return p != nil && naming[p.Kind] != "" }

// Naming returns the problem with the tables named that it is with.
func (p *Problem) Naming(tables Tables) *Problem {
	if !p.OfTables() || len(tables) == 0 {
		return p
	}
	named := *p
	subject := p.Subject
	if subject == "" {
		subject = theServer
	}
	named.Words, named.Values = naming[p.Kind], []any{subject, slices.Clone(tables)}
	return &named
}
