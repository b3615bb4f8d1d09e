package replicate

import (
	"cmp"
	"time"
)

// Tuning are the sizes and intervals of a run; each zero value means its
// default.
type Tuning struct {
	// Page is how many masters the first page of a pull asks for: 200, at least 2. Where
	// pages come quickly they grow up to PageMax: 1400, or Page if that is set.
	// Batch and BatchMax are the same for what a push sends: 50 and 400.
	Page, PageMax   int
	Batch, BatchMax int
	// Stream is how many masters go to a Fieldsync in one document that is written
	// while they are read: 10,000; negative: none.
	Stream int

	Overlap      time.Duration // how far behind the marker a pull begins: 5 minutes
	AskEvery     time.Duration // components that were changed alone, at an Eden: 50 minutes, so that a run each hour asks; negative: never
	CompareEvery time.Duration // full comparison by uuid and stamp: 24 hours
	ProveEvery   time.Duration // full comparison by content, too, when idle: 7 days; negative: never
	ProveTime    time.Duration // a table that takes longer is compared by uuid and stamp alone: 10 minutes; negative: any time
	FileSize     int64         // largest upload that is sent, within the document, in bytes: 10 MiB
	FetchSize    int64         // largest upload that is fetched: 64 MiB
	Files        int           // uploads fetched in a run: 200
	// Brake is how many records of a table a run may delete on the peer's word without
	// a question, however few the table has; of more, up to half of the table: 20.
	Brake int
	// InTurn makes one goroutine receive and write, one after the other, for tests
	// that must be able to replay. Pages are written when the next one has come, as
	// late as they can be otherwise, on a first pull three together; the next batch is
	// read before one is sent.
	InTurn bool
	// Many is of how many records that are dated in the last minutes before the marker
	// a pull begins after that, once no more of them can come: 100; negative: never.
	Many int
	// Marks is how many of the records that set the marker a pull must show
	// again (see puller.guard): 3; negative: none.
	Marks int
}

func (t Tuning) withDefaults() Tuning {
	if t.Page == 0 {
		t.PageMax = cmp.Or(t.PageMax, 1400)
	}
	if t.Batch == 0 {
		t.BatchMax = cmp.Or(t.BatchMax, 400)
	}
	t.Page, t.Batch = max(2, cmp.Or(t.Page, 200)), cmp.Or(t.Batch, 50)
	t.PageMax, t.BatchMax = max(t.Page, t.PageMax), max(t.Batch, t.BatchMax)
	t.Stream = cmp.Or(t.Stream, 10_000)
	t.Overlap = cmp.Or(t.Overlap, 5*time.Minute)
	t.AskEvery = cmp.Or(t.AskEvery, 50*time.Minute)
	t.CompareEvery = cmp.Or(t.CompareEvery, 24*time.Hour)
	t.ProveEvery = cmp.Or(t.ProveEvery, 7*24*time.Hour)
	t.ProveTime = cmp.Or(t.ProveTime, 10*time.Minute)
	t.FileSize, t.FetchSize = cmp.Or(t.FileSize, 10<<20), cmp.Or(t.FetchSize, 64<<20)
	t.Files = cmp.Or(t.Files, 200)
	t.Brake = cmp.Or(t.Brake, 20)
	t.Many, t.Marks = cmp.Or(t.Many, 100), cmp.Or(t.Marks, 3)
	return t
}
