package eden

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// Limits of what a schema may cost: option lists of reference fields hold every
// person of the server, and are never asked for.
const (
	maxOptionLists = 24
	maxOptions     = 1000
)

// Schema asks the introspection endpoints of the resource's own controller (spec
// s3xml-format §14): the mobile form for labels and order, the field lists for
// what it leaves out, and the option lists of single fields. Whatever of these
// does not answer is done without; with none of them the Problem is
// UnknownResource.
func (p *Peer) Schema(ctx context.Context, resource core.Resource) (core.Schema, error) {
	s := core.Schema{Resource: resource, Fetched: core.MTimeOf(p.opts.Now())}
	if !resource.Valid() || resource.Private() {
		return s, p.problem("schema", core.UnknownResource, errors.New("not a table to ask for"))
	}
	var last *core.Problem
	hasOptions := map[string]bool{}
	for _, part := range []func(context.Context, *core.Schema, map[string]bool) *core.Problem{p.mobileForm, p.fieldList, p.createForm} {
		problem := part(ctx, &s, hasOptions)
		if problem != nil && !tolerable(problem) {
			return s, problem
		}
		if problem != nil {
			last = problem
		}
	}
	if len(s.Fields) == 0 {
		if last == nil {
			last = p.problem("schema "+string(resource), core.UnknownResource, errors.New("no fields"))
		}
		last.Kind = core.UnknownResource
		return s, last
	}
	return s, orNil(p.optionLists(ctx, &s, hasOptions))
}

// tolerable reports whether a schema can do without what failed: the endpoint is
// missing, forbidden, or broken, rather than the connection or the login.
func tolerable(problem *core.Problem) bool {
	switch problem.Kind {
	case core.Malformed, core.Dangerous, core.NotEden:
		return true
	}
	return withoutController(problem) != nil
}

// get fetches a small document and gives its body to read.
func (p *Peer) get(ctx context.Context, op, address string, want form, read func(io.Reader) error) *core.Problem {
	r, err := p.send(ctx, call{op: op, method: http.MethodGet, url: address})
	if err != nil {
		return core.AsProblem(err)
	}
	defer r.Close()
	if r.StatusCode != http.StatusOK {
		return p.refusal(op, r)
	}
	if f := r.form(); f != want {
		if f == formHTML {
			return p.webPage(op, r)
		}
		return p.problem(op, core.Malformed, &statusError{r.StatusCode, f, "another format than asked for"})
	}
	content, err := io.ReadAll(r.body)
	if err != nil {
		return p.inBody(r, op, err)
	}
	if err := read(bytes.NewReader(content)); err != nil {
		return p.problem(op, core.Malformed, err)
	}
	return nil
}

// mobileForm reads mform.json.
func (p *Peer) mobileForm(ctx context.Context, s *core.Schema, _ map[string]bool) *core.Problem {
	var m mform
	problem := p.get(ctx, "schema "+string(s.Resource), p.at(nativePath(s.Resource)+"/mform.json", nil), formJSON, func(r io.Reader) error {
		return json.NewDecoder(r).Decode(&m)
	})
	if problem != nil {
		return problem
	}
	s.Label, s.Plural = m.Main.Strings.Label, m.Main.Strings.Plural
	for _, name := range m.order() {
		if f, ok := m.Main.Schema.fields[name]; ok && core.ValidField(name) {
			s.Fields = append(s.Fields, f.schema(name))
		}
	}
	for alias, c := range m.Components {
		if table := core.Resource(c.Table); table.Valid() && !table.Private() {
			s.Components = append(s.Components, core.ComponentSchema{Alias: alias, Resource: table, Label: c.Label, Multiple: c.Multiple})
		}
	}
	slices.SortFunc(s.Components, func(a, b core.ComponentSchema) int { return strings.Compare(a.Alias, b.Alias) })
	return nil
}

// mform is the part of an EdenMobile schema that a form needs.
type mform struct {
	Main struct {
		Schema  mfields           `json:"schema"`
		Form    []json.RawMessage `json:"form"`
		Strings struct {
			Label  string `json:"label"`
			Plural string `json:"plural"`
		} `json:"strings"`
	} `json:"main"`
	Components map[string]struct {
		Table    string `json:"table"`
		Label    string `json:"label"`
		Multiple bool   `json:"multiple"`
	} `json:"components"`
}

// order returns the fields as the form shows them, then the others.
func (m *mform) order() []string {
	var out []string
	for _, raw := range m.Main.Form {
		var element struct {
			Field string `json:"field"`
			Name  string `json:"name"`
		}
		var name string
		if json.Unmarshal(raw, &name) != nil && json.Unmarshal(raw, &element) == nil {
			if name = element.Field; name == "" {
				name = element.Name
			}
		}
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, name := range m.Main.Schema.names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// mfields is a JSON object whose order counts.
type mfields struct {
	names  []string
	fields map[string]mfield
}

// UnmarshalJSON reads the object key by key.
func (m *mfields) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &m.fields); err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return err
		}
		m.names = append(m.names, name.(string))
	}
	return nil
}

type mfield struct {
	Type     string          `json:"type"`
	Reftype  string          `json:"reftype"`
	Label    string          `json:"label"`
	Comment  string          `json:"comment"`
	Required bool            `json:"required"`
	Readable *bool           `json:"readable"` // absent: true
	Writable *bool           `json:"writable"`
	Default  any             `json:"default"`
	Options  json.RawMessage `json:"options"`
}

func (f mfield) schema(name string) core.FieldSchema {
	out := core.FieldSchema{Name: name, Label: f.Label, Comment: f.Comment, Required: f.Required, Default: scalar(f.Default), Options: pairs(f.Options)}
	out.Type, out.Target = fieldType(f.Type)
	if out.Type == "objectkey" {
		out.Type, out.Target = "reference", core.Resource(f.Reftype)
	}
	out.Hidden = f.Readable != nil && !*f.Readable
	out.ReadOnly = !out.Hidden && f.Writable != nil && !*f.Writable
	return out
}

// pairs reads [["", ""], ["L0", "Country"]]; anything else is no list.
func pairs(raw json.RawMessage) []core.Option {
	var list [][]any
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var out []core.Option
	for _, pair := range list {
		if len(pair) == 2 && scalar(pair[0]) != "" {
			out = append(out, core.Option{Value: scalar(pair[0]), Label: scalar(pair[1])})
		}
	}
	return out
}

// scalar writes a JSON scalar as text.
func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// fieldType takes web2py's type apart: "list:reference org_sector",
// "decimal(10,2)".
func fieldType(t string) (kind string, target core.Resource) {
	kind, of, _ := strings.Cut(t, " ")
	kind, _, _ = strings.Cut(kind, "(")
	if kind == "float" {
		kind = "double" // the same to web2py
	}
	if strings.HasSuffix(kind, "reference") {
		of, _, _ = strings.Cut(of, ".")
		return kind, core.Resource(of)
	}
	return kind, ""
}

// fieldList reads fields.xml: every field, its type and rights, no labels.
func (p *Peer) fieldList(ctx context.Context, s *core.Schema, hasOptions map[string]bool) *core.Problem {
	return p.fieldElements(ctx, s, hasOptions, p.at(nativePath(s.Resource)+"/fields.xml", nil))
}

// Columns asks for the names of all fields, hidden ones too. Every field that an
// Eden exports is in its list (checked with the 17 tables of the corpus that have
// one).
func (p *Peer) Columns(ctx context.Context, resource core.Resource) (map[string]bool, error) {
	if !resource.Valid() || resource.Private() {
		return nil, nil
	}
	s := core.Schema{Resource: resource}
	problem := p.fieldList(ctx, &s, map[string]bool{})
	if problem != nil && !tolerable(problem) {
		return nil, problem
	}
	if problem != nil || len(s.Fields) == 0 {
		return nil, nil //nolint:nilerr // a peer that does not tell is no trouble
	}
	has := make(map[string]bool, len(s.Fields))
	for _, f := range s.Fields {
		has[f.Name] = true
	}
	return has, nil
}

// createForm reads the structure, which has labels and comments. With components
// it fails for most tables (spec s3xml-format §14.3).
func (p *Peer) createForm(ctx context.Context, s *core.Schema, hasOptions map[string]bool) *core.Problem {
	var q query
	q.add("components", "None")
	return p.fieldElements(ctx, s, hasOptions, p.at(nativePath(s.Resource)+"/create.xml", &q))
}

// fieldElements reads <field> elements and adds to the schema what is not known
// yet. Fields of nested resources are components' and left out.
func (p *Peer) fieldElements(ctx context.Context, s *core.Schema, hasOptions map[string]bool, address string) *core.Problem {
	return p.get(ctx, "schema "+string(s.Resource), address, formXML, func(r io.Reader) error {
		d := xml.NewDecoder(r)
		depth := 0
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			switch e := token.(type) {
			case xml.StartElement:
				if e.Name.Local == "resource" {
					depth++
				}
				if e.Name.Local == "field" && depth <= 1 {
					addField(s, hasOptions, e)
				}
			case xml.EndElement:
				if e.Name.Local == "resource" {
					depth--
				}
			}
		}
	})
}

// addField merges one <field> element into the schema.
func addField(s *core.Schema, hasOptions map[string]bool, e xml.StartElement) {
	name := attr(e, "name")
	if !core.ValidField(name) || name == "deleted_rb" || name == "id" {
		return
	}
	hasOptions[name] = attr(e, "has_options") == "True"
	i := slices.IndexFunc(s.Fields, func(f core.FieldSchema) bool { return f.Name == name })
	if i < 0 {
		f := core.FieldSchema{Name: name, Hidden: attr(e, "readable") == "False"}
		f.ReadOnly = !f.Hidden && attr(e, "writable") == "False"
		f.Type, f.Target = fieldType(attr(e, "type"))
		s.Fields = append(s.Fields, f)
		i = len(s.Fields) - 1
	}
	if s.Fields[i].Label == "" {
		s.Fields[i].Label = attr(e, "label")
	}
	if s.Fields[i].Comment == "" {
		s.Fields[i].Comment = attr(e, "comment")
	}
}

// optionLists asks for the choices of visible fields that have some and that are
// no references. One that does not come is done without.
func (p *Peer) optionLists(ctx context.Context, s *core.Schema, hasOptions map[string]bool) *core.Problem {
	asked := 0
	for i := range s.Fields {
		f := &s.Fields[i]
		if !hasOptions[f.Name] || len(f.Options) > 0 || f.Hidden || f.Target != "" || asked >= maxOptionLists {
			continue
		}
		asked++
		options, problem := p.options(ctx, s.Resource, f.Name)
		if problem != nil && !tolerable(problem) {
			return problem
		}
		if len(options) <= maxOptions {
			f.Options = options
		}
	}
	return nil
}

func (p *Peer) options(ctx context.Context, resource core.Resource, field string) ([]core.Option, *core.Problem) {
	var q query
	q.add("field", field)
	var list struct {
		Option []struct {
			Value any `json:"@value"`
			Label any `json:"$"`
		} `json:"option"`
	}
	problem := p.get(ctx, "schema "+string(resource), p.at(nativePath(resource)+"/options.s3json", &q), formJSON, func(r io.Reader) error {
		d := json.NewDecoder(r)
		d.UseNumber()
		return d.Decode(&list)
	})
	var out []core.Option
	for _, o := range list.Option {
		if v := scalar(o.Value); v != "" {
			out = append(out, core.Option{Value: v, Label: scalar(o.Label)})
		}
	}
	return out, problem
}
