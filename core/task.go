package core

// A Mode says in which directions a task exchanges. The values are Eden's.
type Mode int

// The modes.
const (
	ModePull Mode = 1
	ModePush Mode = 2
	ModeBoth Mode = 3
	ModeNone Mode = 4
)

// Pulls and Pushes report whether the mode includes the direction.
func (m Mode) Pulls() bool  { return m == ModePull || m == ModeBoth }
func (m Mode) Pushes() bool { return m == ModePush || m == ModeBoth }

// String returns Fieldsync's word for the mode.
func (m Mode) String() string {
	switch m {
	case ModePull:
		return "pull"
	case ModePush:
		return "push"
	case ModeBoth:
		return "both"
	}
	return "none"
}

// ParseMode reads a mode by its word; "" is both, the default.
func ParseMode(s string) (Mode, error) {
	switch s {
	case "pull":
		return ModePull, nil
	case "push":
		return ModePush, nil
	case "", "both":
		return ModeBoth, nil
	case "none":
		return ModeNone, nil
	}
	return 0, Invalid("mode", "%q is not a mode: pull, push, both or none.", s)
}

// A Task is one resource of one repository and how to synchronise it (Eden's
// sync_task, "Resource" in its window).
type Task struct {
	ID           int64
	RepositoryID int64
	Resource     Resource
	Mode         Mode
	Strategy     Strategy
	Update       Policy
	Conflict     Policy
	// Merge combines fields that were changed on one side only before the
	// conflict policy decides the rest. On by default; not in Eden.
	Merge   bool
	Filters []Filter

	// LastPull is the greatest stamp of the peer up to which everything is here
	// or safely set aside. It moves only when a pull is complete.
	LastPull MTime
	// Closed is the LastPull right after which the next pull begins, as much is dated in
	// the minutes before it and none of that can come later; another value means that
	// it begins some minutes before LastPull.
	Closed MTime
	// Checkpoint is how far an interrupted pull got.
	Checkpoint Checkpoint
	// LastPush is when a push was last complete.
	LastPush MTime
	// Asked is when the peer was last asked for components that were changed alone, by
	// its clock.
	Asked MTime
	// Compared is when the full comparison by uuid and modified_on was last
	// complete.
	Compared MTime
}

// Rules returns how what is received for the task is applied.
func (t *Task) Rules() Rules {
	return Rules{Strategy: t.Strategy, Update: t.Update, Conflict: t.Conflict, Merge: t.Merge}
}

// NewTask returns a task with Eden's defaults.
func NewTask(repository int64, resource Resource) Task {
	return Task{RepositoryID: repository, Resource: resource, Mode: ModeBoth, Strategy: StrategyAll,
		Update: PolicyNewer, Conflict: PolicyNewer, Merge: true}
}

// Faults returns all that an administrator got wrong, in the order in which a form asks for it.
// Each is a Problem that names the field.
func (t Task) Faults() (all []error) {
	switch {
	case !t.Resource.Valid():
		all = append(all, Invalid("resource", "%q is not a table name. Table names look like org_organisation.", t.Resource))
	case t.Resource.Private():
		all = append(all, Invalid("resource", "%s holds accounts or settings. Such tables are never exchanged.", t.Resource))
	}
	if t.Update == PolicyAsk {
		all = append(all, Invalid("update policy", "ASK is for conflicts only. Choose THIS, OTHER, NEWER or MASTER for updates."))
	}
	if t.Strategy == 0 {
		all = append(all, Invalid("strategy", "Choose at least one of create, update, delete and merge."))
	}
	for _, f := range t.Filters {
		if err := f.Validate(); err != nil {
			all = append(all, err)
		}
	}
	return all
}

// Validate returns the first of the faults.
func (t Task) Validate() error { return First(t.Faults()) }

// First returns the first of several errors; nil if there is none.
func First(all []error) error {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// A Checkpoint is how far a pull that is under way has got. The zero value means
// that none is.
type Checkpoint struct {
	Since    MTime  // the msince of the pull's first request
	Start    int    // masters received so far
	LastUUID string // the master received last: the next page must show it again
	Greatest MTime  // the greatest stamp seen so far
	Began    MTime  // when the pull began, by the peer's clock: its marker will not pass that; 0 if it is not known
}
