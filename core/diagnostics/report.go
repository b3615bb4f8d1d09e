// Package diagnostics makes a file that an administrator can send to somebody who
// helps: what is set up, how the last runs went, what the log says, without
// passwords, people's addresses or records.
package diagnostics

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A Store is what the report needs of the replica.
type Store interface {
	Node(ctx context.Context) (core.Node, error)
	NodeProxyPassword(ctx context.Context) (core.Secret, error)
	Repositories(ctx context.Context) ([]core.Repository, error)
	Tasks(ctx context.Context, repo int64) ([]core.Task, error)
	Jobs(ctx context.Context, repo int64) ([]core.Job, error)
	Runs(ctx context.Context, repo int64, limit int) ([]core.Run, error)
	Unsent(ctx context.Context, repo int64) (int, error)
	SecretsWhere() string
}

// Source is where a report comes from.
type Source struct {
	Store   Store
	Version string
	Dir     string // the data folder
	Home    string // the home folder, named ~ in the report
	Now     time.Time
	// Log returns rows of the synchronisation log, newest first.
	Log func(ctx context.Context, limit int) ([]core.LogEntry, error)
	// Examine looks the database over and says what it found, a line each.
	Examine func(ctx context.Context) ([]string, error)
	// Technical is the end of the technical log; may be "".
	Technical string
}

// A Part is a file of the report.
type Part struct {
	Name string
	Text string
}

// A Report is what is shown and saved: both are the same.
type Report []Part

const (
	logRows = 500
	runRows = 20
)

// Collect makes the report. What cannot be read is said in its place: a report is
// needed most when something is broken.
func Collect(ctx context.Context, s Source) Report {
	c := collector{ctx: ctx, Source: s}
	repositories, err := s.Store.Repositories(ctx)
	for _, r := range repositories {
		c.secrets = append(c.secrets, r.Password, r.ProxyPassword)
	}
	if password, err := s.Store.NodeProxyPassword(ctx); err == nil {
		c.secrets = append(c.secrets, password)
	}
	c.part("program.txt", c.program)
	c.part("repositories.txt", func(w io.Writer) error { return errors.Join(err, c.repositories(w, repositories)) })
	c.part("runs.txt", func(w io.Writer) error { return c.runs(w, repositories) })
	c.part("log.txt", c.log)
	c.part("technical.txt", func(w io.Writer) error { fmt.Fprintln(w, c.Technical); return nil })
	return c.report
}

type collector struct {
	Source
	ctx     context.Context // of the one call
	secrets []core.Secret
	report  Report
}

func (c *collector) part(name string, write func(io.Writer) error) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	err := write(w)
	if flushErr := w.Flush(); err == nil {
		err = flushErr
	}
	if err != nil {
		fmt.Fprintf(&b, "(could not be read: %v)\n", err)
	}
	text := strings.TrimRight(Redact(b.String(), c.Home, c.secrets...), "\n")
	if text == "" {
		text = "(nothing)"
	}
	c.report = append(c.report, Part{name, text + "\n"})
}

func (c *collector) program(w io.Writer) error {
	node, err := c.Store.Node(c.ctx)
	fmt.Fprintf(w, "Made\t%s\nFieldsync\t%s\nGo\t%s\nSystem\t%s/%s, %d processors\nData folder\t%s\nPasswords\tin %s\n",
		c.Now.UTC().Format(time.RFC3339), c.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), c.Dir, c.Store.SecretsWhere())
	fmt.Fprintf(w, "UUID\t%s\nName\t%s\nProxy\t%s\n", node.UUID, node.Name, orNone(node.Proxy))
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if strings.HasPrefix(d.Path, "fyne.io/") || strings.Contains(d.Path, "sqlite") {
				fmt.Fprintf(w, "%s\t%s\n", d.Path, d.Version)
			}
		}
	}
	if c.Examine == nil {
		return err
	}
	lines, examineErr := c.Examine(c.ctx)
	for _, l := range lines {
		fmt.Fprintln(w, l)
	}
	return errors.Join(err, examineErr)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (c *collector) repositories(w io.Writer, list []core.Repository) (err error) {
	for _, r := range list {
		unsent, unsentErr := c.Store.Unsent(c.ctx, r.ID)
		err = errors.Join(err, unsentErr)
		fmt.Fprintf(w, "%s\t%s\n  UUID\t%s\n  user name\t%s\n  password\t%s\n  proxy\t%s\n  own authority\t%s\n  accept pushes, allow pulls\t%t, %t\n",
			r.Name, r.URL, orNone(r.UUID), orNone(Redact(r.Username, "")), orNone(r.Password.String()), orNone(r.Proxy), orNone(r.CAFile), r.AcceptPush, r.AllowPull)
		fmt.Fprintf(w, "  registered\t%s\n  last contact\t%s\n  stopped\t%s\n  clock difference\t%d s\n  unsent\t%d\n", r.Registered, r.LastConnected, orNone(r.Stopped), r.ClockOffset, unsent)
		tasks, taskErr := c.Store.Tasks(c.ctx, r.ID)
		for _, t := range tasks {
			fmt.Fprintf(w, "  resource %s\t%s, %s, update %s, conflict %s, merge %t, %d filters, pulled to %s, pushed %s\n", t.Resource, t.Mode, t.Strategy, t.Update, t.Conflict, t.Merge,
				len(t.Filters), t.LastPull, t.LastPush)
		}
		jobs, jobErr := c.Store.Jobs(c.ctx, r.ID)
		for _, j := range jobs {
			fmt.Fprintf(w, "  job %d\ton %t, every %s, cron %q, from %s until %s, repeats %d, time-out %s, last %s, runs %d\n", j.ID, j.Enabled, j.Every, j.Cron, j.Start, j.End, j.Repeats,
				j.Timeout, j.LastRun, j.Runs)
		}
		err = errors.Join(err, taskErr, jobErr)
	}
	return err
}

func (c *collector) runs(w io.Writer, list []core.Repository) (err error) {
	for _, r := range list {
		runs, runErr := c.Store.Runs(c.ctx, r.ID, runRows)
		for _, run := range runs {
			fmt.Fprintf(w, "%s\t%s\t%s\t%.1f s\t%s\n", run.Started, r.Name, run.Result, run.Seconds, run.Message)
		}
		err = errors.Join(err, runErr)
	}
	return err
}

func (c *collector) log(w io.Writer) error {
	if c.Log == nil {
		return nil
	}
	rows, err := c.Log(c.ctx, logRows)
	for _, e := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s %s\t%s\t%s\n", e.Time, e.Repository, e.Resource, e.Mode, e.Action, e.Result, strings.ReplaceAll(e.Message, "\n", " "))
	}
	return err
}

// Text is the whole report, as it is shown.
func (r Report) Text() string {
	var b strings.Builder
	for _, p := range r {
		fmt.Fprintf(&b, "== %s ==\n%s\n", p.Name, p.Text)
	}
	return b.String()
}

// WriteZip writes the parts as the files of a zip archive.
func (r Report) WriteZip(to io.Writer, now time.Time) error {
	z := zip.NewWriter(to)
	for _, p := range r {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Deflate, Modified: now})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, p.Text); err != nil {
			return err
		}
	}
	return z.Close()
}
