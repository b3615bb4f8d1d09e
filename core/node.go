package core

import (
	"crypto/sha256"
	"strings"

	"github.com/google/uuid"
)

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
func NewUUID() string { return UUIDPrefix + uuid.NewString() }

// markSize is how many of a uuid's bytes, its last ones, are the maker's mark.
// The others hold 74 random bits: two of a billion records are the same once in
// ten thousand such billions.
const markSize = 6

// NewUUID returns the identity of a record that is made on this node: a version 4
// like any other, whose last bytes only look random. By them the node recognises
// what it made even if it has forgotten (see Made).
func (n *Node) NewUUID() string { return n.Mark(uuid.New()) }

// Mark returns the identity of a record that is made on this node, of which the first
// bytes are those of id.
func (n *Node) Mark(id uuid.UUID) string {
	mark := n.mark(id)
	copy(id[len(id)-markSize:], mark[:])
	return UUIDPrefix + id.String()
}

// Made reports whether a record's uuid was made by NewUUID of a node of this
// identity; of other uuids it says so of one in 2^48.
func (n *Node) Made(recordUUID string) bool {
	text, ok := strings.CutPrefix(recordUUID, UUIDPrefix)
	if !ok || len(text) != 36 {
		return false
	}
	id, err := uuid.Parse(text)
	return err == nil && n.UUID != "" && [markSize]byte(id[len(id)-markSize:]) == n.mark(id)
}

// mark is what stands at the end of a uuid that begins like id.
func (n *Node) mark(id uuid.UUID) [markSize]byte {
	var room [64]byte
	sum := sha256.Sum256(append(append(room[:0], n.UUID...), id[:len(id)-markSize]...))
	return [markSize]byte(sum[:markSize])
}

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
