package core

import (
	"fmt"
	"runtime/debug"
)

// A Bug is a panic that was caught. A person reads the sentences of an Internal problem;
// Stack is for the program's log alone.
type Bug struct {
	Value any
	Stack string
}

// Error returns what the panic said.
func (b *Bug) Error() string { return fmt.Sprintf("bug: %v", b.Value) }

// Caught runs do, and returns a Problem Internal with a Bug if that panics: what goes
// wrong ends what it is in, a run or an answer, and not the program.
func Caught(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Problem{Kind: Internal, Err: &Bug{value, string(debug.Stack())}}
		}
	}()
	return do()
}
