package core

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAPanicIsAnErrorWithItsStack(t *testing.T) {
	err := Caught(func() error { panic("five legs") })
	bug := (*Bug)(nil)
	if !IsKind(err, Internal) || !errors.As(err, &bug) || bug.Error() != "bug: five legs" || !strings.Contains(bug.Stack, "TestAPanicIsAnErrorWithItsStack") {
		t.Errorf("got %v, %+v", err, bug)
	}
	if strings.Contains(AsProblem(err).Error(), "goroutine") {
		t.Errorf("the stack is not for the log that people read: %v", err)
	}
	if err := Caught(func() error { return io.EOF }); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if err := Caught(func() error { return nil }); err != nil {
		t.Errorf("got %v", err)
	}
}
