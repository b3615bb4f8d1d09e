package eden

import (
	"context"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

func TestAFileThatGoesByItselfHasAPlainName(t *testing.T) {
	for name, want := range map[string]string{
		"report.txt": "report.txt", "Résumé.PDF": "Resume.PDF", "تقرير.pdf": "file.pdf", "तस्वीर": "file", "of “us”.tar.gz": "of us.tar.gz",
		"a/b\\c\"d\n.png": "a-b-c-d-.png", "data.xml": "data.XML", ".xml": "file.XML", "": "file",
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}

// Files of one form never take each other's place.
func TestFilesOfOneNameStayApart(t *testing.T) {
	s, p := connect(t)
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:p", ModifiedOn: at(1)}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ann")})
	put := func(r *core.Record, field, name, content string) {
		r.Set(core.Field{Name: field, Value: core.Value{Kind: core.File, Str: "data:text/plain," + content, Aux: name}})
	}
	put(&person, "picture", "é.txt", "one")
	put(&person, "passport", "e.txt", "two")
	image := core.Record{Resource: "pr_image", UUID: "urn:uuid:i", ModifiedOn: at(1)}
	put(&image, "image", "e.txt", "three")
	person.Components = []core.Record{image}
	if err := p.Attach(context.Background(), &person); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		record         core.Link
		field, content string
	}{{person.Link(), "picture", "one"}, {person.Link(), "passport", "two"}, {image.Link(), "image", "three"}} {
		got, _ := s.Get(want.record)
		if v := got.Value(want.field); string(s.File(v.Str)) != want.content {
			t.Errorf("%s: the server has %q with %q, want %q", want.field, v.Aux, s.File(v.Str), want.content)
		}
	}
	person.Unset("first_name")
	person.UUID = "urn:uuid:q"
	if err := p.Attach(context.Background(), &person); !core.IsKind(err, core.PeerRefused) {
		t.Errorf("a person without a name is refused, not %v", err)
	}
	s.WriteRight("pr_person", false)
	if err := p.Attach(context.Background(), &person); err == nil {
		t.Error("what was forbidden is called done")
	}
}
