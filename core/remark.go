package core

// A Remark is what a run has to say of one record: that it could not be applied,
// that the peer refused it, or that both sides had changed it.
type Remark struct {
	Record Link
	Title  string // the record's name here; "" if it has none
	Kind   RemarkKind
	Winner string // of a conflict: what stands, "" while it is open
	Reason string // the peer's own words, or ours
	Cause  string // the technical one
}

// RemarkKind says what a Remark is about.
type RemarkKind int

// The kinds of remarks.
const (
	RemarkAside    RemarkKind = iota // received, and could not be applied
	RemarkRefused                    // sent, and refused
	RemarkConflict                   // changed on both sides
)
