package s3xml

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// EncodeJSON writes records as S3JSON (spec s3xml-format §13), texts so that
// Eden reads back the same text. Unknown elements are XML and are left out. Like
// Encode it refuses records that may not travel, and says of success what Eden
// says.
func EncodeJSON(w io.Writer, root Root, recs []core.Record) error {
	for i := range recs {
		if r := &recs[i]; !r.Resource.Valid() || r.UUID == "" || r.Resource.Private() {
			return fmt.Errorf("s3xml: encode %q %q: not a record that may travel", r.Resource, r.UUID)
		}
	}
	b := appendTables([]byte{'{'}, recs)
	b = appendMember(b, "@success", strconv.FormatBool(len(recs) > 0))
	if root.Limit > 0 {
		b = appendMember(b, "@start", strconv.Itoa(max(root.Start, 0)))
		b = appendMember(b, "@limit", strconv.Itoa(root.Limit))
	}
	if root.Results >= 0 {
		b = appendMember(b, "@results", strconv.Itoa(root.Results))
	}
	b = appendMember(b, "@domain", root.Domain)
	b = append(appendMember(b, "@url", root.URL), '}')
	_, err := w.Write(b)
	return err
}

// appendTables appends records under "$_table", in the order in which tables
// first appear.
func appendTables(b []byte, recs []core.Record) []byte {
	var done []core.Resource
	for i := range recs {
		table := recs[i].Resource
		if table.Private() || slices.Contains(done, table) {
			continue
		}
		done = append(done, table)
		b = append(appendKey(b, "$_"+string(table)), '[')
		for k := range recs {
			if recs[k].Resource != table {
				continue
			}
			if b[len(b)-1] != '[' {
				b = append(b, ", "...)
			}
			b = appendRecordJSON(b, &recs[k])
		}
		b = append(b, ']')
	}
	return b
}

func appendRecordJSON(b []byte, rec *core.Record) []byte {
	b = append(b, '{')
	if !rec.Deleted {
		for i := range rec.Fields {
			b = appendFieldJSON(b, &rec.Fields[i])
		}
		b = appendTables(b, rec.Components)
	}
	b = appendMember(b, "@alias", rec.Alias)
	b = appendMember(b, "@uuid", rec.UUID)
	if rec.Deleted {
		b = appendMember(b, "@deleted", "True")
	}
	b = appendMember(b, "@replaced_by", rec.ReplacedBy)
	if rec.MCI >= 0 {
		b = appendMember(b, "@mci", strconv.Itoa(rec.MCI))
	}
	b = appendMember(b, "@modified_on", rec.ModifiedOn.String())
	if !rec.Deleted {
		b = appendMember(b, "@created_on", rec.CreatedOn.String())
		b = appendMember(b, "@url", rec.URL)
		b = appendMember(b, "@created_by", rec.CreatedBy)
		b = appendMember(b, "@modified_by", rec.ModifiedBy)
		b = appendMember(b, "@owned_by_user", rec.OwnedBy)
		b = appendMember(b, "@owned_by_group", rec.OwnedGroup)
	}
	for _, a := range rec.Attrs {
		if !recordAttr(a) && plainName(a.Name) && (!rec.Deleted || a.Name == basedOn) {
			b = appendPair(b, "@"+a.Name, a.Value)
		}
	}
	return append(b, '}')
}

func appendFieldJSON(b []byte, f *core.Field) []byte {
	key := f.Name
	if isReference(f) {
		key = "$k_" + key
	}
	b = append(appendKey(b, key), '{')
	b = appendValueJSON(b, f.Value)
	for _, a := range f.Attrs {
		if plainName(a.Name) && !reservedFor(f.Value)(a) {
			b = appendPair(b, "@"+a.Name, a.Value)
		}
	}
	if f.Value.Kind != core.Null {
		b = appendMember(b, "$", f.Text)
	}
	return append(b, '}')
}

func appendValueJSON(b []byte, v core.Value) []byte {
	const value = "@value"
	switch v.Kind {
	case core.Null:
		if v.Aux == "" {
			b = appendMember(b, value, `""`)
		}
		return appendMember(b, "@null", "true")
	case core.String:
		return appendMember(b, value, string(appendJSONString(nil, v.Str)))
	case core.Integer, core.Number, core.Boolean:
		if k := classify([]byte(v.Str)); k == v.Kind {
			return append(appendKey(b, value), v.Str...)
		}
	case core.Reference:
		return appendMember(appendMember(b, "@resource", v.Aux), "@uuid", v.Str)
	case core.References:
		b = appendMember(b, "@resource", v.Aux)
		if classify([]byte(v.Str)) == core.JSON {
			return append(appendKey(b, "@uuid"), v.Str...)
		}
		return appendMember(b, "@uuid", v.Str)
	case core.File:
		return appendMember(appendPair(b, "@url", v.Str), "@filename", v.Aux)
	}
	return appendPair(b, value, v.Str)
}

// DecodeJSON reads S3JSON: whole, into memory, bounded by limits (64 MiB if
// they say nothing). Records that cannot be used are left out and named in the
// error, as joined *RecordErrors; any other error means that nothing was read.
func DecodeJSON(r io.Reader, limits Limits) (Root, []core.Record, error) {
	n, err := parseNode(r, 4*limits.filled().Depth, limits.Bytes)
	if err != nil {
		return NewRoot(), nil, err
	}
	if n.kind != '{' {
		return NewRoot(), nil, &SyntaxError{Line: 1, Reason: "no S3JSON: not an object", Kind: core.Malformed}
	}
	d := NewDecoder(strings.NewReader(string(n.appendElement(nil, "s3xml", ""))), limits)
	root, err := d.Root()
	if err != nil {
		return NewRoot(), nil, err
	}
	var recs []core.Record
	var rejected []error
	for {
		var rec core.Record
		var bad *RecordError
		switch err := d.Next(&rec); {
		case errors.Is(err, io.EOF):
			return root, recs, errors.Join(rejected...)
		case errors.As(err, &bad):
			rejected = append(rejected, bad)
		case err != nil:
			return NewRoot(), nil, err
		default:
			recs = append(recs, rec)
		}
	}
}

// appendElement appends the object n as the element of S3XML that it stands
// for (Eden: S3XML.__json2element).
func (n *node) appendElement(b []byte, element, attrs string) []byte {
	b = append(append(append(b, '<'), element...), attrs...)
	for i, key := range n.keys {
		if name, ok := strings.CutPrefix(key, "@"); ok && plainName(name) && !strings.HasPrefix(attrs, " "+name+"=") {
			b = appendAttr(b, name, n.list[i].attribute(name))
		}
	}
	b = append(b, '>')
	if n.kind != '{' {
		b = appendEscaped(b, n.text, &textEscapes)
	}
	for i, key := range n.keys {
		switch {
		case key == "$":
			b = appendEscaped(b, n.list[i].text, &textEscapes)
		case strings.HasPrefix(key, "@"), strings.HasPrefix(key, "$o_"):
		default:
			b = n.list[i].appendChildren(b, key)
		}
	}
	return append(append(append(b, "</"...), element...), '>')
}

// appendChildren appends what a key stands for: records, references or data.
func (n *node) appendChildren(b []byte, key string) []byte {
	element, attribute := "data", "field"
	if table, ok := strings.CutPrefix(key, "$_"); ok {
		element, attribute, key = "resource", "name", table
	} else if field, ok := strings.CutPrefix(key, "$k_"); ok {
		element, attribute, key = "reference", "field", field
	}
	attrs := string(appendAttr(nil, attribute, key))
	for _, child := range n.each() {
		if child.kind != 'n' { // no value at all: not the text "None" that Eden makes of it
			b = child.appendElement(b, element, attrs)
		}
	}
	return b
}

// attribute returns an attribute's value as it stands in S3XML. Eden's S3JSON
// has values decoded, so a text is a JSON string again, but for what has no
// other form: JSON that was written as text, dates, times, and Python's words.
func (n *node) attribute(name string) string {
	if n.kind != '"' {
		if n.kind == '0' || n.kind == 't' {
			return n.text
		}
		return string(n.appendJSON(nil))
	}
	if name != "value" {
		return n.text
	}
	switch kind := classify([]byte(n.text)); {
	case kind == core.String, kind == core.JSON:
		return n.text
	case kind == core.Bare && (n.text == "True" || n.text == "False" || looksLikeTime(n.text)):
		return n.text
	}
	return string(appendJSONString(nil, n.text))
}

// looksLikeTime reports whether s is written like a date, a date-time or a time.
func looksLikeTime(s string) bool {
	date, clock := s, s
	if len(s) > 10 {
		date, clock = s[:10], s[11:]
		if s[10] != 'T' && s[10] != ' ' {
			return false
		}
	}
	isDate := len(date) == 10 && date[4] == '-' && date[7] == '-' && onlyOf(date, "-0123456789")
	isClock := len(clock) >= 5 && clock[2] == ':' && onlyOf(clock, "0123456789:.+-Z")
	if len(s) > 10 {
		return isDate && isClock
	}
	return isDate || isClock
}

func onlyOf(s, allowed string) bool { return strings.Trim(s, allowed) == "" }
