package core

import (
	"net/url"
	"slices"
	"strings"
)

// A Filter restricts a task to some records: a URL query in Eden's syntax for
// one table, "~.name__like=A*&~.country=DE" (spec s3xml-format §15,
// eden-sync-protocol §9). The zero Filter matches all.
type Filter struct {
	// Table is the table it applies to; "" for the task's own.
	Table Resource
	// Query is the text as an administrator types it.
	Query string
}

// A Condition is one parameter of a filter's query.
type Condition struct {
	Key      string // as written: "~.name__like!"
	Selector string // "~.name", alternatives separated by |
	Operator string // "eq", "like", …
	Negate   bool
	Value    string // as written, unescaped
}

var operators = []string{"eq", "ne", "lt", "le", "gt", "ge", "like", "belongs", "contains", "anyof", "typeof", "intersects"}

// Conditions returns the parsed query. All of them must hold.
func (f Filter) Conditions() ([]Condition, error) {
	var all []Condition
	for part := range strings.SplitSeq(f.Query, "&") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		key, value, found := strings.Cut(part, "=")
		key, err1 := url.QueryUnescape(strings.TrimSpace(key))
		value, err2 := url.QueryUnescape(value)
		if !found || err1 != nil || err2 != nil {
			return nil, Invalid("filter", "The filter %q is not of the form selector=value. An example: ~.name__like=Red*", part)
		}
		c := Condition{Key: key, Operator: "eq", Value: value}
		c.Selector, c.Negate = strings.CutSuffix(key, "!")
		if selector, op, ok := strings.Cut(c.Selector, "__"); ok && slices.Contains(operators, op) {
			c.Selector, c.Operator = selector, op
		}
		if !strings.Contains(c.Selector, ".") {
			return nil, Invalid("filter", "The filter %q needs a dot, as in ~.name. An example: ~.name__like=Red*", key)
		}
		all = append(all, c)
	}
	return all, nil
}

// Validate checks the filter. The error is a Problem that says what is wrong.
func (f Filter) Validate() error {
	if f.Table != "" && !f.Table.Valid() {
		return Invalid("filter", "%q is not a table name.", f.Table)
	}
	conditions, err := f.Conditions()
	if err != nil {
		return err
	}
	for _, c := range conditions {
		if c.Operator == "typeof" || c.Operator == "intersects" {
			return Invalid("filter", "The operator %s cannot be used here.", c.Operator)
		}
	}
	return nil
}

// Match reports whether rec, a record of the filter's table, satisfies all
// conditions. lookup follows references ("~.organisation_id$name"). A selector
// that leads nowhere has no value: only a comparison with NONE, or a negated one, holds.
func (f Filter) Match(rec *Record, lookup func(Link) (Record, bool)) bool {
	conditions, err := f.Conditions()
	if err != nil {
		return false
	}
	for _, c := range conditions {
		if !c.match(rec, lookup) {
			return false
		}
	}
	return true
}

// MatchAll reports whether rec satisfies all filters that are for its table.
// task is the table that a filter without one means.
func MatchAll(filters []Filter, task Resource, rec *Record, lookup func(Link) (Record, bool)) bool {
	for _, f := range filters {
		table := f.Table
		if table == "" {
			table = task
		}
		if table == rec.Resource && !f.Match(rec, lookup) {
			return false
		}
	}
	return true
}

func (c Condition) match(rec *Record, lookup func(Link) (Record, bool)) bool {
	for alternative := range strings.SplitSeq(c.Selector, "|") {
		if c.holds(selectValues(rec, alternative, lookup)) != c.Negate {
			return true
		}
	}
	return false
}

// selectValues follows one selector, "~.a$b$c", and returns the values at its
// end: several for a list.
func selectValues(rec *Record, selector string, lookup func(Link) (Record, bool)) []string {
	_, path, _ := strings.Cut(selector, ".")
	name, rest, more := strings.Cut(path, "$")
	if !more {
		return fieldValues(rec, name)
	}
	v := rec.Value(name)
	var values []string
	for _, uuid := range v.UUIDs() {
		if lookup == nil {
			continue
		}
		if target, ok := lookup(Link{Resource(v.Aux), uuid}); ok {
			values = append(values, selectValues(&target, "~."+rest, lookup)...)
		}
	}
	return values
}

func fieldValues(rec *Record, name string) []string {
	switch name {
	case "uuid", "uid":
		return []string{rec.UUID}
	case "modified_on":
		return []string{rec.ModifiedOn.String()}
	case "created_on":
		return []string{rec.CreatedOn.String()}
	case "deleted":
		if rec.Deleted {
			return []string{"true"}
		}
		return []string{"false"}
	}
	v := rec.Value(name)
	if v.Kind == References {
		return v.UUIDs()
	}
	if text := string(appendCanonical(nil, v)); text != "" {
		return []string{text}
	}
	return nil
}

// holds compares without regard to negation. A comma in the value is an OR, as
// is a list on the record's side.
func (c Condition) holds(values []string) bool {
	wanted := splitList(c.Value)
	switch c.Operator {
	case "ne":
		return !anyOf(values, wanted, equalText)
	case "lt", "le", "gt", "ge":
		return anyOf(values, wanted, func(have, want string) bool { return ordered(c.Operator, have, want) })
	case "like":
		return anyOf(values, wanted, likeText)
	case "contains":
		for _, w := range wanted {
			if !anyOf(values, []string{w}, equalText) {
				return false
			}
		}
		return true
	}
	return anyOf(values, wanted, equalText)
}

func anyOf(values, wanted []string, fits func(have, want string) bool) bool {
	for _, w := range wanted {
		if w == "NONE" || w == "None" {
			if len(values) == 0 {
				return true
			}
			continue
		}
		for _, v := range values {
			if fits(v, w) {
				return true
			}
		}
	}
	return false
}

func equalText(have, want string) bool {
	return have == want || sameNumber(have, want) || strings.EqualFold(want, have) && (have == "true" || have == "false")
}

func sameNumber(a, b string) bool {
	return isNumber(a) && isNumber(b) && string(appendNumber(nil, a)) == string(appendNumber(nil, b))
}

func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(s, "0123456789.") == "" && strings.Count(s, ".") <= 1 && s != "."
}

func ordered(operator, have, want string) bool {
	cmp := compareText(have, want)
	switch operator {
	case "lt":
		return cmp < 0
	case "le":
		return cmp <= 0
	case "gt":
		return cmp > 0
	}
	return cmp >= 0
}

func compareText(a, b string) int {
	if isNumber(a) && isNumber(b) {
		return compareNumbers(string(appendNumber(nil, a)), string(appendNumber(nil, b)))
	}
	return strings.Compare(a, b)
}

// compareNumbers compares canonical decimals without rounding.
func compareNumbers(a, b string) int {
	negative := strings.HasPrefix(a, "-")
	switch {
	case negative != strings.HasPrefix(b, "-"):
		if negative {
			return -1
		}
		return 1
	case negative:
		return compareNumbers(b[1:], a[1:])
	}
	wholeA, _, _ := strings.Cut(a, ".")
	wholeB, _, _ := strings.Cut(b, ".")
	if len(wholeA) != len(wholeB) {
		return len(wholeA) - len(wholeB)
	}
	return strings.Compare(a, b)
}

// likeText matches * and ? without regard to case, as Eden's "like" does.
func likeText(have, pattern string) bool {
	return wildcard([]rune(strings.ToLower(have)), []rune(strings.ToLower(pattern)))
}

// wildcard matches with one level of backtracking: linear in practice, and at
// worst the product of the lengths.
func wildcard(text, pattern []rune) bool {
	t, p, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t] && pattern[p] != '*'):
			t++
			p++
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case star >= 0:
			mark++
			t, p = mark, star+1
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// splitList splits at commas; a comma inside "…" does not count.
func splitList(s string) []string {
	var items []string
	var item strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && s[i+1] == '"':
			item.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			items = append(items, item.String())
			item.Reset()
		default:
			item.WriteByte(c)
		}
	}
	return append(items, item.String())
}
