package storage

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// Schema returns what is known of the resource's fields: what a peer said of
// them, else what was seen in the data, with what such records have everywhere;
// core.ErrNotFound if nothing is known. Fetched is set also if a peer was asked and
// has no description.
func (db *DB) Schema(ctx context.Context, resource core.Resource) (s core.Schema, err error) {
	err = db.readBriefly(ctx, "read schema", func(v *view) error {
		var content string
		err := notFound(v.q.QueryRowContext(brief(ctx), `SELECT content FROM schema WHERE resource = ?`, string(resource)).Scan(&content))
		if err == nil {
			err = json.Unmarshal([]byte(content), &s)
		}
		if len(s.Fields) > 0 || err != nil && !errors.Is(err, core.ErrNotFound) {
			return err
		}
		asked := s.Fetched
		s, err = v.guessed(resource, asked != 0)
		s.Fetched = asked
		return err
	})
	return s, err
}

// guessed describes a table that no peer described. Where one may still do so, as asked
// tells, it is what was seen in the data; else such a table has at least what it has
// everywhere. What the records here lack is not demanded of them.
func (v *view) guessed(resource core.Resource, asked bool) (core.Schema, error) {
	tb := v.catalog.tables[resource]
	s, common := core.CommonSchema(resource)
	switch {
	case tb == nil && !common:
		return core.Schema{}, core.ErrNotFound
	case tb == nil:
		return s, nil
	case !common:
		return tb.schema(v.catalog), nil
	}
	seen := tb.schema(v.catalog)
	if !asked {
		waits := false
		err := v.q.QueryRowContext(brief(v.ctx), `SELECT EXISTS (SELECT 1 FROM task t JOIN repository r ON r.id = t.repository_id WHERE t.resource = ? AND r.url <> '')`, string(resource)).Scan(&waits)
		if err != nil || waits {
			return seen, err
		}
	}
	for i, f := range s.Fields {
		if _, has := seen.Field(f.Name); !has {
			s.Fields[i].Required = false
		}
	}
	for _, f := range seen.Fields {
		if _, known := s.Field(f.Name); !known {
			s.Fields = append(s.Fields, f)
		}
	}
	for _, c := range seen.Components {
		if !slices.ContainsFunc(s.Components, func(known core.ComponentSchema) bool { return known.Resource == c.Resource }) {
			s.Components = append(s.Components, c)
		}
	}
	return s, nil
}

// SaveSchema stores what a peer said of a resource's fields. One without fields says
// that it has no description: what was said before stays.
func (db *DB) SaveSchema(ctx context.Context, s core.Schema) error {
	return db.inTx(ctx, "store schema", func(t *tx) error {
		var before core.Schema
		var old string
		err := notFound(t.q().QueryRowContext(ctx, `SELECT content FROM schema WHERE resource = ?`, string(s.Resource)).Scan(&old))
		if err == nil && json.Unmarshal([]byte(old), &before) == nil {
			if len(s.Fields) == 0 {
				s.Label, s.Plural, s.Fields, s.Components = before.Label, before.Plural, before.Fields, before.Components
			}
			if before.Fetched = s.Fetched; !reflect.DeepEqual(before, s) { // the server takes other things now
				if err := t.retryAll(0); err != nil {
					return err
				}
			}
		}
		content, err := json.Marshal(s)
		if err != nil {
			return err
		}
		return t.exec(`INSERT INTO schema (resource, content) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET content = ?2`, string(s.Resource), string(content))
	})
}

// schemaTypes are web2py's words for the kinds of value.
var schemaTypes = map[core.Kind]string{core.String: "string", core.Integer: "integer", core.Number: "double", core.Boolean: "boolean",
	core.Bare: "string", core.JSON: "json", core.Reference: "reference", core.References: "list:reference", core.File: "upload"}

// schema describes the table from the data seen so far.
func (t *table) schema(cat *catalog) core.Schema {
	s := core.Schema{Resource: t.resource}
	for _, c := range t.columns {
		s.Fields = append(s.Fields, core.FieldSchema{Name: c.field, Type: schemaTypes[c.kind], Target: core.Resource(c.target)})
	}
	for _, c := range cat.components(t) {
		_, name := c.resource.Split()
		s.Components = append(s.Components, core.ComponentSchema{Alias: name, Resource: c.resource, Multiple: true})
	}
	return s
}
