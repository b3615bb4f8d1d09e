package s3xml

import (
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// A SyntaxError ends a document: it is not well formed, broke off, or is beyond
// what is safe to read. What was decoded before stays valid.
type SyntaxError struct {
	Line    int       // counted from 1
	Element string    // the element in which it happened; "" outside of any
	Record  core.Link // the record in which it happened, as far as known
	Reason  string
	Kind    core.Trouble // core.Malformed, core.Truncated or core.Dangerous
}

// Error names the place and the reason, for the log.
func (e *SyntaxError) Error() string {
	return "s3xml: " + place(e.Line, e.Element, e.Record) + ": " + e.Reason
}

// A RecordError is one record that cannot be used; the stream goes on after it.
type RecordError struct {
	Line    int    // of the element that is wrong, counted from 1; of the top-level one for a field that stands twice
	Element string // the element that is wrong
	Record  core.Link
	Reason  string
	Content string // the top-level element as XML, cut at 64 KiB
}

// Error names the place and the reason, for the log.
func (e *RecordError) Error() string {
	return "s3xml: " + place(e.Line, e.Element, e.Record) + ": " + e.Reason
}

func place(line int, element string, record core.Link) string {
	s := fmt.Sprintf("line %d", line)
	if element != "" {
		s += ", element " + element
	}
	if record.Resource != "" || record.UUID != "" {
		s += fmt.Sprintf(", record %s %s", record.Resource, record.UUID)
	}
	return s
}
