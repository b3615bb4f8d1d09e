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
	Resource     string `json:"resource"`  // table name, or "none"
	Mode         string `json:"mode"`      // pull, push, login, register, none
	Direction    string `json:"direction"` // incoming, outgoing, none
	Action       string `json:"action"`
	Result       Result `json:"result"`
	Remote       bool   `json:"remote"`            // the trouble is at the peer
	Message      string `json:"message"`           // for a person
	Details      string `json:"details,omitempty"` // the technical cause
}
