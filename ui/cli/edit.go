package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/sheet"
	"github.com/fieldsync/fieldsync/core/transfer"
)

const fieldsHelp = `Fields are given as name=value. References are given by uuid or by name, choices by value or label, dates as 2026-12-31,
lists with semicolons; "name=" clears a field.`

func (c *commands) recordsSet() *cobra.Command {
	var newFields bool
	cmd := &cobra.Command{
		Use:     "set TABLE UUID FIELD=VALUE…",
		Short:   "Change fields of a record",
		Long:    "Changes fields of a record. The change is sent with the next sync.\n\n" + fieldsHelp,
		Example: `  fieldsync records set org_office urn:uuid:5e7c… name="Kathmandu office" phone1="+977 1 123456"`,
		Args:    cobra.MinimumNArgs(3),
	}
	newFieldFlag(cmd, &newFields)
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		rec, changed, err := c.change(ctx, n.Store, args, func(rec *core.Record) (bool, error) { return assign(ctx, n.Store, rec, args[2:], newFields) })
		if err != nil {
			return err
		}
		if !changed {
			c.say("Nothing to change: the record has these values already.")
			return nil
		}
		return c.saved(ctx, n.Store, "Changed", &rec)
	})
	return c.withJSON(cmd)
}

// changeTries is how often a change is made anew of a record that another process, or a
// sync, changes at the same moment.
const changeTries = 5

// change makes a change of a record that exists: of the version that stands when it is
// stored, so that nothing is taken back that came in between. changed is false if there
// was nothing to store.
func (c *commands) change(ctx context.Context, s Store, args []string, do func(*core.Record) (changed bool, err error)) (rec core.Record, changed bool, err error) {
	for range changeTries {
		if rec, err = existing(ctx, s, args); err != nil {
			return rec, false, err
		}
		seen := rec.Hash()
		if changed, err = do(&rec); err != nil || !changed {
			return rec, false, err
		}
		if err = s.Save(ctx, rec, seen, c.app.Person()); !core.IsKind(err, core.InvalidSetting) || core.AsProblem(err).Subject != "record" {
			break
		}
	}
	return rec, err == nil, err
}

func (c *commands) recordsNew() *cobra.Command {
	var master, alias string
	var newFields bool
	cmd := &cobra.Command{
		Use:   "new TABLE FIELD=VALUE…",
		Short: "Add a record",
		Long:  "Adds a record. It gets its uuid now, for ever, and is sent with the next sync.\n\n" + fieldsHelp,
		Example: `  fieldsync records new org_office name="Pokhara office" organisation_id="Nepal Red Cross"
  fieldsync records new pr_contact --master pr_person/urn:uuid:5e7c… contact_method=SMS value="+977 1 123456"`,
		Args: cobra.MinimumNArgs(2),
	}
	newFieldFlag(cmd, &newFields)
	cmd.Flags().StringVar(&master, "master", "", "for a component: the record it belongs to, as TABLE/UUID")
	cmd.Flags().StringVar(&alias, "alias", "", "for a component: the name under which the server nests it, if it has several of that table")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		resource, err := table(args[0])
		if err != nil {
			return err
		}
		if resource.Private() {
			return core.Invalid("resource", fmt.Sprintf("%s holds accounts or settings. Such tables are never exchanged.", resource))
		}
		node, err := n.Store.Node(ctx)
		if err != nil {
			return err
		}
		rec := core.Record{Resource: resource, UUID: node.NewUUID(), Alias: alias}
		if rec.Master, err = masterLink(ctx, n.Store, master); err != nil {
			return err
		}
		if _, err := assign(ctx, n.Store, &rec, args[1:], newFields); err != nil {
			return err
		}
		alike, err := sameName(ctx, n.Store, &rec)
		if err != nil {
			return err
		}
		if err := n.Store.Save(ctx, rec, core.Hash{}, c.app.Person()); err != nil {
			return err
		}
		if alike != "" {
			c.note("Note: %s has a record of this name already, %s. Most servers tell records apart by their uuid, not by their name. If you mean that one, make one of them: fieldsync records merge %s %s %s\n",
				resource, alike, resource, rec.UUID, alike)
		}
		return c.saved(ctx, n.Store, "Added", &rec)
	})
	return c.withJSON(cmd)
}

// alikeMost bounds how many records with a similar name are looked at.
const alikeMost = 200

// sameName returns the uuid of a living record of the same table and name, ""
// if there is none: an Eden would keep both (spec eden-observed, "Lookup
// records").
func sameName(ctx context.Context, s Store, rec *core.Record) (uuid string, err error) {
	title := strings.TrimSpace(rec.Title())
	if title == "" || !rec.Master.IsZero() {
		return "", nil
	}
	recs, err := s.Records(ctx, RecordQuery{Resource: rec.Resource, Words: title, Limit: alikeMost})
	for i := range recs {
		if strings.EqualFold(strings.TrimSpace(recs[i].Title()), title) {
			return recs[i].UUID, err
		}
	}
	return "", err
}

func newFieldFlag(cmd *cobra.Command, newFields *bool) {
	cmd.Flags().BoolVar(newFields, "new-field", false, "allow fields that the table is not known to have; they are texts")
}

// saved tells what was done to a record, and if it will go nowhere.
func (c *commands) saved(ctx context.Context, s Store, verb string, rec *core.Record) error {
	stays, err := staysHere(ctx, s, rec)
	if err != nil {
		return err
	}
	if stays {
		c.note("Note: %[1]s is not among the tables that are sent to a server, so this stays on this laptop. To send it: fieldsync resource add REPOSITORY %[1]s\n", rec.Resource)
	}
	if c.json {
		return c.printJSON(map[string]any{"resource": rec.Resource, "uuid": rec.UUID, "title": rec.Title()})
	}
	c.say("%s %s %s: %s", verb, rec.Resource, rec.UUID, orDash(oneLine(rec.Title())))
	return nil
}

// staysHere reports whether there are servers, but none to which the record's
// table, or that of its master, is sent, and nobody who may fetch it.
func staysHere(ctx context.Context, s Store, rec *core.Record) (bool, error) {
	repos, err := s.Repositories(ctx)
	if err != nil || len(repos) == 0 {
		return false, err
	}
	shared, err := s.Shared(ctx)
	if err != nil {
		return false, err
	}
	sent := make(map[core.Resource]bool)
	for _, r := range shared {
		sent[r] = true
	}
	for _, r := range repos {
		tasks, err := s.Tasks(ctx, r.ID)
		if err != nil {
			return false, err
		}
		for _, t := range tasks {
			sent[t.Resource] = sent[t.Resource] || t.Mode.Pushes()
		}
	}
	return !sent[rec.Resource] && !sent[rec.Master.Resource], nil
}

func masterLink(ctx context.Context, s Store, text string) (core.Link, error) {
	if text == "" {
		return core.Link{}, nil
	}
	name, uuid, _ := strings.Cut(text, "/")
	l, err := link([]string{name, uuid})
	if err != nil {
		return l, err
	}
	if _, err := s.Record(ctx, l); errors.Is(err, core.ErrNotFound) {
		return l, core.Invalid("master", fmt.Sprintf("There is no record %s in %s.", uuid, name))
	} else if err != nil {
		return l, err
	}
	return l, nil
}

// assign puts name=value texts into rec by the table's schema and reports
// whether that changed anything.
func assign(ctx context.Context, s Store, rec *core.Record, texts []string, newFields bool) (changed bool, err error) {
	schema, err := s.Schema(ctx, rec.Resource)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return false, err
	}
	for _, text := range texts {
		name, value, found := strings.Cut(text, "=")
		if !found || !core.ValidField(name) {
			return false, core.Invalid("field", fmt.Sprintf("%q is not of the form name=value.", text))
		}
		field, known := schema.Field(name)
		if !known {
			// A schema that was only seen in the data, or of a peer that knows no
			// more itself, may lack fields that the table has.
			if !newFields && !schema.Fetched.IsZero() && len(schema.Fields) > 0 {
				return false, core.Invalid(name, fmt.Sprintf("%s has no field %q. It has: %s. If you know better, add --new-field.", rec.Resource, name, fieldNames(schema)))
			}
			field = core.FieldSchema{Name: name, Type: "string"}
		}
		v, err := sheet.ParseValue(field, value, transfer.LookupIn(ctx, s))
		if err != nil {
			return false, err
		}
		present, has := rec.Field(name)
		if has && core.SameValue(present.Value, v) || !has && v.Kind == core.Null {
			continue
		}
		rec.Set(core.Field{Name: name, Value: v})
		changed = true
	}
	return changed, nil
}

func fieldNames(schema core.Schema) string {
	var names []string
	for _, f := range schema.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func (c *commands) recordsDelete() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete TABLE UUID",
		Short: "Delete a record; it can be restored",
		Long:  "Deletes a record with its components. The deletion travels with the next sync. The record stays in the history and can be restored.",
		Args:  cobra.ExactArgs(2),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		l, err := link(args)
		if err != nil {
			return err
		}
		rec, err := n.Store.Record(ctx, l)
		if errors.Is(err, core.ErrNotFound) || err == nil && rec.Deleted {
			return core.Invalid("uuid", fmt.Sprintf("There is no record %s in %s.", l.UUID, l.Resource))
		}
		if err != nil {
			return err
		}
		along, err := n.Store.Delete(ctx, l, c.app.Person())
		if err != nil {
			return err
		}
		if err := c.saved(ctx, n.Store, "Deleted", &rec); err != nil || along == 0 || c.json {
			return err
		}
		c.say("Deleted with it: %s. Restoring it brings back what was deleted with it.", count(along, "component"))
		return nil
	})
	return c.withJSON(cmd)
}

func (c *commands) recordsRestore() *cobra.Command {
	var version int64
	cmd := &cobra.Command{
		Use:   "restore TABLE UUID",
		Short: "Bring a deleted record or a former version back",
		Long:  "Brings back the version before the present one, or any other of the history by its number. See: fieldsync records show TABLE UUID --history",
		Args:  cobra.ExactArgs(2),
	}
	cmd.Flags().Int64Var(&version, "version", 0, "the number in the history (default: the newest one that is not a deletion)")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		l, err := link(args)
		if err != nil {
			return err
		}
		present, err := n.Store.Record(ctx, l)
		if errors.Is(err, core.ErrNotFound) {
			return core.Invalid("uuid", fmt.Sprintf("There is no record %s in %s.", l.UUID, l.Resource))
		}
		if err != nil {
			return err
		}
		if !present.Master.IsZero() {
			if above, err := n.Store.Record(ctx, present.Master); err == nil && above.Deleted && above.ReplacedBy == "" {
				return core.Invalid("uuid", fmt.Sprintf("This belongs to %s %s, which is deleted, too. Restore that first: fieldsync records restore %s %s", above.Resource, above.UUID, above.Resource, above.UUID))
			}
		}
		if version == 0 && present.Deleted {
			err = n.Store.Undelete(ctx, l, c.app.Person())
		} else {
			err = restoreVersion(ctx, n.Store, l, version, c.app.Person())
		}
		if err != nil {
			return err
		}
		if present, err = n.Store.Record(ctx, l); err != nil {
			return err
		}
		return c.saved(ctx, n.Store, "Restored", &present)
	})
	return c.withJSON(cmd)
}

func restoreVersion(ctx context.Context, s Store, l core.Link, id int64, by string) error {
	versions, err := s.History(ctx, l)
	if err != nil {
		return err
	}
	v, err := chooseVersion(versions, id)
	if err != nil {
		return err
	}
	return s.Restore(ctx, v.ID, by)
}

// chooseVersion picks from a history, which is newest first.
func chooseVersion(versions []core.Version, id int64) (core.Version, error) {
	for _, v := range versions {
		if id == 0 && !v.Record.Deleted || id == v.ID {
			return v, nil
		}
	}
	return core.Version{}, core.Invalid("version", "There is no such version of this record in the history.")
}
