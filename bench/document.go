//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// writeXML writes the first table of the dataset as one S3XML document. It
// looks as an Eden writes it: a text without a representation of its own stands
// between the tags, not in an attribute.
func (d *dataset) writeXML(name string) error {
	return toFile(name, func(w *bufio.Writer) error {
		_, err := fmt.Fprintf(w, "<?xml version='1.0' encoding='utf-8'?>\n<s3xml success=\"true\" results=\"%d\" domain=\"eden.example.org\" url=\"http://eden.example.org/eden\">", d.size())
		if err != nil {
			return err
		}
		var b []byte
		d.order(func(i int) bool {
			rec := d.record(0, i)
			b = appendAsEden(b[:0], &rec)
			_, err = w.Write(b)
			return err == nil
		})
		if err != nil {
			return err
		}
		_, err = w.WriteString("</s3xml>")
		return err
	})
}

// appendAsEden appends a record. What needs no rewriting is our own encoder's.
func appendAsEden(b []byte, rec *core.Record) []byte {
	head := *rec
	head.Fields, head.Components = nil, nil
	b = s3xml.AppendRecord(b, &head)
	b = append(b[:len(b)-len("/>")], '>')
	for i := range rec.Fields {
		b = appendFieldAsEden(b, rec, &rec.Fields[i])
	}
	for i := range rec.Components {
		b = appendAsEden(b, &rec.Components[i])
	}
	return append(b, "</resource>"...)
}

func appendFieldAsEden(b []byte, rec *core.Record, f *core.Field) []byte {
	if f.Value.Kind == core.String && f.Text == "" {
		b = append(append(append(b, `<data field="`...), f.Name...), `">`...)
		return append(appendText(b, f.Value.Str), "</data>"...)
	}
	one := core.Record{Resource: rec.Resource, UUID: rec.UUID, MCI: -1, Fields: []core.Field{*f}}
	from := len(b)
	b = s3xml.AppendRecord(b, &one)
	open := from
	for b[open] != '>' {
		open++
	}
	return append(b[:from], b[open+1:len(b)-len("</resource>")]...)
}

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		switch s[i] {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		default:
			b = append(b, s[i])
		}
	}
	return b
}

// writeJSON writes the same records as one JSON object a line, as a database of
// documents would hold them.
func (d *dataset) writeJSON(name string) error {
	return toFile(name, func(w *bufio.Writer) error {
		var failed error
		d.order(func(i int) bool {
			rec := d.record(0, i)
			line, err := json.Marshal(asObject(&rec))
			if err == nil {
				_, err = w.Write(append(line, '\n'))
			}
			failed = err
			return err == nil
		})
		return failed
	})
}

// asObject is a record as a plain object: its fields by name, a representation
// beside the value where there is one, components as lists.
func asObject(rec *core.Record) map[string]any {
	o := map[string]any{"_id": rec.UUID, "mci": rec.MCI, "created_on": rec.CreatedOn.String(), "modified_on": rec.ModifiedOn.String()}
	if rec.CreatedBy != "" {
		o["created_by"], o["modified_by"] = rec.CreatedBy, rec.ModifiedBy
	}
	for i := range rec.Fields {
		f := &rec.Fields[i]
		var v any = f.Value.Str
		switch f.Value.Kind {
		case core.Integer:
			v = json.Number(f.Value.Str)
		case core.Boolean:
			v = f.Value.Str == "true"
		}
		if f.Text != "" {
			v = map[string]any{"v": v, "t": f.Text}
		}
		o[f.Name] = v
	}
	for i := range rec.Components {
		c := &rec.Components[i]
		o[string(c.Resource)] = []any{asObject(c)}
	}
	return o
}

// toFile writes a file in one go; what stands under the name is whole.
func toFile(name string, write func(w *bufio.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "part-")
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
