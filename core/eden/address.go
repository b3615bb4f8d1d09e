package eden

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// maxURL is the length up to which a URL passes every server and proxy met, in
// bytes. Rocket and uWSGI stop at 8 or 4 KiB of head by default; 6,000 was
// served by both as Eden is usually set up.
const maxURL = 6000

// A query collects URL parameters in Eden's order and form: names as they are,
// brackets and all, values percent-encoded.
type query struct{ strings.Builder }

func (q *query) add(name, value string) {
	if q.Len() > 0 {
		q.WriteByte('&')
	}
	q.WriteString(escapeName(name))
	q.WriteByte('=')
	q.WriteString(escape(value))
}

// escape encodes what would end or change a value. Colon and comma stay: they
// are harmless there, and lists of uuids are long enough.
func escape(s string) string {
	return valueEscapes.Replace(url.QueryEscape(s))
}

var valueEscapes = strings.NewReplacer("+", "%20", "%3A", ":", "%2C", ",")

// escapeName encodes only what would break the URL.
func escapeName(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"#%&+<>=`, c) >= 0 {
			b.WriteString(url.QueryEscape(s[i : i+1]))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// at returns the URL of a path below the application.
func (p *Peer) at(path string, q *query) string {
	address := p.base.String() + path
	if q != nil && q.Len() > 0 {
		address += "?" + q.String()
	}
	return address
}

// nativePath is the resource's own controller: "/org/office".
func nativePath(r core.Resource) string {
	prefix, name := r.Split()
	return "/" + prefix + "/" + name
}

func (q *query) page(start, limit int) {
	q.add("start", strconv.Itoa(start))
	q.add("limit", strconv.Itoa(limit))
}

// filters adds a task's filters in the form of the sync protocol:
// "[~]~.name__like=A%2A" (spec eden-sync-protocol §9).
func (q *query) filters(resource core.Resource, filters []core.Filter) {
	for _, f := range filters {
		table := "[" + string(f.Table) + "]"
		if f.Table == "" || f.Table == resource {
			table = "[~]"
		}
		eachCondition(f, func(name, value string) { q.add(table+name, value) })
	}
}

// plainFilters adds the filters of the resource itself in the form of the plain
// export, which knows none for other tables.
func (q *query) plainFilters(resource core.Resource, filters []core.Filter) {
	for _, f := range filters {
		if f.Table == "" || f.Table == resource {
			eachCondition(f, q.add)
		}
	}
}

// eachCondition takes a filter apart as Eden does with the text an administrator
// typed: parameters joined by &, values decoded if they were encoded.
func eachCondition(f core.Filter, fn func(name, value string)) {
	for part := range strings.SplitSeq(f.Query, "&") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || name == "" {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		fn(name, value)
	}
}

// uuidList joins uuids for a "belongs" filter.
func uuidList(uuids []string) string {
	quoted := make([]string, len(uuids))
	for i, u := range uuids {
		if quoted[i] = u; strings.Contains(u, ",") {
			quoted[i] = `"` + u + `"`
		}
	}
	return strings.Join(quoted, ",")
}

// asStored adds to uuids what an Eden may have stored in place of one that is no URN:
// it shows those with its domain before them, and looks for them without (spec
// s3xml-format §9).
func asStored(uuids []string) []string {
	all := make([]string, 0, len(uuids))
	for _, u := range uuids {
		all = append(all, u)
		if _, stored, prefixed := strings.Cut(u, "/"); prefixed && stored != "" && !strings.HasPrefix(u, "urn:") {
			all = append(all, stored)
		}
	}
	return all
}

// chunks cuts uuids, each with those that must be in the same list, so that no URL of
// base length plus a list grows over maxURL, unless a single one does with its company.
func chunks(uuids []string, along map[string][]string, base int) [][]string {
	var out [][]string
	var part []string
	size := base
	for _, u := range uuids {
		group := asStored(append([]string{u}, along[u]...))
		more, n := lacking(part, group)
		if len(part) > 0 && size+n > maxURL {
			out, part, size = append(out, part), nil, base
			more, n = lacking(nil, group)
		}
		part, size = append(part, more...), size+n
	}
	if len(part) > 0 {
		out = append(out, part)
	}
	return out
}

// lacking returns those of a group that a list has not, and what they add to a URL.
func lacking(list, group []string) (more []string, size int) {
	for _, u := range group {
		if !slices.Contains(list, u) && !slices.Contains(more, u) {
			more = append(more, u)
			size += len(escape(u)) + len(`%22%22,`)
		}
	}
	return more, size
}
