package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// namingFields are those by which two records may be taken for one; see sortKey.
var namingFields = []string{"name", "title", "first_name", "code"}

// Namesakes returns of each link the other records of its table with the same name, deleted
// ones among them; see replicate.Store. Each table is looked through.
func (db *DB) Namesakes(ctx context.Context, links []core.Link) (map[core.Link][]core.Link, error) {
	found := make(map[core.Link][]core.Link)
	asked := make(map[core.Resource][]any)
	for _, l := range links {
		asked[l.Resource] = append(asked[l.Resource], uuidValue(l.UUID))
	}
	err := db.read(ctx, "find namesakes", func(v *view) error {
		for resource, uuids := range asked {
			tb := v.catalog.tables[resource]
			if tb == nil || !slices.Contains(namingFields, tb.naming()) {
				continue
			}
			named, err := v.sharingNames(tb, uuids)
			if err != nil {
				return err
			}
			for _, same := range named {
				for _, l := range same {
					if slices.Contains(links, l) && len(same) > 1 {
						found[l] = slices.DeleteFunc(slices.Clone(same), func(o core.Link) bool { return o == l })
					}
				}
			}
		}
		return nil
	})
	return found, err
}

// sharingNames returns the records of those uuids, and all that have one of their names, by
// name.
func (v *view) sharingNames(tb *table, uuids []any) (map[string][]core.Link, error) {
	named := make(map[string][]core.Link)
	key := tb.sortKey("")
	rest := fmt.Sprintf(`WHERE %s IN (SELECT %s FROM %s o WHERE o._uuid IN (%s)) AND r._deleted <> %d`,
		key.of("r."), key.of("o."), tb.sql, marks(len(uuids)), stateAbsent)
	err := v.rows(tb, rest, uuids, func(r *row) error {
		if name := strings.ToLower(r.rec.Title()); name != "" {
			named[name] = append(named[name], r.rec.Link())
		}
		return nil
	})
	return named, err
}
