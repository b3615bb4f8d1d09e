package core

import (
	"errors"
	"fmt"
	"log/slog"
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

// LogValue shows a log what panicked, and where.
func (b *Bug) LogValue() slog.Value {
	return slog.GroupValue(slog.String("value", fmt.Sprint(b.Value)), slog.String("stack", b.Stack))
}

// BugIn returns the panic in err's chain, nil if there is none. What it left behind in
// memory nothing can rely on.
func BugIn(err error) (bug *Bug) {
	errors.As(err, &bug)
	return bug
}

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

// Careful is Caught where nobody above tells of a bug: log, if there is one, has it with
// what it was in, and its stack.
func Careful(log *slog.Logger, what string, do func() error) error {
	err := Caught(do)
	if bug := BugIn(err); bug != nil && log != nil {
		log.Error("Panic", "in", what, "bug", bug)
	}
	return err
}
