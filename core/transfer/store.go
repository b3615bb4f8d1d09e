package transfer

import (
	"context"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/sheet"
)

// A Store is what files are read into and written from.
type Store interface {
	// Node returns this installation: new records get their uuids from it.
	Node(ctx context.Context) (core.Node, error)
	// Import runs fn in one transaction.
	Import(ctx context.Context, fn func(tx intake.Tx) error) error
	Export(ctx context.Context, q responder.ExportQuery, yield func(rec *core.Record) error) (masters int, err error)
	// Schema and Record return core.ErrNotFound for what is not here.
	Schema(ctx context.Context, r core.Resource) (core.Schema, error)
	Record(ctx context.Context, l core.Link) (core.Record, error)
	// Named returns up to limit records in which the words occur.
	Named(ctx context.Context, r core.Resource, words string, limit int) ([]core.Record, error)
	// ResourcesHere lists the resources of which records are here.
	ResourcesHere(ctx context.Context) ([]core.Resource, error)
}

// lookupMost bounds how many records with a similar name are looked at.
const lookupMost = 200

// LookupIn finds records by uuid or by their exact name: of a super-entity those for which
// it stands.
func LookupIn(ctx context.Context, s Store) sheet.Lookup {
	return func(resource core.Resource, text string) ([]core.Link, error) {
		tables := resource.Instances()
		if tables == nil {
			tables = []core.Resource{resource}
		}
		if found := withUUID(ctx, s, tables, text); found != nil {
			return found, nil
		}
		var found []core.Link
		for _, table := range tables {
			recs, err := s.Named(ctx, table, text, lookupMost)
			if err != nil {
				return nil, err
			}
			for i := range recs {
				if strings.EqualFold(strings.TrimSpace(recs[i].Title()), strings.TrimSpace(text)) {
					found = append(found, recs[i].Link())
				}
			}
		}
		return found, nil
	}
}

// withUUID returns the record of one of the tables that has the uuid; nil if none has.
func withUUID(ctx context.Context, s Store, tables []core.Resource, text string) []core.Link {
	if !core.ValidUUID(text) {
		return nil
	}
	for _, table := range tables {
		if table == "" {
			continue
		}
		l := core.Link{Resource: table, UUID: text}
		if _, err := s.Record(ctx, l); err == nil {
			return []core.Link{l}
		}
	}
	return nil
}
