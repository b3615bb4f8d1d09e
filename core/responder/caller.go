package responder

import "strings"

// ofAnEden reports whether a push is addressed as an Eden's own is: with all of its task's
// policies (spec eden-sync-protocol §6.1). Such a push holds whole records, and leaves out
// only what is empty. What any other program leaves out is untouched.
func ofAnEden(q query) bool {
	for _, name := range []string{"strategy", "update_policy", "conflict_policy"} {
		if _, has := q.lookup(name); !has {
			return false
		}
	}
	return true
}

// fromEden reports whether an Eden calls, by the words of Python's library, of which an Eden
// with a password leaves out the name. What an Eden sent itself may be older by now than
// what it has, as it fetches before it sends: by its NEWER it would keep its version, and
// date it back (spec eden-observed, scenario 51). So that is left out as long as its pulls
// follow each other.
func (c *call) fromEden() bool {
	program := c.req.UserAgent()
	return (program == "" || strings.HasPrefix(program, "Python-urllib/")) && c.req.Header.Get("Accept-Encoding") == "identity"
}
