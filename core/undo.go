package core

// An Undo is what taking back a run does, or did, in numbers.
type Undo struct {
	Run string `json:"run"`
	// Undo is the run under which it was done, which can be taken back in its
	// turn; "" while it is only planned.
	Undo string `json:"undo,omitempty"`

	Restored int `json:"restored"` // changed or deleted by the run: as they were before it
	Removed  int `json:"removed"`  // made by the run: deleted, and kept in the history
	Left     int `json:"left"`     // changed again since the run: they stay as they are
	// Delivered counts, by repository, those of the restored and removed that it
	// has as the run left them: it is told of the undo as of any new change.
	Delivered map[int64]int `json:"-"`
	// Backup is the copy of the database made before.
	Backup string `json:"backup,omitempty"`
}

// Empty reports whether there is nothing to take back.
func (u Undo) Empty() bool { return u.Restored+u.Removed+u.Left == 0 }

// A Retention says how long replaced versions are kept. Versions that no
// repository ever had are kept for ever, and so is what is needed to compare or to
// send.
type Retention struct {
	Days      int // since the version was replaced; 0: for ever
	Megabytes int // of all replaced versions together, the oldest go first; 0: no limit
}

// DefaultRetention is two years and one gigabyte.
func DefaultRetention() Retention { return Retention{Days: 730, Megabytes: 1024} }
