package sheet

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/fieldsync/fieldsync/core"
)

// cellText renders a value as its cell shows it. Two values with the same text
// are the same to a person who edits the table.
func cellText(v core.Value) string {
	switch v.Kind {
	case core.Null:
		return ""
	case core.References:
		return strings.Join(v.UUIDs(), "; ")
	case core.File:
		return v.Aux
	case core.JSON:
		return listText(v.Str)
	}
	return v.Str
}

// listText shows a JSON array of plain texts and numbers as "a; b"; other JSON
// as it is.
func listText(s string) string {
	var items []json.RawMessage
	if json.Unmarshal([]byte(s), &items) != nil || len(items) == 0 {
		return s
	}
	words := make([]string, len(items))
	for i, raw := range items {
		words[i] = string(raw)
		var text string
		if json.Unmarshal(raw, &text) == nil {
			words[i] = text
		}
		if strings.ContainsAny(words[i], ";[{") || strings.TrimSpace(words[i]) != words[i] || words[i] == "" {
			return s
		}
	}
	return strings.Join(words, "; ")
}

// parseCell reads a cell's text as the field's type says. The error is a
// sentence for a person without the place.
func parseCell(f core.FieldSchema, text string, count days, lookup Lookup) (core.Value, error) {
	if f.Type != "text" && f.Type != "string" && f.Type != "" {
		text = strings.TrimSpace(text)
	}
	if text == "" {
		return nullOf(f), nil
	}
	if value, ok := option(f, text); ok {
		text = value
	}
	switch {
	case isReferenceList(f):
		return parseReferences(f, text, lookup)
	case isReference(f):
		l, err := find(f, text, lookup)
		return core.RefTo(l.Resource, l.UUID), err
	}
	switch f.Type {
	case "integer", "id", "bigint":
		return parseInteger(text)
	case "double", "float", "decimal":
		return parseNumber(text)
	case "boolean":
		return parseBoolean(text)
	case "date":
		return parseDate(text, count)
	case "datetime":
		return parseDateTime(text, count)
	case "time":
		return parseTime(text, count)
	case "json", "list:string", "list:integer":
		return parseList(f, text)
	}
	return core.Text(text), nil
}

// nullOf is a cleared field, which S3XML writes differently by type.
func nullOf(f core.FieldSchema) core.Value {
	switch {
	case isReference(f), isReferenceList(f):
		return core.Value{Aux: core.NullReference}
	case f.Type == "date", f.Type == "datetime", f.Type == "time":
		return core.Value{Aux: core.NullDate}
	}
	return core.Value{}
}

// option returns the value of the choice that a person wrote by its label. A
// text that is itself a value stays.
func option(f core.FieldSchema, text string) (string, bool) {
	for _, o := range f.Options {
		if o.Value == text {
			return o.Value, true
		}
	}
	for _, o := range f.Options {
		if strings.EqualFold(o.Label, strings.TrimSpace(text)) {
			return o.Value, true
		}
	}
	return "", false
}

func parseInteger(text string) (core.Value, error) {
	whole := text
	if w, zeros, found := strings.Cut(text, "."); found && strings.Trim(zeros, "0") == "" {
		whole = w // spreadsheet programs write 5 as 5.0
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return core.Value{}, cellWrong("%q is not a whole number", text)
	}
	return core.Value{Kind: core.Integer, Str: strconv.FormatInt(n, 10)}, nil
}

func parseNumber(text string) (core.Value, error) {
	var number json.Number
	if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "+")), &number); err != nil || strings.HasPrefix(text, `"`) {
		return core.Value{}, cellWrong("%q is not a number; write it with a point, as in 1234.5", text)
	}
	kind := core.Number
	if !strings.ContainsAny(number.String(), ".eE") {
		kind = core.Integer
	}
	return core.Value{Kind: kind, Str: number.String()}, nil
}

func parseBoolean(text string) (core.Value, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "1", "x", "t", "y":
		return core.Value{Kind: core.Boolean, Str: "true"}, nil
	case "false", "no", "0", "f", "n":
		return core.Value{Kind: core.Boolean, Str: "false"}, nil
	}
	return core.Value{}, cellWrong("%q is neither yes nor no", text)
}

func parseDate(text string, count days) (core.Value, error) {
	if t, ok := serial(text, count); ok {
		return core.Value{Kind: core.Bare, Str: t.Format(time.DateOnly)}, nil
	}
	day, _, _ := strings.Cut(strings.Replace(text, " ", "T", 1), "T")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return core.Value{}, cellWrong("%q is not a date; write year, month and day, as in 2026-12-31", text)
	}
	return core.Value{Kind: core.Bare, Str: day}, nil
}

func parseDateTime(text string, count days) (core.Value, error) {
	if t, ok := serial(text, count); ok {
		return core.Value{Kind: core.Bare, Str: core.MTimeOf(t).String()}, nil
	}
	m, err := core.ParseMTime(text)
	if err != nil {
		return core.Value{}, cellWrong("%q is not a date with time; write it as 2026-12-31 14:30, in UTC", text)
	}
	// Not from m: the zero MTime would print as nothing.
	return core.Value{Kind: core.Bare, Str: time.Unix(int64(m), 0).UTC().Format("2006-01-02T15:04:05")}, nil
}

func parseTime(text string, count days) (core.Value, error) {
	if t, ok := serial(text, count); ok {
		return core.Value{Kind: core.Bare, Str: t.Format(time.TimeOnly)}, nil
	}
	for _, layout := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return core.Value{Kind: core.Bare, Str: t.Format(time.TimeOnly)}, nil
		}
	}
	return core.Value{}, cellWrong("%q is not a time of day; write it as 14:30", text)
}

// days are how a spreadsheet counts them: it keeps a date as a number.
type days int

const (
	daysOfNone days = iota // a number is no date
	days1900               // from 1900 on
	days1904               // from 1904 on, as workbooks of old Macs do
)

// serial reads the number that a spreadsheet keeps for a date.
func serial(text string, count days) (time.Time, bool) {
	if count == daysOfNone {
		return time.Time{}, false
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || number < 0 || number > 2958466 { // 10000-01-01
		return time.Time{}, false
	}
	t, err := excelize.ExcelDateToTime(number, count == days1904)
	return t.Round(time.Second), err == nil
}

func parseList(f core.FieldSchema, text string) (core.Value, error) {
	if json.Valid([]byte(text)) && strings.ContainsAny(text[:1], "[{") {
		return core.Value{Kind: core.JSON, Str: text}, nil
	}
	if f.Type == "json" {
		return core.Value{}, cellWrong("this is not valid JSON")
	}
	items := make([]any, 0)
	for word := range strings.SplitSeq(text, ";") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		if f.Type == "list:string" {
			items = append(items, word)
			continue
		}
		v, err := parseInteger(word)
		if err != nil {
			return core.Value{}, err
		}
		items = append(items, json.Number(v.Str))
	}
	return core.Value{Kind: core.JSON, Str: marshal(items)}, nil
}

func parseReferences(f core.FieldSchema, text string, lookup Lookup) (core.Value, error) {
	uuids := make([]string, 0)
	for word := range strings.SplitSeq(text, ";") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		l, err := find(f, word, lookup)
		if err != nil {
			return core.Value{}, err
		}
		uuids = append(uuids, l.UUID)
	}
	return core.Value{Kind: core.References, Str: marshal(uuids), Aux: string(f.Target)}, nil
}

// find returns the record that a person names by uuid or by name. One that is not here is
// of the field's own table.
func find(f core.FieldSchema, text string, lookup Lookup) (core.Link, error) {
	byUUID := strings.HasPrefix(text, core.UUIDPrefix) && core.ValidUUID(text)
	if byUUID && (lookup == nil || f.Target.Instances() == nil) {
		return core.Link{Resource: f.Target, UUID: text}, nil
	}
	if lookup == nil {
		return core.Link{}, cellWrong("%q is not a uuid", text)
	}
	found, err := lookup(f.Target, text)
	switch {
	case err != nil:
		return core.Link{}, err
	case len(found) == 0 && byUUID:
		return core.Link{Resource: f.Target, UUID: text}, nil
	case len(found) == 0:
		return core.Link{}, cellWrong("there is no record of %s named %q here", target(f), text)
	case len(found) > 1:
		return core.Link{}, cellWrong("there are %d records of %s named %q; write the uuid of the one you mean", len(found), target(f), text)
	}
	return found[0], nil
}

// target is what a reference points to, for a sentence: a table has plain words.
func target(f core.FieldSchema) any {
	if f.Target == "" {
		return "any table"
	}
	return f.Target
}

func marshal(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("bug: a list of texts does not become JSON: %v", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
