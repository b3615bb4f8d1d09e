package core

import (
	"crypto/rand"
	"slices"
	"strings"
)

// HandshakeHeader is the HTTP header in which two Fieldsyncs find out that one
// of them has gone back in time or exists twice. An Eden ignores it.
const HandshakeHeader = "Fieldsync-Handshake"

// MaxKnown bounds how many tokens a Handshake names: they travel in a header.
const MaxKnown = 20

// A Handshake is what a node says of its own past: every run gives the peer a
// new random token to remember, and names those it may remember from before. A
// peer that remembers another one has met a later state of this node, or another
// node with the same identity.
type Handshake struct {
	Next  string
	Known []string // the last one the peer confirmed, then the newest of those whose outcome is not known; MaxKnown at most
	// Confirmed is the one that the peer confirmed last, "" if it never did.
	Confirmed string
	// Adopt asks the peer to take Next whatever it remembers: a person has
	// confirmed that this node is the one that counts.
	Adopt bool
}

// NewToken returns a random token.
func NewToken() string { return rand.Text() }

// Fits reports whether the peer's memory belongs to this node's past. It may
// remember the new token already: a proxy may have sent the request twice.
func (h Handshake) Fits(remembered string) bool {
	return remembered == "" || remembered == h.Next || h.Adopt || slices.Contains(h.Known, remembered)
}

// String returns the header's value; "" for the zero Handshake.
func (h Handshake) String() string {
	if h.Next == "" {
		return ""
	}
	s := "next=" + h.Next
	if len(h.Known) > 0 {
		s += "; known=" + strings.Join(h.Known, ",")
	}
	if h.Adopt {
		s += "; adopt"
	}
	return s
}

// ParseHandshake reads a header's value; ok is false if it is none.
func ParseHandshake(value string) (h Handshake, ok bool) {
	for part := range strings.SplitSeq(value, ";") {
		key, text, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "next":
			h.Next = text
		case "known":
			h.Known = strings.Split(text, ",")
		case "adopt":
			h.Adopt = true
		}
	}
	valid := validToken(h.Next) && len(h.Known) <= MaxKnown && !slices.ContainsFunc(h.Known, func(t string) bool { return !validToken(t) })
	if !valid {
		return Handshake{}, false
	}
	return h, true
}

func validToken(s string) bool {
	return len(s) >= 16 && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
