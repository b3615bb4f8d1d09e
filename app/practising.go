package app

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/practice"
)

// settingInvented names, by their ids with commas between them, the practice
// repositories that were removed while their invented records stayed in the data
// folder; "" for none.
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
		err = r.noteInvented(ctx, id)
	}
	if err != nil {
		return err
	}
	return r.DB.DeleteRepository(ctx, id)
}

func (r replica) noteInvented(ctx context.Context, id int64) error {
	ids, err := r.invented(ctx)
	if err != nil {
		return err
	}
	text := ""
	for _, id := range append(ids, id) {
		text += strconv.FormatInt(id, 10) + ","
	}
	return r.SetSetting(ctx, settingInvented, strings.TrimSuffix(text, ","))
}

// invented returns the practice repositories that were removed without their records.
func (r replica) invented(ctx context.Context) (ids []int64, err error) {
	text, err := r.Setting(ctx, settingInvented)
	if errors.Is(err, core.ErrNotFound) || err == nil && text == "" {
		return nil, nil
	}
	for one := range strings.SplitSeq(text, ",") {
		id, numberErr := strconv.ParseInt(one, 10, 64)
		ids, err = append(ids, id), errors.Join(err, numberErr)
	}
	return ids, err
}

// Practising reports whether the data folder is one to practise with: it has a practice
// repository, or the invented records of one.
func (r replica) Practising(ctx context.Context) (bool, error) {
	invented, err := r.invented(ctx)
	all, err1 := r.Repositories(ctx)
	return len(invented) > 0 || slices.ContainsFunc(all, practice.Is), errors.Join(err, err1)
}

// EndPractising removes the practice repositories and all invented records, also those
// that one left behind which was removed before. It refuses where nobody practises.
func (r replica) EndPractising(ctx context.Context) error {
	if on, err := r.Practising(ctx); err != nil {
		return err
	} else if !on {
		return core.Invalid("practice", "Nobody practises with this data folder. Nothing was removed.")
	}
	all, err := r.Repositories(ctx)
	if err != nil {
		return err
	}
	schools := slices.DeleteFunc(all, func(o core.Repository) bool { return !practice.Is(o) })
	for len(schools) > 1 {
		if err := r.DeleteRepository(ctx, schools[0].ID); err != nil {
			return err
		}
		schools = schools[1:]
	}
	if len(schools) == 0 {
		return r.Forget(ctx, 0)
	}
	return r.Forget(ctx, schools[0].ID)
}

// Forget removes a practice repository with all invented records; 0 if these are all
// that is left.
func (r replica) Forget(ctx context.Context, id int64) error {
	removed, err := r.invented(ctx)
	if err == nil {
		err = r.DB.Forget(ctx, id, removed...)
	}
	if err == nil {
		err = r.SetSetting(ctx, settingInvented, "")
	}
	return err
}

// apart makes sure that repo does not bring real and invented records together with
// the others and with what is stored.
func (r replica) apart(ctx context.Context, repo core.Repository, others []core.Repository) error {
	invented, err := r.invented(ctx)
	if err != nil {
		return err
	}
	if !practice.Is(repo) {
		if len(invented) > 0 || slices.ContainsFunc(others, practice.Is) {
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
	if len(invented) == 0 && len(tables) > 0 && len(others) == 0 {
		return core.Invalid("practice", "There are records on this laptop already, which must not mix with invented ones. Practise on another laptop, as another user of this one, or with another data folder.")
	}
	return nil
}

func errPractising() error {
	return &core.Problem{Op: "keep invented records apart", Kind: core.Practising}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}
