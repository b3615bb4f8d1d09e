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

// LookupIn finds records by uuid or by their exact name.
func LookupIn(ctx context.Context, s Store) sheet.Lookup {
	return func(resource core.Resource, text string) ([]string, error) {
		if resource != "" && core.ValidUUID(text) {
			if _, err := s.Record(ctx, core.Link{Resource: resource, UUID: text}); err == nil {
				return []string{text}, nil
			}
		}
		recs, err := s.Named(ctx, resource, text, lookupMost)
		if err != nil {
			return nil, err
		}
		var uuids []string
		for i := range recs {
			if strings.EqualFold(strings.TrimSpace(recs[i].Title()), strings.TrimSpace(text)) {
				uuids = append(uuids, recs[i].UUID)
			}
		}
		return uuids, nil
	}
}
