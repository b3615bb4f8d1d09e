package cli

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/sheet"
	"github.com/fieldsync/fieldsync/core/transfer"
)

// A DeliveryQuery selects deliveries; see Store.Deliveries.
type DeliveryQuery struct {
	Repository   int64 // 0: all
	Run          string
	Since, Until core.MTime // until is exclusive; 0: no end
}

func (c *commands) receiptCommand() *cobra.Command {
	var name, since, until, format, output string
	cmd := &cobra.Command{
		Use:   "receipt",
		Short: "Print what a server was proved to have received, and when",
		Long: `Lists every version that was sent to a server and is proved to be there: it was read back, or a Fieldsync named its content after storing it. The file's name tells the format: .txt to be printed, .csv or
.json for a program. Without --output it goes to the terminal.`,
		Example: "  fieldsync receipt --repository \"Headquarters\" --since 2026-03-01\n  fieldsync receipt -r \"Headquarters\" -o receipt.csv",
		Args:    cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVarP(&name, "repository", "r", "", "only of this server")
	flags.StringVar(&since, "since", "", "from this day on (2026-03-01)")
	flags.StringVar(&until, "until", "", "up to this day, it included")
	flags.StringVar(&format, "format", "", "text, csv or json")
	flags.StringVarP(&output, "output", "o", "", "the file; an existing one is replaced when all is written")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) (err error) {
		q := DeliveryQuery{}
		if q.Repository, err = repositoryID(ctx, n.Store, name); err != nil {
			return err
		}
		if q.Since, err = day(since, 0); err != nil {
			return err
		}
		if q.Until, err = day(until, 1); err != nil {
			return err
		}
		write, err := receiptWriter(format, output)
		if err != nil {
			return err
		}
		r, err := newReceipt(ctx, n, q, name)
		if err != nil {
			return err
		}
		if output == "" {
			return write(ctx, r, c.io.Out)
		}
		if err := transfer.Replace(output, func(w io.Writer) error { return write(ctx, r, w) }); err != nil {
			return err
		}
		c.say("Wrote %s to %s.", count(r.written, "confirmed version"), output)
		return nil
	})
	return cmd
}

// day reads a date in the laptop's zone, plus some days; "" is 0.
func day(text string, plus int) (core.MTime, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return 0, core.Invalid("date", "%q is not a date. Dates look like 2026-03-01.", text)
	}
	return core.MTimeOf(t.AddDate(0, 0, plus)), nil
}

// A receipt is what is known of the laptop and the servers when it is written.
type receipt struct {
	store   Store
	query   DeliveryQuery
	node    core.Node
	names   map[int64]string
	uuids   map[int64]string
	only    string // one server's name, or ""
	unsent  int
	written int
}

func newReceipt(ctx context.Context, n *Node, q DeliveryQuery, only string) (*receipt, error) {
	r := &receipt{store: n.Store, query: q, only: only, names: make(map[int64]string), uuids: make(map[int64]string)}
	var err error
	if r.node, err = n.Store.Node(ctx); err != nil {
		return nil, err
	}
	list, err := n.Store.Repositories(ctx)
	if err != nil {
		return nil, err
	}
	for _, repo := range list {
		r.names[repo.ID], r.uuids[repo.ID] = repo.Name, repo.UUID
		if q.Repository != 0 && q.Repository != repo.ID {
			continue
		}
		unsent, err := n.Store.Unsent(ctx, repo.ID)
		if err != nil {
			return nil, err
		}
		r.unsent += unsent
	}
	return r, nil
}

// receiptWriter chooses the format by the flag, else by the file's name.
func receiptWriter(format, output string) (func(context.Context, *receipt, io.Writer) error, error) {
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(output)), ".")
	}
	switch format {
	case "", "txt", "text":
		return func(ctx context.Context, r *receipt, w io.Writer) error { return r.text(ctx, w) }, nil
	case "csv":
		return func(ctx context.Context, r *receipt, w io.Writer) error { return r.csv(ctx, w) }, nil
	case "json":
		return func(ctx context.Context, r *receipt, w io.Writer) error { return r.json(ctx, w) }, nil
	}
	return nil, core.Invalid("format", "%q is not a format: text, csv or json.", format)
}

func (r *receipt) each(ctx context.Context, fn func(core.Delivery) error) error {
	r.written = 0
	return r.store.Deliveries(ctx, r.query, func(d core.Delivery) error {
		r.written++
		return fn(d)
	})
}

func (r *receipt) text(ctx context.Context, w io.Writer) error {
	p := &printer{w: w}
	p.line("Delivery receipt")
	p.line("Laptop:   %s, %s", r.node.Name, r.node.UUID)
	for id, name := range r.names {
		if r.query.Repository == 0 || r.query.Repository == id {
			p.line("Server:   %s, %s", name, orDash(r.uuids[id]))
		}
	}
	p.line("Written:  %s", when(core.MTimeOf(time.Now())))
	p.line("Each version below was sent and is proved to have reached the server.")
	p.line("")
	err := r.each(ctx, func(d core.Delivery) error {
		what := ""
		if d.Deleted {
			what = " (deletion)"
		}
		p.line("%s  %-20s  %s%s", when(d.At), oneLine(r.names[d.RepositoryID]), oneLine(orDash(d.Title)), what)
		p.line("    %s %s, changed %s, content %s", d.Record.Resource, d.Record.UUID, when(d.ModifiedOn), d.Hash)
		return p.err
	})
	p.line("")
	p.line("%s confirmed. %s not there yet when this was written.", count(r.written, "version"), wasWere(r.unsent, "change"))
	return errors.Join(err, p.err)
}

// A printer writes lines until the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (r *receipt) csv(ctx context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"confirmed_at", "server", "server_uuid", "laptop_uuid", "resource", "uuid", "title", "deleted", "modified_on", "content", "run"}); err != nil {
		return err
	}
	err := r.each(ctx, func(d core.Delivery) error {
		return out.Write([]string{d.At.String(), r.names[d.RepositoryID], r.uuids[d.RepositoryID], r.node.UUID, string(d.Record.Resource), d.Record.UUID,
			sheet.Harmless(d.Title), yesNo(d.Deleted), d.ModifiedOn.String(), hex.EncodeToString(d.Hash[:]), d.Run})
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

func (r *receipt) json(ctx context.Context, w io.Writer) error {
	type line struct {
		ConfirmedAt core.MTime    `json:"confirmed_at"`
		Server      string        `json:"server"`
		ServerUUID  string        `json:"server_uuid"`
		Resource    core.Resource `json:"resource"`
		UUID        string        `json:"uuid"`
		Title       string        `json:"title"`
		Deleted     bool          `json:"deleted"`
		ModifiedOn  core.MTime    `json:"modified_on"`
		Content     string        `json:"content"`
		Run         string        `json:"run"`
	}
	lines := []line{}
	err := r.each(ctx, func(d core.Delivery) error {
		lines = append(lines, line{d.At, r.names[d.RepositoryID], r.uuids[d.RepositoryID], d.Record.Resource, d.Record.UUID, d.Title, d.Deleted, d.ModifiedOn, d.Hash.String(), d.Run})
		return nil
	})
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{"laptop": r.node.Name, "laptop_uuid": r.node.UUID, "written": core.MTimeOf(time.Now()), "unsent": r.unsent, "deliveries": lines})
}
