package storage

import "fmt"

// manyNews is from how many new numbers on it is worth while to ask first whether a
// repository lacks anything at all: after a first pull all of them are its own.
const manyNews = 2000

// findSettled finds the tables of which the repository has everything beyond the watermark.
// To look at each row with its base takes several times as long.
func (o *outgoing) findSettled() error {
	if o.newest-o.watermark < manyNews {
		return nil
	}
	o.settled = make(map[*table]bool)
	for _, tb := range o.tree {
		is, err := o.isSettled(tb)
		if err != nil {
			return err
		}
		o.settled[tb] = is
	}
	return nil
}

// isSettled reports whether every row of the table beyond the watermark has a base with its
// own number. A row is never removed without its bases, and no base has a greater number than
// its row: so where those of the rows and those of the bases are as many and have the same sum
// they are the same, one by one.
func (o *outgoing) isSettled(tb *table) (is bool, err error) {
	err = o.q.QueryRowContext(brief(o.ctx), fmt.Sprintf(`SELECT (SELECT count(*), sum(_seq) FROM %s WHERE _seq > ?1)
IS (SELECT count(*), sum(seq) FROM base WHERE repository_id = ?2 AND resource_id = %d AND seq > ?1)`, tb.sql, tb.id), o.watermark, o.repo).Scan(&is)
	return is, err
}
