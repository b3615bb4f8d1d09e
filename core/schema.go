package core

// A Schema is what is known of a resource's fields, for forms and for reading
// typed text: from the peer's introspection endpoints (spec s3xml-format §14),
// else from the data seen so far.
type Schema struct {
	Resource Resource      `json:"resource"`
	Label    string        `json:"label"`  // "Office"
	Plural   string        `json:"plural"` // "Offices"
	Fields   []FieldSchema `json:"fields"`
	// Components are the tables nested in this one, by alias.
	Components []ComponentSchema `json:"components,omitempty"`
	Fetched    MTime             `json:"fetched"`
}

// A FieldSchema describes one field. Type is web2py's word: string, text,
// integer, double, boolean, date, datetime, time, upload, password, json,
// decimal, list:string, list:integer, reference, list:reference.
type FieldSchema struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Target   Resource `json:"target,omitempty"` // of a reference; may be a super-entity
	Label    string   `json:"label,omitempty"`
	Comment  string   `json:"comment,omitempty"`
	Required bool     `json:"required,omitempty"`
	ReadOnly bool     `json:"readonly,omitempty"`
	Hidden   bool     `json:"hidden,omitempty"`
	Default  string   `json:"default,omitempty"`
	Options  []Option `json:"options,omitempty"`
}

// An Option is one choice of a field.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// A ComponentSchema names a component and its table.
type ComponentSchema struct {
	Alias    string   `json:"alias"`
	Resource Resource `json:"resource"`
	Label    string   `json:"label,omitempty"`
	Multiple bool     `json:"multiple"`
}

// Field returns the named field's schema.
func (s *Schema) Field(name string) (FieldSchema, bool) {
	for _, f := range s.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return FieldSchema{}, false
}
