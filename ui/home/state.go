package home

import (
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A RepositoryState is a repository as its card shows it.
type RepositoryState struct {
	Repository core.Repository
	Unsent     int
	Conflicts  int // that wait for a person
	Refused    int // our records the peer refused
	SetAside   int // its records that could not be applied here
	Held       int // its deletions the brake put off
	Last       *core.Run
	Success    core.MTime // when a run last came through; zero: never
	Next       core.MTime // the next planned run; zero: none
	// Outlook is when it is tried next by itself, and why; zero: nobody said.
	Outlook core.Outlook
}

// Needs counts what waits for a person.
func (r RepositoryState) Needs() int {
	n := r.Conflicts + r.Refused
	if r.Held > 0 {
		n++ // one question, however many deletions
	}
	return n
}

// Failed returns the words of the last run if it did not come through.
func (r RepositoryState) Failed() string {
	if r.Last != nil && (r.Last.Result == core.ResultError || r.Last.Result == core.ResultFatal) {
		return r.Last.Message
	}
	return ""
}

// AsksPassword reports whether the way on is a password: the repository refused the one
// we have, or there is none.
func (r RepositoryState) AsksPassword() bool {
	return core.Tells(core.Unauthorized, r.Repository.Stopped) || core.Tells(core.NoPassword, r.Failed())
}

// Incomplete reports whether the last run reached the server and exchanged what it
// could, but not all of it.
func (r RepositoryState) Incomplete() bool {
	return r.Failed() != "" && !r.Repository.LastConnected.IsZero() && r.Repository.LastConnected == r.Last.Finished
}

// Unaccepted reports whether the repository, another Fieldsync, waits until its administrator
// accepts this laptop.
func (r RepositoryState) Unaccepted() bool {
	return r.Away() && r.Outlook.Cause == core.CauseUnaccepted || core.Tells(core.NotAccepted, r.Failed())
}

// Away reports whether the last try found nobody, which is no run.
func (r RepositoryState) Away() bool {
	return r.Outlook.Why == core.WhyRetry && r.Outlook.Cause != core.CauseNone
}

// unreached reports whether nothing was heard of the server itself: one that refuses, or
// reports an error, was reached.
func (r RepositoryState) unreached() bool {
	if r.Away() {
		return r.Outlook.Cause == core.CauseOffline || r.Outlook.Cause == core.CausePortal || r.Outlook.Cause == core.CausePeer
	}
	for _, kind := range append(core.EncryptionTroubles(), core.Unreachable, core.Timeout, core.Portal, core.ProxyWrong, core.NotEden, core.WrongPath) {
		if core.Tells(kind, r.Failed()) {
			return true
		}
	}
	return false
}

// A Mood is the state of everything in one of five kinds; each has a shape and a
// colour of its own, also in the tray.
type Mood int

// The moods.
const (
	MoodNew      Mood = iota // no repository yet, or never synchronised
	MoodGood                 // everything is there
	MoodWaiting              // changes wait to be sent
	MoodNeedsYou             // a person is needed
	MoodOffline              // the last try did not get through
	MoodWorking              // a run is going on
)

// A Sentence is the state in words.
type Sentence struct {
	Mood   Mood
	Title  string
	Detail string
}

// A State is all repositories, and whether a run is going on.
type State struct {
	Repositories []RepositoryState
	Working      bool
	Paused       bool // no run begins by itself
	Staying      int  // changes made here that no repository is ever sent
	// OverdueDays is after how many days without an exchange a person is told; 0: never.
	OverdueDays int
}

// Needs counts what waits for a person.
func (s State) Needs() (n int) {
	for _, r := range s.Repositories {
		n += r.Needs()
	}
	return n
}

// Unsent counts what no repository, or not every one, has yet.
func (s State) Unsent() (n int) {
	for _, r := range s.Repositories {
		n += r.Unsent
	}
	return n
}

// Sentence says how things are. It is honest: "everything is there" only if the
// last run came through and nothing waits.
func (s State) Sentence(now time.Time) Sentence {
	switch {
	case len(s.Repositories) == 0:
		return Sentence{MoodNew, tr.L("Welcome to Fieldsync"), ""}
	case s.Working:
		return Sentence{MoodWorking, tr.L("Synchronising…"), tr.L("You can go on working meanwhile.")}
	}
	last := s.lastSync(now)
	if r := s.stopped(); r != nil {
		return Sentence{MoodNeedsYou, tr.L("{{.Name}} needs your attention.", tr.D{"Name": r.Repository.Name}), join(words.Told(r.Repository.Stopped), s.unsentWords(), last)}
	}
	if s.Needs() > 0 {
		return s.needsWords(last)
	}
	if sentence, trouble := s.trouble(now, last); trouble {
		return sentence
	}
	if r := s.unaccepted(); r != nil {
		return Sentence{MoodOffline, tr.L("{{.Name}} has not accepted this laptop yet.", tr.D{"Name": r.Repository.Name}),
			join(tr.L("Ask the administrator there to accept this laptop. Fieldsync then goes on by itself."), s.safeWords(), last)}
	}
	if r := s.failed(); r != nil && r.Incomplete() {
		return Sentence{r.incompleteMood(), tr.L("The last sync was not complete."), join(words.FirstSentence(r.Failed()), tr.L("Everything else was exchanged."), s.unsentWords(), last)}
	} else if r != nil {
		return Sentence{MoodOffline, tr.L("The last sync did not get through."), join(words.FirstSentence(r.Failed()), s.safeWords(), last)}
	}
	if r := s.heldUp(); r != nil {
		return Sentence{MoodOffline, tr.L("The last sync did not get through."), join(words.FirstSentence(r.Outlook.Message), s.safeWords(), last)}
	}
	if s.never() {
		return Sentence{MoodNew, tr.L("Never synchronised yet."), join(s.unsentWords(), tr.L("Press “Sync now” to fetch the records."), s.outlookWords(now))}
	}
	if days := s.silent(s.inStep(), now); days > 0 {
		return Sentence{MoodWaiting, tr.N("Nothing was exchanged for {{.N}} days.", days),
			join(s.unsentWords(), tr.L("What was changed elsewhere since then is not here. Press “Sync now” where there is a network."), last)}
	}
	if n := s.Unsent(); n > 0 {
		return Sentence{MoodWaiting, tr.N("{{.N}} changes wait to be sent.", n), last}
	}
	if s.Staying > 0 {
		return Sentence{MoodGood, tr.N("{{.N}} changes stay on this laptop.", s.Staying), join(tr.L("They are in kinds of record that are not sent to any server. Everything else is delivered."), last)}
	}
	servers, callers := s.servers()
	switch {
	case len(servers) == 0: // what those who call have fetched is theirs to say
		return Sentence{MoodNew, tr.N("{{.N}} others call this laptop.", len(callers)), strangersWords(callers)}
	case len(servers) == 1:
		return Sentence{MoodGood, tr.L("Everything is at {{.Name}}.", tr.D{"Name": servers[0].Repository.Name}), join(strangersWords(callers), last)}
	}
	return Sentence{MoodGood, tr.L("Everything is delivered."), join(strangersWords(callers), last)}
}

// servers are those whom we call, callers those who only call us.
func (s State) servers() (servers, callers []RepositoryState) {
	for _, r := range s.Repositories {
		if r.Repository.Active() {
			servers = append(servers, r)
		} else {
			callers = append(callers, r)
		}
	}
	return servers, callers
}

func strangersWords(callers []RepositoryState) string {
	n := 0
	for _, r := range callers {
		if r.Repository.Stranger() {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return tr.N("{{.N}} of those who call are not accepted (Settings, Answer peers).", n)
}

// trouble is why the repository stopped, or its last run did not come through.
func (r RepositoryState) trouble() string {
	if r.Repository.Stopped != "" {
		return words.Told(r.Repository.Stopped)
	}
	return words.FirstSentence(r.Failed())
}

// toldIn reports whether a sentence about everything tells the trouble of the only
// repository.
func (s State) toldIn(sentence Sentence) bool {
	if len(s.Repositories) != 1 {
		return false
	}
	r := s.Repositories[0]
	if sentence.Mood == MoodOffline && r.Outlook.Why == core.WhyRetry {
		return true // that the laptop is offline, or the server not available
	}
	trouble := r.trouble()
	return trouble != "" && strings.Contains(sentence.Title+" "+sentence.Detail, trouble)
}

// needsWords says what waits for a person: records, and deletions that are held, which are
// one question however many they are.
func (s State) needsWords(last string) Sentence {
	records, held := 0, 0
	for _, r := range s.Repositories {
		records += r.Conflicts + r.Refused
		held += r.Held
	}
	deletions := ""
	if held > 0 {
		deletions = tr.N("{{.N}} deletions wait for your word.", held)
	}
	if records == 0 {
		return Sentence{MoodNeedsYou, deletions, join(tr.L("The records are still on this laptop."), s.unsentWords(), last)}
	}
	return Sentence{MoodNeedsYou, tr.N("{{.N}} records need you.", records), join(deletions, s.unsentWords(), last)}
}

func (s State) stopped() *RepositoryState {
	return s.first(func(r RepositoryState) bool { return r.Repository.Stopped != "" })
}

func (s State) failed() *RepositoryState {
	return s.first(func(r RepositoryState) bool { return r.Failed() != "" })
}

// heldUp returns the first repository whose last try failed without a run that could be stored:
// the disk is full, say.
func (s State) heldUp() *RepositoryState { return s.first(RepositoryState.Away) }

func (s State) unaccepted() *RepositoryState { return s.first(RepositoryState.Unaccepted) }

// first returns the first repository of which that is true; nil if there is none.
func (s State) first(is func(RepositoryState) bool) *RepositoryState {
	if i := slices.IndexFunc(s.Repositories, is); i >= 0 {
		return &s.Repositories[i]
	}
	return nil
}

// incompleteMood asks for a person only where trying again does not help.
func (r RepositoryState) incompleteMood() Mood {
	if r.Last.Result == core.ResultFatal {
		return MoodNeedsYou
	}
	return MoodOffline
}

func (s State) never() bool {
	for _, r := range s.Repositories {
		if r.Success.IsZero() && r.Repository.Active() {
			return true
		}
	}
	return false
}

// inStep is when everything was last known to be in step: the oldest of the last successes
// with those whom we call; 0 if one has none yet.
func (s State) inStep() (oldest core.MTime) {
	for _, r := range s.Repositories {
		switch {
		case !r.Repository.Active():
		case r.Success.IsZero():
			return 0
		case oldest == 0 || r.Success < oldest:
			oldest = r.Success
		}
	}
	return oldest
}

// silent is for how many days nothing was exchanged since then, where that is too many; else 0.
func (s State) silent(since core.MTime, now time.Time) int {
	if since.IsZero() {
		return 0
	}
	return schedule.Overdue(s.OverdueDays, since, now)
}

// lastSync tells when everything was last known to be in step, and what is next.
func (s State) lastSync(now time.Time) string {
	oldest := s.inStep()
	if oldest == 0 {
		return s.outlookWords(now)
	}
	var next core.MTime
	for _, r := range s.Repositories {
		if r.Next != 0 && (next == 0 || r.Next < next) {
			next = r.Next
		}
	}
	if outlook := s.outlookWords(now); outlook != "" {
		return join(tr.L("Last sync {{.Last}}.", tr.D{"Last": words.When(oldest, now)}), outlook)
	}
	if next != 0 {
		return tr.L("Last sync {{.Last}}, next {{.Next}}.", tr.D{"Last": words.When(oldest, now), "Next": words.When(next, now)})
	}
	return tr.L("Last sync {{.Last}}.", tr.D{"Last": words.When(oldest, now)})
}

func (s State) unsentWords() string {
	if n := s.Unsent(); n > 0 {
		return tr.N("{{.N}} changes wait to be sent.", n)
	}
	return ""
}

func (s State) safeWords() string {
	if n := s.Unsent(); n > 0 {
		return tr.N("Your {{.N}} changes are safe on this laptop.", n)
	}
	return ""
}

func join(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
