package edentest

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A writer makes S3XML the way Eden does: no white space, mci one higher than
// stored, representations HTML-escaped, deleted records as stubs. It is not the
// program's own encoder, so that a mistake there cannot hide here.
type writer struct {
	strings.Builder
	base   string              // URL of the application; "" to leave record URLs out
	id     func(core.Link) int // of a record, for its URL
	bare   bool                // neither fields nor references
	noRefs bool
	noData bool // references alone
	sites  bool // offices within others come with their sites
}

func (w *writer) attr(name, value string) {
	if value != "" {
		fmt.Fprintf(w, ` %s="%s"`, name, xmlText(value))
	}
}

// domain is the server's name, as Eden puts it before a uuid that is no URN.
const domain = "vm"

// exportUID is the uuid of an element; references carry it without the domain (Eden:
// S3XML.export_uid; spec s3xml-format §9).
func exportUID(uuid string) string {
	if uuid == "" || strings.HasPrefix(uuid, "urn:") || strings.Contains(strings.Trim(uuid, "/"), "/") {
		return uuid
	}
	return domain + "/" + uuid
}

// importUID takes the server's own domain away (Eden: S3XML.import_uid).
func importUID(uuid string) string { return strings.TrimPrefix(uuid, domain+"/") }

// record writes one element with its components.
func (w *writer) record(rec *core.Record, nested bool) {
	fmt.Fprintf(w, `<resource name="%s"`, rec.Resource)
	if nested {
		w.attr("alias", rec.Alias)
	}
	w.attr("uuid", exportUID(rec.UUID))
	if rec.Deleted {
		w.attr("deleted", "True")
		w.attr("modified_on", rec.ModifiedOn.String())
		w.attr("replaced_by", rec.ReplacedBy)
		w.WriteString("/>")
		return
	}
	fmt.Fprintf(w, ` mci="%d"`, max(rec.MCI, 0)+1)
	w.attr("created_on", rec.CreatedOn.String())
	w.attr("modified_on", rec.ModifiedOn.String())
	if w.base != "" && w.id != nil {
		prefix, name := rec.Resource.Split()
		w.attr("url", fmt.Sprintf("%s/%s/%s/%d", w.base, prefix, name, w.id(rec.Link())))
	}
	w.attr("created_by", rec.CreatedBy)
	w.attr("modified_by", rec.ModifiedBy)
	w.attr("owned_by_user", rec.OwnedBy)
	w.attr("owned_by_group", rec.OwnedGroup)
	w.WriteString(">")
	if !w.bare {
		for _, f := range rec.Fields {
			if !nested || f.Name != keyOf(rec.Master.Resource, rec.Resource) {
				w.field(f)
			}
		}
	}
	for i := range rec.Components {
		if w.sites {
			w.site(&rec.Components[i])
		}
		w.record(&rec.Components[i], true)
	}
	w.WriteString("</resource>")
}

// site writes the row of the super-entity for an office. It has the office's uuid, and no
// stamp.
func (w *writer) site(office *core.Record) {
	if office.Resource != "org_office" || office.Deleted {
		return
	}
	fmt.Fprintf(w, `<resource name="org_site" uuid="%s">`, exportUID(office.UUID))
	w.data("instance_type", jsonText(string(office.Resource)), "Office")
	if name, ok := office.Field("name"); ok {
		w.field(name)
	}
	w.WriteString("</resource>")
}

// field writes one value. Names come as plain text, other texts as a JSON value
// beside a representation: both forms occur in real documents.
func (w *writer) field(f core.Field) {
	shown := html.EscapeString(f.Display())
	switch f.Value.Kind {
	case core.Null:
		return
	case core.Reference, core.References:
		if w.noRefs {
			return
		}
	default:
		if w.noData {
			return
		}
	}
	switch f.Value.Kind {
	case core.Reference, core.References:
		fmt.Fprintf(w, `<reference field="%s" resource="%s" uuid="%s">%s</reference>`, f.Name, f.Value.Aux, xmlText(f.Value.Str), xmlText(html.EscapeString(f.Text)))
	case core.File:
		fmt.Fprintf(w, `<data field="%s" url="%s" filename="%s"/>`, f.Name, xmlText(f.Value.Str), xmlText(f.Value.Aux))
	case core.String:
		if (f.Name == "name" || f.Name == "first_name") && f.Text == "" {
			fmt.Fprintf(w, `<data field="%s">%s</data>`, f.Name, xmlText(f.Value.Str))
			return
		}
		w.data(f.Name, jsonText(f.Value.Str), shown)
	default:
		w.data(f.Name, f.Value.Str, shown)
	}
}

func (w *writer) data(field, value, shown string) {
	fmt.Fprintf(w, `<data field="%s" value="%s">%s</data>`, field, xmlText(value), xmlText(shown))
}

// root describes the document element.
type root struct {
	masters      int
	start, limit string // as asked, "" if not
	empty        bool
	url          string
}

// begin opens the document.
func (w *writer) begin(r root) {
	w.WriteString("<?xml version='1.0' encoding='utf-8'?>\n")
	fmt.Fprintf(w, `<s3xml success="%t"`, !r.empty)
	w.attr("start", r.start)
	w.attr("limit", r.limit)
	fmt.Fprintf(w, ` results="%d" domain="%s"`, r.masters, domain)
	w.attr("url", r.url)
	if r.empty {
		w.WriteString("/>")
		return
	}
	w.WriteString(">")
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;", "\t", "&#9;", "\r", "&#13;")

func xmlText(s string) string { return xmlEscapes.Replace(s) }

func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("bug: a string cannot be written as JSON")
	}
	return string(b)
}
