package core

import "github.com/google/uuid"

// A Node is this installation towards its peers (Eden's sync_config). Its UUID
// is made at the first start and never changes.
type Node struct {
	UUID string
	// Name is what a peer shows for us; the computer's name by default.
	Name string
	// Proxy is the default for all repositories: "" or "none" for none,
	// "system", or a URL.
	Proxy string
	// Handshake goes along with a run's first request; zero outside a run.
	Handshake Handshake
}

// NewUUID returns a new identity for a record or a node: "urn:uuid:" and a
// random version 4 (spec s3xml-format §9).
func NewUUID() string { return "urn:uuid:" + uuid.NewString() }

// ValidUUID reports whether s can identify a record: not empty, at most 128
// bytes, no blanks or control characters. Eden allows any such text, not only
// URNs.
func ValidUUID(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for _, c := range s {
		if c <= ' ' || c == 0x7f || c == 0xfffd || c == '"' || c == '<' {
			return false
		}
	}
	return true
}
