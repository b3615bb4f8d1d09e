package replicate

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/fieldsync/fieldsync/core"
)

// onlyRedated reports whether the peer seems to have refused what was sent, as somebody had
// changed the record there since we looked, although it is dated as ours is: an Eden takes
// the stamp of what brings a component, is one, or points to something, whatever it takes of the
// content (spec eden-sync-protocol W4). there is complete, base what it had when we looked.
// Of what we changed nothing stands there as we sent it, then, and something else does that
// is more than another way of writing it.
func onlyRedated(sent, there, base *core.Record) bool {
	if base == nil || there.Deleted || base.Deleted || there.ModifiedOn != sent.ModifiedOn || !brings(sent) {
		return false
	}
	if !placed(sent, base) && placed(sent, there) {
		return false
	}
	changed := !placed(base, there) // by somebody else
	for _, name := range core.Differences(sent, base) {
		ours, was, now := sent.Value(name), base.Value(name), there.Value(name)
		switch {
		case sameFile(ours, was): // sent inline, as it was
		case core.SameValue(now, ours) || sameFile(now, ours):
			return false
		case !core.SameValue(now, was) && now.Kind != core.Null:
			changed = changed || !otherwiseWritten(ours, now)
		}
	}
	return changed || slices.ContainsFunc(core.Differences(there, base), func(name string) bool {
		was, now := base.Value(name), there.Value(name)
		return core.SameValue(was, sent.Value(name)) && !sameFile(was, now) && !otherwiseWritten(was, now)
	})
}

// placed reports whether the peer has a component below the record below which it was sent,
// as far as it says.
func placed(sent, there *core.Record) bool {
	return sent.Master.IsZero() || core.MasterOf(there, sent) == sent.Master
}

// brings reports whether a record carries components, is one, or points to something: an
// Eden takes the key to the master, which nesting implies, for a reference.
func brings(rec *core.Record) bool {
	return len(rec.Components) > 0 || !rec.Master.IsZero() || slices.ContainsFunc(rec.Fields, func(f core.Field) bool {
		return f.Value.Kind == core.Reference || f.Value.Kind == core.References
	})
}

// otherwiseWritten reports whether two values differ only in how they are written: in blanks
// and signs, in capitals, in the last digits of a number. A server puts a telephone number
// in its own form, say.
func otherwiseWritten(a, b core.Value) bool {
	return closeBy(a, b) || letters(a.Str) == letters(b.Str)
}

// closeBy reports whether two values are fractions that one rounding parts.
func closeBy(a, b core.Value) bool {
	x, errX := strconv.ParseFloat(a.Str, 64)
	y, errY := strconv.ParseFloat(b.Str, 64)
	return errX == nil && errY == nil && strings.Contains(a.Str, ".") && strings.Contains(b.Str, ".") && math.Abs(x-y) <= 1e-6*math.Abs(x)
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
