package core

// A Standing says whether the store is what it was when this node last used it.
type Standing struct {
	// Copied: the data folder was made on another computer. Two computers that
	// go on with one identity would take each other's changes for their own.
	Copied bool
	// WentBack: something outside the database remembers a later state of it.
	WentBack bool
}

// Problem returns what is wrong with the standing, nil if nothing is.
func (s Standing) Problem() *Problem {
	switch {
	case s.Copied:
		return &Problem{Op: "check identity", Kind: NodeCopied}
	case s.WentBack:
		return &Problem{Op: "check identity", Kind: NodeWentBack}
	}
	return nil
}
