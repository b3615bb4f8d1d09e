package edentest

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A condition is one URL filter: field, operator, alternatives. Conditions the
// server cannot resolve are never made: Eden ignores them.
type condition struct {
	field  string
	op     string
	values []string
	negate bool
}

// syncFilters reads "[tbl]selector=value" parameters; master stands for ~.
func syncFilters(query url.Values, master core.Resource) map[core.Resource][]condition {
	out := map[core.Resource][]condition{}
	for key, values := range query {
		table, selector, ok := strings.Cut(strings.TrimPrefix(key, "["), "]")
		if !ok || !strings.HasPrefix(key, "[") {
			continue
		}
		resource := core.Resource(table)
		if table == "~" || table == "" {
			resource = master
		}
		out[resource] = append(out[resource], conditions(selector, values)...)
	}
	return out
}

// plainFilters reads "~.name=X" parameters of the resource's own controller.
func plainFilters(query url.Values) []condition {
	var out []condition
	for key, values := range query {
		if !strings.HasPrefix(key, "[") {
			out = append(out, conditions(key, values)...)
		}
	}
	return out
}

// conditions makes one condition a value; a selector without a dot is none.
func conditions(selector string, values []string) []condition {
	c := condition{op: "eq"}
	selector, c.negate = strings.CutSuffix(selector, "!")
	_, field, ok := strings.Cut(selector, ".")
	if !ok || strings.Contains(field, "$") {
		return nil
	}
	if name, op, found := strings.Cut(field, "__"); found {
		field, c.op = name, op
	}
	c.field = field
	var out []condition
	for _, v := range values {
		c.values = alternatives(v)
		out = append(out, c)
	}
	return out
}

// alternatives splits at commas outside of quotes.
func alternatives(v string) []string {
	var out []string
	quoted, start := false, 0
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '"':
			quoted = !quoted
		case v[i] == ',' && !quoted:
			out = append(out, strings.Trim(v[start:i], `"`))
			start = i + 1
		}
	}
	return append(out, strings.Trim(v[start:], `"`))
}

// matches reports whether the record meets all conditions. A field that the
// table does not seem to have makes no condition.
func matches(rec *core.Record, conds []condition) bool {
	for _, c := range conds {
		if !c.matches(rec) {
			return false
		}
	}
	return true
}

func (c condition) matches(rec *core.Record) bool {
	value := rec.UUID
	if c.field != "uuid" && c.field != "uid" {
		f, ok := rec.Field(c.field)
		if !ok && !rec.Deleted && len(rec.Fields) > 0 {
			return !strings.Contains(knownFields, " "+c.field+" ")
		}
		value = f.Value.Str
	}
	hit := slices.ContainsFunc(c.values, func(want string) bool { return c.compare(value, want) })
	return hit != c.negate
}

// knownFields are the names for which an absent value is null rather than an
// unresolvable selector.
const knownFields = " name acronym first_name last_name country code comments website "

func (c condition) compare(value, want string) bool {
	switch c.op {
	case "eq", "belongs":
		return value == want
	case "ne":
		return value != want
	case "like":
		ok, err := path.Match(strings.ToLower(strings.ReplaceAll(want, "/", "\x01")), strings.ToLower(strings.ReplaceAll(value, "/", "\x01")))
		return err == nil && ok
	case "lt":
		return value < want
	case "le":
		return value <= want
	case "gt":
		return value > want
	case "ge":
		return value >= want
	}
	return true
}
