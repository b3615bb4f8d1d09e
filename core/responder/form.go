package responder

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"

	"github.com/fieldsync/fieldsync/core"
)

// form answers GET <prefix>/<name>/mform.json with what is known of the
// resource's fields, in the shape of Eden's mobile forms (spec s3xml-format
// §14.4), so that a peer can make forms for people.
func (c *call) form(ctx context.Context, resource core.Resource) error {
	schema, err := c.schema(ctx, resource)
	if err != nil {
		return err
	}
	body, err := json.Marshal(mobileForm(schema))
	if err != nil {
		return err
	}
	c.writeWhole("application/json", body)
	return nil
}

func (c *call) schema(ctx context.Context, resource core.Resource) (core.Schema, error) {
	if _, _, err := c.reader(ctx, resource); err != nil {
		return core.Schema{}, err
	}
	schema, err := c.store.Schema(ctx, resource)
	if errors.Is(err, core.ErrNotFound) {
		err = notFound()
	}
	return schema, err
}

type (
	formDocument struct {
		Main       formTable                `json:"main"`
		References map[string]formTable     `json:"references"`
		Components map[string]formComponent `json:"components"`
		Controller string                   `json:"controller"`
		Function   string                   `json:"function"`
	}
	formTable struct {
		Table   string               `json:"tablename"`
		Schema  map[string]formField `json:"schema"`
		Types   map[string]string    `json:"types"`
		Form    []string             `json:"form"` // the order of the fields
		Strings map[string]string    `json:"strings"`
	}
	formField struct {
		Type     string      `json:"type"`
		Label    string      `json:"label,omitempty"`
		Comment  string      `json:"comment,omitempty"`
		Required bool        `json:"required,omitempty"`
		Readable *bool       `json:"readable,omitempty"` // only if false
		Writable *bool       `json:"writable,omitempty"` // only if false
		Default  string      `json:"default,omitempty"`
		Options  [][2]string `json:"options,omitempty"`
	}
	formComponent struct {
		Table    string `json:"table"`
		Multiple bool   `json:"multiple"`
		Label    string `json:"label,omitempty"`
	}
)

func mobileForm(s core.Schema) formDocument {
	prefix, name := s.Resource.Split()
	doc := formDocument{
		Main: formTable{Table: string(s.Resource), Schema: make(map[string]formField), Types: map[string]string{},
			Strings: map[string]string{"label": s.Label, "plural": s.Plural}},
		References: map[string]formTable{}, Components: map[string]formComponent{},
		Controller: prefix, Function: name,
	}
	no := false
	for _, f := range s.Fields {
		field := formField{Type: fieldType(f), Label: f.Label, Comment: f.Comment, Required: f.Required, Default: f.Default}
		if f.Hidden {
			field.Readable = &no
		}
		if f.ReadOnly || f.Hidden {
			field.Writable = &no
		}
		for _, o := range f.Options {
			field.Options = append(field.Options, [2]string{o.Value, o.Label})
		}
		doc.Main.Schema[f.Name] = field
		doc.Main.Form = append(doc.Main.Form, f.Name)
	}
	for _, part := range s.Components {
		doc.Components[part.Alias] = formComponent{Table: string(part.Resource), Multiple: part.Multiple, Label: part.Label}
	}
	return doc
}

// fieldType is web2py's word with the target of a reference.
func fieldType(f core.FieldSchema) string {
	if f.Target != "" {
		return f.Type + " " + string(f.Target)
	}
	return f.Type
}

// fields answers GET <prefix>/<name>/fields.xml (spec s3xml-format §14.1).
func (c *call) fields(ctx context.Context, resource core.Resource) error {
	schema, err := c.schema(ctx, resource)
	if err != nil {
		return err
	}
	type field struct {
		Name     string `xml:"name,attr"`
		Type     string `xml:"type,attr"`
		Readable string `xml:"readable,attr"`
		Writable string `xml:"writable,attr"`
		Options  string `xml:"has_options,attr"`
	}
	doc := struct {
		XMLName  xml.Name `xml:"fields"`
		Resource string   `xml:"resource,attr"`
		Fields   []field  `xml:"field"`
	}{Resource: string(resource)}
	for _, f := range schema.Fields {
		doc.Fields = append(doc.Fields, field{f.Name, fieldType(f), pythonBool(!f.Hidden), pythonBool(!f.Hidden && !f.ReadOnly), pythonBool(len(f.Options) > 0)})
	}
	body, err := xml.Marshal(doc)
	if err != nil {
		return err
	}
	c.writeWhole("text/xml; charset=utf-8", append([]byte("<?xml version='1.0' encoding='utf-8'?>\n"), body...))
	return nil
}

func pythonBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// writeWhole writes an answer that is at hand. An error means that the caller
// has gone, which needs no answer.
func (c *call) writeWhole(contentType string, body []byte) {
	c.w.Header().Set("Content-Type", contentType)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(http.StatusOK)
	_, _ = bytes.NewReader(body).WriteTo(c.w)
}
