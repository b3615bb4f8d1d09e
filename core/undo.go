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
	// Forgotten were changed by the run, and what they were before it is not known any
	// more: the database was rebuilt since, or former versions were cleared away.
	Forgotten int `json:"forgotten"`
	// Delivered counts, by repository, those of the restored and removed that it
	// has as the run left them: it is told of the undo as of any new change.
	Delivered map[int64]int `json:"-"`
	// Backup is the copy of the database made before.
	Backup string `json:"backup,omitempty"`
}

// Empty reports whether there is nothing to take back.
func (u Undo) Empty() bool { return u.Restored+u.Removed+u.Left+u.Forgotten == 0 }

// A Retention says how long replaced versions and the entries of the log are kept.
// Versions that no repository ever had are kept for ever, and so is what is needed to
// compare or to send; entries of a run are kept while there are versions that it
// replaced, and so is the last entry of each repository.
type Retention struct {
	Days      int // since the version was replaced; 0: for ever
	Megabytes int // of all replaced versions together, the oldest go first; 0: no limit

	LogDays      int // since the entry was written; 0: for ever
	LogMegabytes int // of all entries together, the oldest go first; 0: no limit
}

// DefaultRetention is two years and one gigabyte of versions, one year and a hundred
// megabytes of the log: at a sync of ten tables every quarter of an hour that is more
// than half a year.
func DefaultRetention() Retention {
	return Retention{Days: 730, Megabytes: 1024, LogDays: 365, LogMegabytes: 100}
}
