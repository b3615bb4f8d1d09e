package core

// A Result is how a step went, in Eden's words.
type Result string

// The results. Error may work later; fatal will not until something is changed.
const (
	ResultSuccess Result = "success"
	ResultWarning Result = "warning"
	ResultError   Result = "error"
	ResultFatal   Result = "fatal"
)

// A LogEntry is a row of the synchronisation log with the fields of Eden's
// sync_log (spec eden-sync-protocol §2.7) and the run it belongs to.
type LogEntry struct {
	ID           int64  `json:"id"`
	Time         MTime  `json:"time"`
	Run          string `json:"run"`
	RepositoryID int64  `json:"-"`
	Repository   string `json:"repository"`
	Resource     string `json:"resource"`        // table name, or "none"
	UUID         string `json:"uuid,omitempty"`  // of the one record it is about; "": of none or many
	Title        string `json:"title,omitempty"` // that record's name, as it was then
	Mode         string `json:"mode"`            // pull, push, login, register, none
	Direction    string `json:"direction"`       // incoming, outgoing, none
	Action       string `json:"action"`
	Result       Result `json:"result"`
	Remote       bool   `json:"remote"`            // the trouble is at the peer
	Message      string `json:"message"`           // for a person
	Details      string `json:"details,omitempty"` // the technical cause
	// Counts are the numbers that Message gives in English; nil if it gives none.
	Counts *Counts `json:"counts,omitempty"`
}

// Record returns the one record that the entry is about; ok is false if there is
// none.
func (e LogEntry) Record() (l Link, ok bool) {
	l = Link{Resource: Resource(e.Resource), UUID: e.UUID}
	return l, e.UUID != "" && l.Resource.Valid() && !l.Resource.Private()
}

// What the log says in these words, so that a window can say it in a person's
// language.
const (
	LogNothingToSend   = "No data to send"
	LogNothingToImport = "No data to import (already up-to-date)"
	LogNothingShown    = "No records yet. If there should be some: perhaps your account may not read this table"
	LogRegistered      = "Registration successful"
	LogNotTaken        = "A record that was pushed to this laptop was not taken over."
	LogConflictOpen    = "This record was changed on both sides. A person decides which version counts."
	LogConflictOurs    = "This record was changed on both sides. The version of this laptop counts."
	LogConflictTheirs  = "This record was changed on both sides. The version of the repository counts."
	LogConflictBoth    = "This record was changed on both sides. Both changes were put together."
)

var logSentences = []string{LogNothingToSend, LogNothingToImport, LogNothingShown, LogRegistered, LogNotTaken, LogConflictOpen, LogConflictOurs, LogConflictTheirs, LogConflictBoth}
