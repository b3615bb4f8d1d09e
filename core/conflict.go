package core

// A Conflict is a record that was changed on both sides since they last agreed,
// with what was decided. It stays in the list until a person has seen it, so
// that the losing version is never out of sight.
type Conflict struct {
	ID           int64
	Run          string
	RepositoryID int64
	Record       Link
	Found        MTime
	Clashes      []string // the fields both sides changed; "" alone: edit against deletion
	Base         *Record  // what both sides last agreed on; nil if it is not known
	// Ours is our present version while the conflict is open, which may have been edited
	// since it was found; then the one that was decided about.
	Ours, Theirs Record
	// Lacks are the fields of Theirs that stand there because we have them: the repository
	// does not.
	Lacks []string
	// Decision is who decided ("NEWER", …, RuleCircles, "person") and Winner what stands:
	// "ours", "theirs", "both" (a person's mixture), or "" while it is open.
	Decision string
	Winner   string
	Resolved MTime
}

// Open reports whether a person still has to decide.
func (c Conflict) Open() bool { return c.Winner == "" }

// There is what the repository has.
func (c *Conflict) There() Record {
	there := c.Theirs.Clone()
	for _, name := range c.Lacks {
		there.Unset(name)
	}
	return there
}

// MovedThere reports whether the repository, and nobody here, has moved a component, which is one
// of ours here, to another record. Nobody is asked about that: it is no content.
func (c *Conflict) MovedThere(ours Link) bool {
	theirs := c.Theirs.Master
	if ours.IsZero() || theirs.IsZero() || theirs == ours || c.Theirs.Deleted {
		return false
	}
	return c.Base == nil || c.Base.Master.IsZero() || c.Base.Master == ours
}

// MovedHere reports whether somebody here, and nobody at the repository, has moved a component,
// which is one of ours here, to another record.
func (c *Conflict) MovedHere(ours Link) bool {
	theirs := c.Theirs.Master
	return !ours.IsZero() && !theirs.IsZero() && theirs != ours && !c.Theirs.Deleted && c.Base != nil && c.Base.Master == theirs
}

// Renew makes a later version of ours the one that is to be decided about.
func (c *Conflict) Renew(ours *Record) {
	if SameContent(&c.Ours, ours) {
		return
	}
	c.Ours, c.Clashes = ours.Clone(), nil
	switch {
	case c.Ours.Deleted || c.Theirs.Deleted:
		c.Clashes = []string{""}
	case c.Base != nil:
		_, c.Clashes = Merge(c.Base, &c.Ours, &c.Theirs)
	}
	if c.Clashes == nil { // nobody knows what they grew from, or only whole versions are taken
		c.Clashes = Differences(&c.Ours, &c.Theirs)
	}
}
