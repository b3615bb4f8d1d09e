// Package setup is the file by which an administrator sets many laptops up alike:
// server, proxy, resources with their policies, schedule; never a password, and no user
// name unless somebody wrote one into it. It is JSON with a version. Reading it says
// everything that is wrong with it at once.
package setup

import (
	"encoding/json"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Version is what Write writes and the newest that Parse reads.
const Version = 1

// A Setup is the content of a file. IDs in it are zero.
type Setup struct {
	// Proxy is the laptop's default, as core.Node has it; "" leaves it as it is.
	Proxy        string
	Language     string // "" leaves it to the operating system
	Repositories []Repository
}

// A Repository is one server with what is exchanged with it, and when.
type Repository struct {
	core.Repository
	// Authority is the certificate authority's own certificate, as PEM text; ""
	// if the server needs none.
	Authority string
	Tasks     []core.Task
	Jobs      []core.Job
}

// The file as it is written; Parse reads it key by key, to name what it does not
// know.
type (
	fileSetup struct {
		Fieldsync    int              `json:"fieldsync"`
		Proxy        string           `json:"proxy,omitempty"`
		Language     string           `json:"language,omitempty"`
		Repositories []fileRepository `json:"repositories"`
	}
	fileRepository struct {
		Name      string         `json:"name"`
		URL       string         `json:"url"`
		Username  string         `json:"username,omitempty"`
		Proxy     string         `json:"proxy,omitempty"`
		Authority string         `json:"authority,omitempty"`
		Resources []fileResource `json:"resources,omitempty"`
		Schedule  []fileJob      `json:"schedule,omitempty"`
	}
	fileResource struct {
		Table    string       `json:"table"`
		Mode     string       `json:"mode,omitempty"`
		Strategy string       `json:"strategy,omitempty"`
		Update   string       `json:"update,omitempty"`
		Conflict string       `json:"conflict,omitempty"`
		Merge    *bool        `json:"merge,omitempty"`
		Filters  []fileFilter `json:"filters,omitempty"`
	}
	fileFilter struct {
		Table string `json:"table,omitempty"`
		Query string `json:"query"`
	}
	fileJob struct {
		Enabled *bool  `json:"enabled,omitempty"`
		Every   string `json:"every,omitempty"`
		Cron    string `json:"cron,omitempty"`
		Start   string `json:"start,omitempty"` // RFC 3339
		End     string `json:"end,omitempty"`
		Repeats int    `json:"repeats,omitempty"`
		Timeout string `json:"timeout,omitempty"`
	}
)

// Write returns the file. Passwords are left out, whatever the setup holds.
func (s Setup) Write() ([]byte, error) {
	f := fileSetup{Fieldsync: Version, Proxy: s.Proxy, Language: s.Language, Repositories: []fileRepository{}}
	for _, r := range s.Repositories {
		f.Repositories = append(f.Repositories, r.file())
	}
	text, err := json.MarshalIndent(f, "", "  ")
	return append(text, '\n'), err
}

func (r Repository) file() fileRepository {
	f := fileRepository{Name: r.Name, URL: r.URL, Username: r.Username, Proxy: r.Proxy, Authority: r.Authority}
	for _, t := range r.Tasks {
		resource := fileResource{Table: string(t.Resource), Mode: t.Mode.String(), Strategy: t.Strategy.String(), Update: string(t.Update), Conflict: string(t.Conflict), Merge: &t.Merge}
		for _, x := range t.Filters {
			resource.Filters = append(resource.Filters, fileFilter{string(x.Table), x.Query})
		}
		f.Resources = append(f.Resources, resource)
	}
	for _, j := range r.Jobs {
		f.Schedule = append(f.Schedule, fileJob{Enabled: &j.Enabled, Every: span(j.Every), Cron: j.Cron, Start: stamp(j.Start), End: stamp(j.End), Repeats: j.Repeats, Timeout: span(j.Timeout)})
	}
	return f
}

func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func stamp(m core.MTime) string {
	if m.IsZero() {
		return ""
	}
	return m.Time().UTC().Format(time.RFC3339)
}
