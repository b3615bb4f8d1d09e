package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
)

func (c *commands) recordsCommand() *cobra.Command {
	return group("records", "Look up, add, change, merge, delete and restore records",
		c.recordsList(), c.recordsShow(), c.recordsSearch(), c.recordsSet(), c.recordsNew(), c.recordsDelete(), c.recordsRestore(), c.recordsMerge(), c.recordsAttach(), c.recordsFile())
}

func (c *commands) recordsList() *cobra.Command {
	var q RecordQuery
	cmd := &cobra.Command{
		Use:   "list [TABLE]",
		Short: "List the records of a table, or the tables",
		Args:  cobra.MaximumNArgs(1),
	}
	flags := cmd.Flags()
	flags.IntVar(&q.Limit, "limit", 50, "how many; 0 is all")
	flags.IntVar(&q.Offset, "offset", 0, "leave out this many at the beginning")
	flags.BoolVar(&q.Deleted, "deleted", false, "the deleted ones, which can be restored")
	flags.BoolVar(&q.Unsent, "unsent", false, "only those that are not at every server yet")
	cmd.MarkFlagsMutuallyExclusive("deleted", "unsent")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		if len(args) == 0 {
			tables, err := n.Store.Tables(ctx)
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(append([]Table{}, tables...))
			}
			return c.showTables(tables)
		}
		var err error
		if q.Resource, err = table(args[0]); err != nil {
			return err
		}
		recs, err := n.Store.Records(ctx, q)
		if err != nil {
			return err
		}
		return c.showRecords(recs)
	})
	return c.withJSON(cmd)
}

func (c *commands) recordsSearch() *cobra.Command {
	q := RecordQuery{}
	var resource string
	cmd := &cobra.Command{
		Use:     "search WORDS…",
		Short:   "Find records by the beginnings of words in any field",
		Example: "  fieldsync records search kathm off\n  fieldsync records search --resource pr_person \"Amina\"",
		Args:    cobra.MinimumNArgs(1),
	}
	cmd.Flags().StringVar(&resource, "resource", "", "only in this table")
	cmd.Flags().IntVar(&q.Limit, "limit", 50, "how many")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		if resource != "" {
			var err error
			if q.Resource, err = table(resource); err != nil {
				return err
			}
		}
		q.Words = strings.Join(args, " ")
		recs, err := n.Store.Records(ctx, q)
		if err != nil {
			return err
		}
		return c.showRecords(recs)
	})
	return c.withJSON(cmd)
}

func (c *commands) showRecords(recs []core.Record) error {
	if c.json {
		out := make([]any, 0, len(recs))
		for i := range recs {
			out = append(out, recordJSON(&recs[i]))
		}
		return c.printJSON(out)
	}
	if len(recs) == 0 {
		c.say("No such record is here. “fieldsync records list” shows the tables that have some.")
		return nil
	}
	rows := [][]string{{"TABLE", "UUID", "NAME", "CHANGED"}}
	for i := range recs {
		r := &recs[i]
		rows = append(rows, []string{string(r.Resource), r.UUID, orDash(r.Title()), when(r.ModifiedOn)})
	}
	return c.table(rows)
}

func (c *commands) recordsShow() *cobra.Command {
	var history bool
	cmd := &cobra.Command{
		Use:   "show TABLE UUID",
		Short: "Show a record with its components; with --history its former versions",
		Args:  cobra.ExactArgs(2),
	}
	cmd.Flags().BoolVar(&history, "history", false, "show the former versions")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		l, err := link(args)
		if err != nil {
			return err
		}
		rec, err := wholeRecord(ctx, n.Store, l)
		if err != nil {
			return err
		}
		if history {
			versions, err := n.Store.History(ctx, l)
			if err != nil {
				return err
			}
			return c.showHistory(versions)
		}
		if c.json {
			return c.printJSON(recordJSON(&rec))
		}
		c.showRecord(&rec, "")
		return nil
	})
	return c.withJSON(cmd)
}

func (c *commands) showHistory(versions []core.Version) error {
	if c.json {
		out := make([]any, 0, len(versions))
		for i := range versions {
			v := &versions[i]
			out = append(out, map[string]any{"version": v.ID, "record": recordJSON(&v.Record), "replaced_by": v.Change.Rule, "by": v.Change.By, "run": v.Change.Run, "at": v.Change.At})
		}
		return c.printJSON(out)
	}
	rows := [][]string{{"VERSION", "CHANGED", "NAME", "REPLACED", "BY", "BECAUSE"}}
	for i := range versions {
		v := &versions[i]
		rows = append(rows, []string{fmt.Sprint(v.ID), when(v.Record.ModifiedOn), orDash(v.Record.Title()), when(v.Change.At), orDash(v.Change.By), v.Change.Rule})
	}
	return c.table(rows)
}

// showRecord prints a record, its components indented below it.
func (c *commands) showRecord(rec *core.Record, indent string) {
	deleted := ""
	if rec.Deleted {
		deleted = " (deleted)"
	}
	c.say("%s%s %s%s", indent, rec.Resource, rec.UUID, deleted)
	for _, f := range rec.Fields {
		text := f.Display()
		if f.Text != "" && f.Text != f.Value.Str && f.Value.Kind != core.File {
			text += " (" + f.Value.Str + ")"
		}
		c.say("%s  %-24s %s", indent, f.Name, strings.ReplaceAll(safe(text), "\n", "\n"+indent+strings.Repeat(" ", 27)))
	}
	c.say("%s  %-24s %s", indent, "changed", strings.TrimSpace(when(rec.ModifiedOn)+" "+safe(rec.ModifiedBy)))
	for i := range rec.Components {
		c.showRecord(&rec.Components[i], indent+"  ")
	}
}

// safe takes control characters out of a text, but keeps its lines.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}

// wholeRecord returns a record with its components, deleted or not.
func wholeRecord(ctx context.Context, s Store, l core.Link) (core.Record, error) {
	var found *core.Record
	_, err := s.Export(ctx, responder.ExportQuery{Resource: l.Resource, UUIDs: []string{l.UUID}}, func(rec *core.Record) error {
		r := rec.Clone()
		found = &r
		return nil
	})
	if err != nil {
		return core.Record{}, err
	}
	if found != nil {
		return *found, nil
	}
	rec, err := s.Record(ctx, l)
	if errors.Is(err, core.ErrNotFound) {
		return rec, core.Invalid("uuid", fmt.Sprintf("There is no record %s in %s.", l.UUID, l.Resource))
	}
	return rec, err
}

// table checks a table's name.
func table(name string) (core.Resource, error) {
	r := core.Resource(name)
	if !r.Valid() {
		return "", core.Invalid("resource", fmt.Sprintf("%q is not a table name. Table names look like org_organisation.", name))
	}
	return r, nil
}

// link reads TABLE and UUID from the command line.
func link(args []string) (core.Link, error) {
	r, err := table(args[0])
	if err != nil {
		return core.Link{}, err
	}
	if !core.ValidUUID(args[1]) {
		return core.Link{}, core.Invalid("uuid", fmt.Sprintf("%q is not a uuid. See the uuids of the records: fieldsync records list %s", args[1], r))
	}
	return core.Link{Resource: r, UUID: args[1]}, nil
}

// recordJSON is a record for a script: values as they are, texts beside them.
func recordJSON(rec *core.Record) any {
	fields := make(map[string]string, len(rec.Fields))
	texts := make(map[string]string)
	for _, f := range rec.Fields {
		fields[f.Name] = f.Value.Str
		if f.Text != "" {
			texts[f.Name] = f.Text
		}
	}
	components := make([]any, 0, len(rec.Components))
	for i := range rec.Components {
		components = append(components, recordJSON(&rec.Components[i]))
	}
	return struct {
		Resource   core.Resource     `json:"resource"`
		UUID       string            `json:"uuid"`
		Title      string            `json:"title"`
		Master     string            `json:"master,omitempty"`
		Deleted    bool              `json:"deleted"`
		ModifiedOn core.MTime        `json:"modified_on"`
		ModifiedBy string            `json:"modified_by"`
		MCI        int               `json:"mci"`
		Fields     map[string]string `json:"fields"`
		Texts      map[string]string `json:"texts"`
		Components []any             `json:"components"`
	}{rec.Resource, rec.UUID, rec.Title(), rec.Master.UUID, rec.Deleted, rec.ModifiedOn, rec.ModifiedBy, rec.MCI, fields, texts, components}
}
