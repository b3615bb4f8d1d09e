package app

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
)

// settingInvented is set while a data folder holds invented records whose practice
// repository was removed.
const settingInvented = "practice.records"

// AddRepository adds a repository; practising and real servers never share a data
// folder, so that no invented record reaches one.
func (r replica) AddRepository(ctx context.Context, repo core.Repository) (core.Repository, error) {
	all, err := r.Repositories(ctx)
	if err != nil {
		return repo, err
	}
	if err := r.apart(ctx, repo, all); err != nil {
		return repo, err
	}
	return r.DB.AddRepository(ctx, repo)
}

// UpdateRepository changes a repository, but never makes a real one of the practice
// repository, nor the other way round.
func (r replica) UpdateRepository(ctx context.Context, repo core.Repository) (core.Repository, error) {
	was, err := r.Repository(ctx, repo.ID)
	if err != nil {
		return repo, err
	}
	switch {
	case practice.Is(was) && host(was.URL) != host(repo.URL):
		return repo, errPractising()
	case !practice.Is(was) && practice.Is(repo):
		all, err := r.Repositories(ctx)
		if err != nil {
			return repo, err
		}
		others := slices.DeleteFunc(all, func(o core.Repository) bool { return o.ID == repo.ID })
		if err := r.apart(ctx, repo, others); err != nil {
			return repo, err
		}
	}
	return r.DB.UpdateRepository(ctx, repo)
}

// DeleteRepository removes a repository. That the records of a practice one, which
// stay, are invented is remembered.
func (r replica) DeleteRepository(ctx context.Context, id int64) error {
	repo, err := r.Repository(ctx, id)
	if err == nil && practice.Is(repo) {
		err = r.SetSetting(ctx, settingInvented, "1")
	}
	if err != nil {
		return err
	}
	return r.DB.DeleteRepository(ctx, id)
}

// Forget removes a practice repository with its records.
func (r replica) Forget(ctx context.Context, id int64) error {
	err := r.DB.Forget(ctx, id)
	if err == nil {
		err = r.SetSetting(ctx, settingInvented, "")
	}
	return err
}

// apart makes sure that repo does not bring real and invented records together with
// the others and with what is stored.
func (r replica) apart(ctx context.Context, repo core.Repository, others []core.Repository) error {
	invented, err := r.Setting(ctx, settingInvented)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	if !practice.Is(repo) {
		if invented != "" || slices.ContainsFunc(others, practice.Is) {
			return errPractising()
		}
		return nil
	}
	tables, err := r.Tables(ctx)
	if err != nil {
		return err
	}
	genuine := func(o core.Repository) bool { return !practice.Is(o) }
	if slices.ContainsFunc(others, genuine) {
		return core.Invalid("practice", "This laptop is set up for a real server, which invented records must never reach. Practise on another laptop, as another user of this one, or with another data folder.")
	}
	if invented == "" && len(tables) > 0 && len(others) == 0 {
		return core.Invalid("practice", "There are records on this laptop already, which must not mix with invented ones. Practise on another laptop, as another user of this one, or with another data folder.")
	}
	return nil
}

func errPractising() error {
	return core.Invalid("name", "This is a place to practise: its invented records must never reach a real server. End practising first, or use another data folder.")
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}
