package sheet

import (
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// A cellError says what is wrong with one cell, without its place.
type cellError struct{ core.Saying }

func (e cellError) Error() string { return e.String() }

func cellWrong(words string, values ...any) error { return cellError{core.Say(words, values...)} }

// saying is an error as a part of a sentence.
func saying(err error) any {
	var e cellError
	if errors.As(err, &e) {
		return e.Saying
	}
	return err.Error()
}
