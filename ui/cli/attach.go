package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
)

// maxAttachment is the largest file that can be sent within a document, in
// bytes; replicate.Tuning has the same.
const maxAttachment = 10 << 20

func (c *commands) recordsAttach() *cobra.Command {
	var newField bool
	cmd := &cobra.Command{
		Use:     "attach TABLE UUID FIELD FILE",
		Short:   "Put a file into a field of a record",
		Long:    "Copies a file into the data folder and makes it the content of an upload field. It is sent with the next sync; at most 10 MiB.",
		Example: `  fieldsync records attach doc_document urn:uuid:5e7c… file report.pdf`,
		Args:    cobra.ExactArgs(4),
	}
	cmd.Flags().BoolVar(&newField, "new-field", false, "allow a field that the table is not known to have")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		rec, err := existing(ctx, n.Store, args)
		if err != nil {
			return err
		}
		field, err := uploadField(ctx, n.Store, &rec, args[2], newField)
		if err != nil {
			return err
		}
		content, err := readAttachment(args[3])
		if err != nil {
			return err
		}
		name := otherName(filepath.Base(args[3]), rec.Value(field).Aux)
		a := core.Attachment{Record: rec.Link(), Field: field, Name: name}
		if err := n.Store.SaveAttachment(ctx, a, content); err != nil {
			return err
		}
		rec, _, err = c.change(ctx, n.Store, args, func(rec *core.Record) (bool, error) {
			rec.Set(core.Field{Name: field, Value: core.Value{Kind: core.File, Aux: name}})
			return true, nil
		})
		if err != nil {
			return err
		}
		return c.saved(ctx, n.Store, "Changed", &rec)
	})
	return c.withJSON(cmd)
}

func (c *commands) recordsFile() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "file TABLE UUID FIELD [TO]",
		Short: "Get the file that is in a field of a record",
		Long:  "Writes the file to TO; without it, to the current folder under its own name. A file that is there is not overwritten.",
		Args:  cobra.RangeArgs(3, 4),
	}
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, args []string) error {
		rec, err := existing(ctx, n.Store, args)
		if err != nil {
			return err
		}
		a, content, err := n.Store.Attachment(ctx, rec.Link(), args[2])
		if errors.Is(err, core.ErrNotFound) {
			return core.Invalid("field", fmt.Sprintf("There is no file in %s here. If the server has one, it comes with the next sync.", args[2]))
		}
		if err != nil {
			return err
		}
		to := plainName(a.Name)
		if len(args) == 4 {
			to = args[3]
		}
		f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return core.Invalid("to", fmt.Sprintf("%s is there already. Give another name.", to))
		}
		if err == nil {
			_, err = f.Write(content)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return core.Invalid("to", fmt.Sprintf("%s cannot be written.", to))
		}
		c.say("Wrote %s (%d bytes).", to, len(content))
		return nil
	})
	return cmd
}

// existing returns the living record that TABLE UUID name.
func existing(ctx context.Context, s Store, args []string) (core.Record, error) {
	l, err := link(args)
	if err != nil {
		return core.Record{}, err
	}
	rec, err := s.Record(ctx, l)
	if errors.Is(err, core.ErrNotFound) {
		return rec, core.Invalid("uuid", fmt.Sprintf("There is no record %s in %s.", l.UUID, l.Resource))
	}
	if err == nil && rec.Deleted {
		err = core.Invalid("uuid", "This record is deleted. Restore it first: fieldsync records restore "+args[0]+" "+args[1])
	}
	return rec, err
}

// uploadField checks that the field holds files: as the table's schema says, or
// as the record shows.
func uploadField(ctx context.Context, s Store, rec *core.Record, name string, newField bool) (string, error) {
	schema, err := s.Schema(ctx, rec.Resource)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return "", err
	}
	f, known := schema.Field(name)
	switch {
	case rec.Value(name).Kind == core.File, known && f.Type == "upload", !known && newField && core.ValidField(name):
		return name, nil
	}
	var uploads []string
	for _, f := range schema.Fields {
		if f.Type == "upload" {
			uploads = append(uploads, f.Name)
		}
	}
	if len(uploads) == 0 {
		return "", core.Invalid("field", fmt.Sprintf("%s is not known to have a field for files. If the server has one, add --new-field.", rec.Resource))
	}
	return "", core.Invalid("field", fmt.Sprintf("%s is not a field for files. There are: %s.", name, strings.Join(uploads, ", ")))
}

func readAttachment(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder")
	}
	if err == nil && info.Size() > maxAttachment {
		return nil, core.Invalid("file", fmt.Sprintf("%s has %d MiB. At most %d MiB can be sent.", path, info.Size()>>20, maxAttachment>>20))
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, &core.Problem{Kind: core.FileUnreadable, Subject: path, Err: err}
	}
	return content, nil
}

// otherName returns name, or one like it if the field had a file of that name: a
// server takes a file of the same name for the same file.
func otherName(name, before string) string {
	if name != before {
		return name
	}
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + " (new)" + ext
}

// plainName keeps a file's name, which a stranger gave, from being a path.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:`, r) {
			return '_'
		}
		return r
	}, name)
	if strings.Trim(name, ".") == "" {
		return "file"
	}
	return name
}
