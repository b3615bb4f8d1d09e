package storage_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/notice"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func agenda(t *testing.T, db *storage.DB) schedule.Agenda {
	t.Helper()
	a, err := db.Agenda(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWhatTheSchedulerKnowsSurvivesARestart(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	clock := new(storagetest.Clock)
	db := storagetest.Open(t, dir, clock)
	repo := storagetest.Repository(t, db, "hub")
	job, err := db.SaveJob(ctx, core.Job{RepositoryID: repo.ID, Enabled: true, Every: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	memory := schedule.Memory{RepositoryID: repo.ID, Setup: "x", Place: "wlan", Seen: 1, Tried: 2, Wait: 3 * time.Minute, Demanded: true, Failures: 4, Cause: core.CausePortal, Since: 5, Message: "m",
		RanAt: 6, RanSeq: 7, EditedFirst: 8, Edited: 9, Wanted: core.WhyWoke, WantedAt: 10, Why: core.WhyRetry, Next: 11}
	jobMemory := schedule.JobMemory{JobID: job.ID, Seen: 12, Result: core.ResultError, Message: "n", Ended: 13}
	shown := notice.Shown{Class: core.NoticePortal, At: 14, State: "1=portal"}
	settings := schedule.Settings{Pause: schedule.Pause{From: 15, Until: 16}, OnMetered: true, SendAfter: time.Minute, OverdueDays: 3, Notify: map[core.NoticeClass]bool{core.NoticeOverdue: true}}
	for _, err := range []error{db.SaveMemory(ctx, memory), db.SaveJobMemories(ctx, []schedule.JobMemory{jobMemory}), db.SaveShown(ctx, []notice.Shown{shown}),
		db.SaveScheduleSettings(ctx, settings), db.JobsRan(ctx, []int64{job.ID}, 17)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	a := agenda(t, storagetest.Open(t, dir, clock))
	job.LastRun, job.Runs = 17, 1
	for name, diff := range map[string]string{
		"memory":     cmp.Diff(memory, a.Memories[repo.ID]),
		"job":        cmp.Diff([]core.Job{job}, a.Jobs),
		"job memory": cmp.Diff(jobMemory, a.JobMemories[job.ID]),
		"shown":      cmp.Diff(shown, a.Shown[core.NoticePortal]),
		"settings":   cmp.Diff(settings, a.Settings),
	} {
		if diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheSchedulerSeesWhichResourcesThereAre(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub")
	seen := []string{agenda(t, db).Resources[repo.ID]}
	task := storagetest.Task(t, db, repo.ID, "org_organisation")
	seen = append(seen, agenda(t, db).Resources[repo.ID])
	task.Mode = core.ModePush
	if err := db.UpdateTask(context.Background(), task); err != nil {
		t.Fatal(err)
	}
	seen = append(seen, agenda(t, db).Resources[repo.ID])
	if seen[0] == seen[1] || seen[1] == seen[2] {
		t.Errorf("a task, or its mode, makes no difference: %q", seen)
	}
}

func TestANewDataFolderHasTheDefaultsOfSyncingByItself(t *testing.T) {
	db, _ := storagetest.New(t)
	if diff := cmp.Diff(schedule.DefaultSettings(), agenda(t, db).Settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatTheSchedulerKnowsGoesWithItsRepository(t *testing.T) {
	ctx := context.Background()
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub")
	job, err := db.SaveJob(ctx, core.Job{RepositoryID: repo.ID, Enabled: true, Every: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{db.SaveMemory(ctx, schedule.Memory{RepositoryID: repo.ID}), db.SaveJobMemories(ctx, []schedule.JobMemory{{JobID: job.ID}}), db.DeleteRepository(ctx, repo.ID),
		db.SaveMemory(ctx, schedule.Memory{RepositoryID: repo.ID}), db.SaveJobMemories(ctx, []schedule.JobMemory{{JobID: job.ID}})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if a := agenda(t, db); len(a.Memories)+len(a.JobMemories)+len(a.Jobs) != 0 {
		t.Errorf("left: %+v", a)
	}
}

func TestOnlyChangesSinceTheRunAreFresh(t *testing.T) {
	ctx := context.Background()
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub")
	storagetest.Task(t, db, repo.ID, "org_organisation")
	storagetest.Pull(t, db, repo.ID, storagetest.Organisation(1), storagetest.Organisation(2))
	fresh := func(since int64) int {
		t.Helper()
		n, err := db.Fresh(ctx, map[int64]int64{repo.ID: since})
		if err != nil {
			t.Fatal(err)
		}
		return n[repo.ID]
	}
	if n := fresh(0); n != 0 {
		t.Errorf("%d fresh although all came from there", n)
	}
	rec := storagetest.Organisation(2)
	rec.Set(core.Field{Name: "name", Value: core.Text("edited")})
	if _, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditSave, Record: rec, By: "me"}); err != nil {
		t.Fatal(err)
	}
	if n := fresh(0); n != 1 {
		t.Errorf("%d fresh after an edit, want 1", n)
	}
	if n := fresh(agenda(t, db).Seq); n != 0 {
		t.Errorf("%d fresh after a run that began later", n)
	}
}

func TestOneSchedulerAtATime(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	clock := new(storagetest.Clock)
	first, second := storagetest.Open(t, dir, clock), storagetest.Open(t, dir, clock)
	release, ok, err := first.Lead(ctx)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, ok, err := second.Lead(ctx); ok || err != nil {
		t.Errorf("two lead: %v %v", ok, err)
	}
	release()
	release, ok, err = second.Lead(ctx)
	if !ok || err != nil {
		t.Fatal("nobody can take over", ok, err)
	}
	release()
}

func TestLastRunsAfterNowAreSetBack(t *testing.T) {
	ctx := context.Background()
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub")
	for _, last := range []core.MTime{100, 900} {
		if _, err := db.SaveJob(ctx, core.Job{RepositoryID: repo.ID, Every: time.Hour, LastRun: last}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.JobsRebased(ctx, 500); err != nil {
		t.Fatal(err)
	}
	if jobs := agenda(t, db).Jobs; jobs[0].LastRun != 100 || jobs[1].LastRun != 500 {
		t.Errorf("%+v", jobs)
	}
}

// BenchmarkAgenda is what every few seconds of idling cost.
func BenchmarkAgenda(b *testing.B) {
	db, _ := storagetest.New(b)
	for _, name := range []string{"a", "b", "c"} {
		storagetest.Repository(b, db, name)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.Agenda(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
