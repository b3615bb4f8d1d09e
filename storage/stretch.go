package storage

// noteRun remembers which sequence numbers a run gives out, from the next one on:
// by them its work can be found, what it made too.
func (t *tx) noteRun(run string) error {
	if run == t.run {
		return nil
	}
	if err := t.endStretch(); err != nil {
		return err
	}
	t.run, t.runFrom = run, t.seq+1
	return nil
}

// endStretch stores the stretch of the present run.
func (t *tx) endStretch() error {
	if t.run == "" || t.seq < t.runFrom {
		return nil
	}
	return t.hot(`INSERT INTO stretch (first, last, run) VALUES (?, ?, ?)`, t.runFrom, t.seq, t.run)
}
