package core

// An Ending is what a run leaves when it ends, stored all together: a run that
// found nothing to do would else wait for the disk several times for each table.
type Ending struct {
	Run        Run
	Repository Repository // as a run learned it: see replicate.Store.SaveRepository
	// Log are rows that say that there was nothing to do, oldest first.
	Log []LogEntry
	// Asked are tasks of which that is to be noted.
	Asked []Task
	// Pushes are those that had nothing to send.
	Pushes []Push
}

// A Push is one of a task that was complete at a time: everything up to Seq is
// delivered, refused or held for a reason that will give it a new seq, or excluded by the
// task's filters, as they were when it began.
type Push struct {
	Task Task
	Seq  int64
	At   MTime
}
