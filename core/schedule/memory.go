package schedule

import (
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A Memory is what the Runner knows of a repository's past. It is stored whenever
// it changes, so that a restart changes nothing.
type Memory struct {
	RepositoryID int64
	// Setup is a digest of the repository's settings: when they are changed,
	// what was learned with the former ones no longer counts.
	Setup string
	// Place names the networks the laptop was last seen in: a back-off that was
	// learnt elsewhere does not count.
	Place string
	// Seen is when the Runner first knew of the repository.
	Seen core.MTime

	// Tried is when the last try ended, Wait how long after it nothing begins by
	// itself, Demanded whether the peer asked for that.
	Tried    core.MTime
	Wait     time.Duration
	Demanded bool
	Failures int
	Cause    core.Cause // none: nothing holds the next run up
	Since    core.MTime // when Cause first showed
	Message  string

	// RanAt is when a run last came through, RanSeq the store's seq at its
	// beginning: what is younger and unsent was edited since.
	RanAt  core.MTime
	RanSeq int64
	// EditedFirst and Edited are when the first and the last change that is not
	// sent yet was noticed; zero: none.
	EditedFirst, Edited core.MTime
	// Wanted is a run that is due for another reason than a job: the network
	// returned, the laptop woke, or a run was interrupted.
	Wanted   core.Why
	WantedAt core.MTime

	// Why and Next are what was last told, for other processes.
	Why  core.Why
	Next core.MTime
}

// A JobMemory is what the Runner knows of a job besides its last run.
type JobMemory struct {
	JobID int64
	// Seen is when the Runner first knew of the job: a cron time after it that
	// was slept through is made up.
	Seen core.MTime
	// Result and Message are how the last run ended, Ended when.
	Result  core.Result
	Message string
	Ended   core.MTime
}

// rebase pulls times that lie in the future back to now: the clock was set back.
// Otherwise the repository would be silent until the clock is there again.
func (m *Memory) rebase(now core.MTime) (changed bool) {
	for _, t := range []*core.MTime{&m.Seen, &m.Tried, &m.Since, &m.RanAt, &m.EditedFirst, &m.Edited, &m.WantedAt} {
		if *t > now+core.MTime(clockNoise/time.Second) {
			*t, changed = now, true
		}
	}
	return changed
}

// clockNoise is by how much a stored time may lie in the future without meaning
// that the clock was set back: clocks are slewed all the time.
const clockNoise = 5 * time.Second

// want notes that a run is due for why, unless one is already.
func (m *Memory) want(why core.Why, now core.MTime) {
	if m.Wanted == "" {
		m.Wanted, m.WantedAt = why, now
	}
}

// forgive lets the next try begin at once: another network, or a wake. What the
// peer itself asked for stands, and so does the pause after runs that were
// interrupted by that very thing.
func (m *Memory) forgive() {
	if !m.Demanded && m.Cause != core.CauseNone {
		m.Wait, m.Failures = 0, 0
	}
}
