package edentest

import (
	"fmt"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// tree writes the failed records as S3JSON with their errors (corpus 37).
func tree(failed []failure) string {
	var tables []core.Resource
	rows := map[core.Resource][]string{}
	for _, f := range failed {
		if rows[f.rec.Resource] == nil {
			tables = append(tables, f.rec.Resource)
		}
		rows[f.rec.Resource] = append(rows[f.rec.Resource], f.json())
	}
	var parts []string
	for _, t := range tables {
		parts = append(parts, fmt.Sprintf(`"$_%s":[%s]`, t, strings.Join(rows[t], ",")))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (f failure) json() string {
	var parts []string
	for _, d := range f.rec.Fields {
		parts = append(parts, f.field(d))
	}
	parts = append(parts, `"@uuid":`+jsonText(f.rec.UUID))
	if !f.rec.ModifiedOn.IsZero() {
		parts = append(parts, `"@modified_on":`+jsonText(f.rec.ModifiedOn.String()))
	}
	parts = append(parts, `"@error":`+jsonText(f.err))
	return "{" + strings.Join(parts, ",") + "}"
}

func (f failure) field(d core.Field) string {
	problem := ""
	if e := f.fields[d.Name]; e != "" {
		problem = `,"@error":` + jsonText(e)
	}
	if d.Value.Kind == core.Reference {
		return fmt.Sprintf(`"$k_%s":{"@resource":%s,"@uuid":%s%s}`, d.Name, jsonText(d.Value.Aux), jsonText(d.Value.Str), problem)
	}
	return fmt.Sprintf(`%s:{"@value":%s%s}`, jsonText(d.Name), jsonText(d.Value.Str), problem)
}
