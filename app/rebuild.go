package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/platform"
	"github.com/fieldsync/fieldsync/storage"
)

// rebuild replaces a damaged database for the terminal. No window may be open on the
// data folder.
func rebuild(ctx context.Context, dir string) ([]eden.Finding, error) {
	unlock, err := storage.LockInstance(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	r, err := rebuildLocked(ctx, dir)
	if err != nil {
		return nil, err
	}
	from := "from what could be read of it: there was no copy"
	if r.Backup != "" {
		from = "from the copy of " + r.From.Local().Format("2006-01-02 15:04")
	}
	words := fmt.Sprintf("The database was damaged and was rebuilt %s. %d changes made here since were rescued. The damaged one lies in %s. The next sync brings the rest.", from, r.Rescued, r.SetAside)
	found := []eden.Finding{{Name: "database", OK: true, Message: words}}
	if r.Versions+r.Conflicts > 0 {
		found = append(found, eden.Finding{Name: "history", OK: true, Message: fmt.Sprintf("%d former versions and %d conflicts since then were rescued, too.", r.Versions, r.Conflicts)})
	}
	if r.Lost > 0 {
		found = append(found, eden.Finding{Name: "unreadable", OK: true, Message: fmt.Sprintf("%d rows could not be read; of them only changes that no server had are missing.", r.Lost)})
	}
	return found, nil
}

// rebuildLocked replaces a damaged database by a copy and what can be read of it. The
// caller holds the instance's lock.
func rebuildLocked(ctx context.Context, dir string) (storage.Rebuilt, error) {
	log, closeLog := openLog(dir)
	r, err := storage.Rebuild(ctx, storage.Options{Dir: dir, Log: log, Machine: platform.Machine(), Outside: stateFolder()})
	if err != nil {
		log.Error("Not rebuilt", "err", err)
	}
	return r, errors.Join(err, closeLog())
}
