package storage

import "context"

// brief is the context of a question that is answered at once, by one row or a few. A
// query that can be broken off has a goroutine that waits for it to happen, and a thread
// is woken for that: dozens of times in a run that finds nothing to do, which takes
// longer than the answers.
func brief(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
