package core

// An OlderState says what taking the older state of a repository that went back in
// time would do here. Every version that it replaces stays in the history.
type OlderState struct {
	Replaced int `json:"replaced"` // records here that become older versions
	Deleted  int `json:"deleted"`  // records here that are deleted there
	Lacking  int `json:"lacking"`  // records that are not there any more: they stay here and are not sent
}
