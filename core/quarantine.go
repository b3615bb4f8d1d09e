package core

// HeldDeletion is the Reason of a received deletion that waits for the brake's
// verdict, or for a person after it (DESIGN §5).
const HeldDeletion = "Waiting: this deletion is one of unusually many."

// A Quarantine is a record that could not be applied here or was refused by a
// peer. It blocks nothing else, is shown with its reason, and is tried again
// after a change or at growing intervals.
type Quarantine struct {
	ID           int64
	RepositoryID int64
	Run          string
	Outgoing     bool // refused by the peer; else could not be applied here
	Record       Link
	Reason       string // the peer's own words, or ours from the catalogue
	Details      string
	// Content is the received record as S3XML where it could not be stored.
	Content  string
	Seq      int64 // outgoing: the version that was refused
	Since    MTime
	Attempts int
	NextTry  MTime
}
