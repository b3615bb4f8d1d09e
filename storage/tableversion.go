package storage

import "database/sql/driver"

// A tableVersion is another one whenever a row of the table was written, by whomever.
type tableVersion struct {
	seq     int64 // the greatest of its rows
	touched int64 // how many transactions wrote rows that kept theirs, or removed some
}

// settingTouched counts the transactions that change tables without giving out numbers.
const settingTouched = "tables.touched"

func (v *view) version(tb *table) (is tableVersion, err error) {
	err = v.each(`SELECT (SELECT max(_seq) FROM `+tb.sql+`), (SELECT CAST(value AS INTEGER) FROM setting WHERE key = '`+settingTouched+`')`, nil, func(values []driver.Value) error {
		is = tableVersion{asInt(values[0]), asInt(values[1])}
		return nil
	})
	return is, err
}

// noteTouched makes the version of every table another one.
func (t *tx) noteTouched() error {
	return t.hot(`INSERT INTO setting (key, value) VALUES (?, '1') ON CONFLICT DO UPDATE SET value = value + 1`, settingTouched)
}
