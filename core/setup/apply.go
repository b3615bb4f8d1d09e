package setup

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A Store is what a setup is taken from and put into.
type Store interface {
	Node(ctx context.Context) (core.Node, error)
	SaveNode(ctx context.Context, n core.Node) error
	Preferences(ctx context.Context) (core.Preferences, error)
	SavePreferences(ctx context.Context, p core.Preferences) error
	Repositories(ctx context.Context) ([]core.Repository, error)
	AddRepository(ctx context.Context, r core.Repository) (core.Repository, error)
	UpdateRepository(ctx context.Context, r core.Repository) (core.Repository, error)
	Tasks(ctx context.Context, repo int64) ([]core.Task, error)
	AddTask(ctx context.Context, t core.Task) (core.Task, error)
	UpdateTask(ctx context.Context, t core.Task) error
	Jobs(ctx context.Context, repo int64) ([]core.Job, error)
	SaveJob(ctx context.Context, j core.Job) (core.Job, error)
}

// Files reads and writes certificates beside the database.
type Files struct {
	// Read returns the text of a certificate's file.
	Read func(path string) (string, error)
	// Write keeps a certificate for the repository of that name and returns its
	// path; written again it is the same.
	Write func(name, text string) (path string, err error)
}

// Collect makes a setup of what is set up here. Servers that only call us are not
// in it, nor those for which leave is true (it may be nil), nor user names: everybody
// has one of their own.
func Collect(ctx context.Context, store Store, files Files, leave func(core.Repository) bool) (s Setup, err error) {
	node, err := store.Node(ctx)
	prefs, err1 := store.Preferences(ctx)
	all, err2 := store.Repositories(ctx)
	if err = errors.Join(err, err1, err2); err != nil {
		return s, err
	}
	s.Proxy, s.Language = node.Proxy, prefs.Language
	for _, r := range all {
		if !r.Active() || leave != nil && leave(r) {
			continue
		}
		out := Repository{Repository: core.Repository{Name: r.Name, URL: r.URL, Proxy: r.Proxy}}
		if r.CAFile != "" {
			if out.Authority, err = files.Read(r.CAFile); err != nil {
				return s, err
			}
		}
		if out.Tasks, err = store.Tasks(ctx, r.ID); err != nil {
			return s, err
		}
		if out.Jobs, err = store.Jobs(ctx, r.ID); err != nil {
			return s, err
		}
		s.Repositories = append(s.Repositories, out)
	}
	return s, nil
}

// Apply sets up what the file says, and returns its repositories as they are
// stored then. A repository is known by its name or address: it is changed, not
// added again. It keeps the account whose password was entered here, whoever's the file
// was made with, and the password if the host stays and is not asked in clear from now
// on. Nothing that the file does not name is removed. Applying twice is the same as once.
func Apply(ctx context.Context, store Store, files Files, s Setup) (stored []core.Repository, err error) {
	if s.Proxy != "" {
		node, err := store.Node(ctx)
		if err != nil {
			return nil, err
		}
		node.Proxy = s.Proxy
		if err := store.SaveNode(ctx, node); err != nil {
			return nil, err
		}
	}
	if s.Language != "" {
		prefs, err := store.Preferences(ctx)
		if err != nil {
			return nil, err
		}
		prefs.Language = s.Language
		if err := store.SavePreferences(ctx, prefs); err != nil {
			return nil, err
		}
	}
	for _, r := range s.Repositories {
		got, err := applyRepository(ctx, store, files, r)
		if err != nil {
			return stored, err
		}
		stored = append(stored, got)
	}
	return stored, nil
}

func applyRepository(ctx context.Context, store Store, files Files, r Repository) (core.Repository, error) {
	all, err := store.Repositories(ctx)
	if err != nil {
		return core.Repository{}, err
	}
	if r.Authority != "" {
		if r.CAFile, err = files.Write(r.Name, r.Authority); err != nil {
			return core.Repository{}, err
		}
	}
	got := r.Repository
	if have, ok := Known(all, got); ok {
		got, err = store.UpdateRepository(ctx, changed(have, got))
	} else {
		got, err = store.AddRepository(ctx, got)
	}
	if err != nil {
		return got, err
	}
	return got, errors.Join(applyTasks(ctx, store, got.ID, r.Tasks), applyJobs(ctx, store, got.ID, r.Jobs))
}

// Known finds the repository that a file means: the one of its name, else of its address.
func Known(all []core.Repository, r core.Repository) (core.Repository, bool) {
	i := slices.IndexFunc(all, func(have core.Repository) bool { return strings.EqualFold(have.Name, r.Name) })
	if i < 0 {
		i = slices.IndexFunc(all, func(have core.Repository) bool { return have.URL == r.URL })
	}
	if i < 0 {
		return core.Repository{}, false
	}
	return all[i], true
}

// changed puts what the file says into a repository that is here already.
func changed(have, want core.Repository) core.Repository {
	switch {
	case want.Password != "":
		have.Password = want.Password
	case !samePlace(have.URL, want.URL):
		have.Password = "" // it was entered for another place
	}
	own := have.Password != "" // somebody entered it here, for the account named with it
	if want.ProxyPassword != "" || have.Proxy != want.Proxy {
		have.ProxyPassword = want.ProxyPassword
	}
	have.Name, have.URL, have.Proxy = want.Name, want.URL, want.Proxy
	if want.Username != "" && (want.Password != "" || !own) {
		have.Username = want.Username
	}
	if want.CAFile != "" {
		have.CAFile = want.CAFile
	}
	have.Stopped = ""
	return have
}

// samePlace reports whether a password that was entered for one address may go to
// another one: it is the same host, and whoever was asked over a certificate is not
// asked in clear.
func samePlace(from, to string) bool {
	u, errU := url.Parse(from)
	v, errV := url.Parse(to)
	return errU == nil && errV == nil && u.Hostname() == v.Hostname() && (u.Scheme != "https" || v.Scheme == "https")
}

func applyTasks(ctx context.Context, store Store, repo int64, wanted []core.Task) error {
	have, err := store.Tasks(ctx, repo)
	if err != nil {
		return err
	}
	for _, t := range wanted {
		t.RepositoryID = repo
		i := slices.IndexFunc(have, func(h core.Task) bool { return h.Resource == t.Resource })
		if i < 0 {
			fresh := core.NewTask(repo, t.Resource)
			fresh.Mode, fresh.Strategy, fresh.Update, fresh.Conflict, fresh.Merge, fresh.Filters = t.Mode, t.Strategy, t.Update, t.Conflict, t.Merge, t.Filters
			if _, err := store.AddTask(ctx, fresh); err != nil {
				return err
			}
			continue
		}
		h := have[i]
		h.Mode, h.Strategy, h.Update, h.Conflict, h.Merge, h.Filters = t.Mode, t.Strategy, t.Update, t.Conflict, t.Merge, t.Filters
		if err := store.UpdateTask(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

func applyJobs(ctx context.Context, store Store, repo int64, wanted []core.Job) error {
	have, err := store.Jobs(ctx, repo)
	if err != nil {
		return err
	}
	for _, j := range wanted {
		if slices.ContainsFunc(have, func(h core.Job) bool { return sameTimes(h, j) }) {
			continue
		}
		if _, err := store.SaveJob(ctx, core.Job{RepositoryID: repo, Enabled: j.Enabled, Start: j.Start, End: j.End, Every: j.Every, Cron: j.Cron, Repeats: j.Repeats, Timeout: j.Timeout}); err != nil {
			return err
		}
	}
	return nil
}

func sameTimes(a, b core.Job) bool {
	return a.Every == b.Every && a.Cron == b.Cron && a.Start == b.Start && a.End == b.End && a.Repeats == b.Repeats && a.Timeout == b.Timeout
}
