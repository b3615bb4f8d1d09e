package responder

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

const (
	maxParameters = 500
	maxUUIDs      = 1000 // asked for by one request
)

// A query is the parameters of a request in their order. Eden sends brackets,
// tildes and commas raw, and repeats keys (spec eden-sync-protocol §9).
type query []parameter

type parameter struct{ key, value string }

// parseQuery reads a query string. What is badly percent-encoded is taken to
// the letter, as Eden does.
func parseQuery(raw string) (query, error) {
	var q query
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		if len(q) >= maxParameters {
			return nil, badRequest("Too many parameters")
		}
		key, value, _ := strings.Cut(part, "=")
		q = append(q, parameter{unescape(key), unescape(value)})
	}
	return q, nil
}

func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

// get returns the first value of the key, "" if there is none.
func (q query) get(key string) string {
	value, _ := q.lookup(key)
	return value
}

func (q query) lookup(key string) (string, bool) {
	for _, p := range q {
		if p.key == key {
			return p.value, true
		}
	}
	return "", false
}

// msince returns the parameter of that name, zero if it is absent. Eden ignores
// any other form than its own and answers with the whole table; here it is an
// error, because the caller surely did not mean that (spec §18.2.6).
func (q query) msince() (core.MTime, error) {
	var text string
	for _, p := range q {
		switch {
		case p.key != "msince":
		case text != "" && p.value != text:
			return 0, badRequest("msince is given twice")
		default:
			text = p.value
		}
	}
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil || len(text) != len("2006-01-02T15:04:05") {
		return 0, badRequest(fmt.Sprintf("msince must be a UTC time like 2006-01-02T15:04:05, not %.40q", text))
	}
	return core.MTimeOf(t), nil
}

// page returns start and limit, -1 for each that is absent.
func (q query) page() (start, limit int, err error) {
	if start, err = q.number("start"); err != nil {
		return 0, 0, err
	}
	limit, err = q.number("limit")
	return start, limit, err
}

func (q query) number(key string) (int, error) {
	text, ok := q.lookup(key)
	if !ok {
		return -1, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, badRequest(fmt.Sprintf("%s must be a whole number, not %.40q", key, text))
	}
	return int(n), nil
}

// filters returns the filters of the request: "[tbl]selector=value" as Eden's
// sync sends them, and with native also plain "~.selector=value". Selectors of
// the master's uuid come back as uuids, so that a peer can read back what it
// sent (spec §18.1.6).
func (q query) filters(master core.Resource, native bool) (filters []core.Filter, uuids []string, err error) {
	for _, p := range q {
		table, selector, bracketed := cutTable(p.key)
		if !bracketed && (!native || !strings.Contains(selector, ".")) || strings.HasPrefix(selector, "_") {
			continue
		}
		if table == master || table == "~" {
			table = ""
		}
		if table == "" && isUUIDSelector(master, selector) {
			uuids = append(uuids, strings.Split(p.value, ",")...)
			continue
		}
		f := core.Filter{Table: table, Query: url.QueryEscape(selector) + "=" + url.QueryEscape(p.value)}
		if err := f.Validate(); err != nil {
			return nil, nil, badRequest(core.AsProblem(err).Message())
		}
		filters = append(filters, f)
	}
	if len(uuids) > maxUUIDs {
		return nil, nil, badRequest(fmt.Sprintf("Ask for at most %d records by uuid at a time", maxUUIDs))
	}
	return filters, uuids, nil
}

// cutTable splits "[tbl]selector".
func cutTable(key string) (table core.Resource, selector string, ok bool) {
	rest, ok := strings.CutPrefix(key, "[")
	if !ok {
		return "", key, false
	}
	name, selector, ok := strings.Cut(rest, "]")
	return core.Resource(name), selector, ok
}

func isUUIDSelector(master core.Resource, selector string) bool {
	alias, field, _ := strings.Cut(selector, ".")
	_, name := master.Split()
	if alias != "~" && alias != name {
		return false
	}
	switch field {
	case "uuid", "uid", "uuid__belongs", "uid__belongs", "uuid__eq", "uid__eq":
		return true
	}
	return false
}
