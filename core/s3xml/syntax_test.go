package s3xml

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fieldsync/fieldsync/core"
)

func TestWhatIsNotWellFormedIsRefused(t *testing.T) {
	const good = `<resource name="org_office" uuid="u">`
	for _, tt := range []struct {
		name, doc string
		want      core.Trouble
		line      int
	}{
		{"tags that do not match", "<s3xml>\n" + good + "</resourc></s3xml>", core.Malformed, 2},
		{"an end tag too many", "<s3xml></s3xml>\n</s3xml>", core.Malformed, 2},
		{"a second root", "<s3xml/><s3xml/>", core.Malformed, 1},
		{"text after the root", "<s3xml/>\n\nx", core.Malformed, 3},
		{"text before the root", "x<s3xml/>", core.Malformed, 1},
		{"CDATA after the root", "<s3xml/><![CDATA[]]>", core.Malformed, 1},
		{"an attribute twice", `<s3xml a="1" b="2" a="3"/>`, core.Malformed, 1},
		{"an attribute without quotation marks", `<s3xml a=1/>`, core.Malformed, 1},
		{"an attribute without value", `<s3xml a/>`, core.Malformed, 1},
		{"attributes that touch", `<s3xml a="1"b="2"/>`, core.Malformed, 1},
		{"< in an attribute", `<s3xml a="<"/>`, core.Malformed, 1},
		{"a name that begins with a digit", `<s3xml><1/></s3xml>`, core.Malformed, 1},
		{"an attribute name that begins with a dash", `<s3xml -a="1"/>`, core.Malformed, 1},
		{"an entity that is not predefined", `<s3xml>` + good + `&nbsp;</resource></s3xml>`, core.Malformed, 1},
		{"a lone &", `<s3xml a="b & c"/>`, core.Malformed, 1},
		{"a reference to a control character", `<s3xml a="&#1;"/>`, core.Malformed, 1},
		{"a reference beyond Unicode", `<s3xml a="&#x110000;"/>`, core.Malformed, 1},
		{"a reference to half a character", `<s3xml a="&#xD800;"/>`, core.Malformed, 1},
		{"a control character", "<s3xml>\n\n\x01</s3xml>", core.Malformed, 3},
		{"a null byte", "<s3xml a='\x00'/>", core.Malformed, 1},
		{"no character of XML", "<s3xml>\uFFFF</s3xml>", core.Malformed, 1},
		{"no UTF-8", "<s3xml>\xFF</s3xml>", core.Malformed, 1},
		{"UTF-8 that is too long", "<s3xml>\xC0\x80</s3xml>", core.Malformed, 1},
		{"]]> in text", "<s3xml>]]></s3xml>", core.Malformed, 1},
		{"-- in a comment", "<s3xml><!-- a -- b --></s3xml>", core.Malformed, 1},
		{"a comment that ends in --->", "<s3xml><!-- a ---></s3xml>", core.Malformed, 1},
		{"a declaration later on", "<s3xml><?xml version='1.0'?></s3xml>", core.Malformed, 1},
		{"a declaration without version", "<?xml encoding='utf-8'?><s3xml/>", core.Malformed, 1},
		{"a version of its own", "<?xml version='2.0'?><s3xml/>", core.Malformed, 1},
		{"an encoding that is not known", "<?xml version='1.0' encoding='ebcdic'?><s3xml/>", core.Malformed, 1},
		{"a web page", "<p>Login<br></p>", core.Malformed, 1},
		{"JSON", `{"status": "failed"}`, core.Malformed, 1},
		{"a DOCTYPE", "<?xml version='1.0'?>\n<!DOCTYPE s3xml><s3xml/>", core.Dangerous, 2},
		{"an entity bomb", `<!DOCTYPE z [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><z>&b;</z>`, core.Dangerous, 1},
		{"an entity declaration inside", `<s3xml><!ENTITY a "b"></s3xml>`, core.Dangerous, 1},
		{"nothing", "", core.Truncated, 1},
		{"only a declaration", "<?xml version='1.0'?>\n", core.Truncated, 2},
		{"the end in a tag", "<s3xml", core.Truncated, 1},
		{"the end in a record", "<s3xml>\n" + good + "\n<data", core.Truncated, 3},
		{"the end in a character", "<s3xml>\xE2\x82", core.Truncated, 1},
	} {
		for _, reader := range []struct {
			name string
			wrap func(io.Reader) io.Reader
		}{{"at once", func(r io.Reader) io.Reader { return r }}, {"byte by byte", iotest.OneByteReader}} {
			t.Run(tt.name+" "+reader.name, func(t *testing.T) {
				_, bad, err := decodeAll(reader.wrap(strings.NewReader(tt.doc)), Limits{})
				var syntax *SyntaxError
				if !errors.As(err, &syntax) || syntax.Kind != tt.want || syntax.Line != tt.line || len(bad) > 0 {
					t.Errorf("got %v (%+v); want kind %d in line %d", err, syntax, tt.want, tt.line)
				}
			})
		}
	}
}

func TestASyntaxErrorNamesElementAndRecord(t *testing.T) {
	_, _, err := decodeAll(strings.NewReader("<s3xml>\n<resource name=\"org_office\" uuid=\"u\">\n<data field=\"a\">&x;</data></resource></s3xml>"), Limits{})
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Line != 3 || syntax.Element != "data" || syntax.Record != (core.Link{Resource: "org_office", UUID: "u"}) {
		t.Errorf("got %+v", syntax)
	}
	if want := "s3xml: line 3, element data, record org_office u: an entity"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %q", err)
	}
}

const small = "<?xml version='1.0' encoding='utf-8'?>\n<s3xml results=\"2\"><!-- é --><resource name=\"org_office\" uuid=\"1\"><data field=\"name\" value=\"&quot;é&quot;\">x &lt; y<![CDATA[z]]></data></resource>\r\n" +
	"<?pi a?><resource name='org_office' uuid='2'><resource name=\"pr_contact\" uuid=\"3\"/></resource></s3xml>"

func TestHalfADocumentIsNeverTakenForAWholeOne(t *testing.T) {
	recs, bad, err := decodeAll(strings.NewReader(small), Limits{})
	if err != nil || len(bad) > 0 || len(recs) != 2 {
		t.Fatalf("the whole document: %d, %v, %v", len(recs), bad, err)
	}
	for n := range len(small) {
		for _, end := range []error{io.EOF, io.ErrUnexpectedEOF} {
			_, bad, err := decodeAll(io.MultiReader(strings.NewReader(small[:n]), failing{end}), Limits{})
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Kind != core.Truncated || len(bad) > 0 {
				t.Fatalf("cut at byte %d (%q): got %v, rejected %v", n, small[max(0, n-10):n], err, bad)
			}
		}
	}
	broken := errors.New("injected")
	if _, _, err := decodeAll(io.MultiReader(strings.NewReader(small[:90]), failing{broken}), Limits{}); !errors.Is(err, broken) {
		t.Errorf("the reader's error became %v", err)
	}
}

func TestReadersOfAllHabits(t *testing.T) {
	want, _, _ := decodeAll(strings.NewReader(small), Limits{})
	for name, r := range map[string]io.Reader{
		"byte by byte":    iotest.OneByteReader(strings.NewReader(small)),
		"half of it":      iotest.HalfReader(strings.NewReader(small)),
		"data with error": iotest.DataErrReader(strings.NewReader(small)),
	} {
		got, bad, err := decodeAll(r, Limits{})
		if err != nil || len(bad) > 0 || len(got) != len(want) {
			t.Fatalf("%s: %v %v", name, err, bad)
		}
		for i := range got {
			if diff := difference(want[i], got[i]); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func TestEncodings(t *testing.T) {
	const body = `<s3xml><resource name="org_office" uuid="u"><data field="name">Água €</data></resource></s3xml>`
	utf16 := func(s string, high, low int) []byte {
		b := []byte{}
		for _, r := range "\uFEFF" + s {
			unit := []byte{byte(r >> 8), byte(r)}
			b = append(b, unit[high], unit[low])
		}
		return b
	}
	declared := func(encoding string) string { return "<?xml version=\"1.0\" encoding=\"" + encoding + "\"?>" }
	for _, tt := range []struct {
		name, want string
		doc        []byte
	}{
		{"none declared", "Água €", []byte(body)},
		{"a byte order mark", "Água €", []byte("\xEF\xBB\xBF" + declared("utf-8") + body)},
		{"UTF-8 in capitals", "Água €", []byte(declared("UTF-8") + body)},
		{"ASCII", "Agua", []byte(declared("us-ascii") + strings.Replace(body, "Água €", "Agua", 1))},
		{"Latin-1", "Água", []byte(declared("ISO-8859-1") + strings.Replace(body, "Água €", "\xC1gua", 1))},
		{"Windows", "Água €", []byte(declared("windows-1252") + strings.Replace(body, "Água €", "\xC1gua \x80", 1))},
		{"UTF-16 big end first", "Água €", utf16(declared("utf-16")+body, 0, 1)},
		{"UTF-16 little end first", "Água €", utf16(declared("utf-16")+body, 1, 0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{bytes.NewReader(tt.doc), iotest.OneByteReader(bytes.NewReader(tt.doc))} {
				recs, _, err := decodeAll(r, Limits{})
				if err != nil || len(recs) != 1 || recs[0].Fields[0].Value.Str != tt.want {
					t.Errorf("got %+v, %v", recs, err)
				}
			}
		})
	}
}

// An endless reader repeats a text after a beginning.
type endless struct {
	beginning string
	repeat    byte
	read      int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.beginning)
	e.beginning = e.beginning[n:]
	for i := n; i < len(p); i++ {
		p[i] = e.repeat
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestLimits(t *testing.T) {
	const open = `<s3xml><resource name="org_office" uuid="u">`
	long := strings.Repeat("x", 2000)
	for _, tt := range []struct {
		name   string
		doc    string
		limits Limits
	}{
		{"depth", strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40), Limits{}},
		{"depth as given", "<a><b><c/></b></a>", Limits{Depth: 2}},
		{"depth inside of what is skipped", `<s3xml><resource name="auth_user">` + strings.Repeat("<a>", 40), Limits{}},
		{"a text", open + `<data field="a">` + long + `</data></resource></s3xml>`, Limits{Field: 1000}},
		{"a text in pieces", open + `<data field="a">` + strings.Repeat("<![CDATA["+long[:400]+"]]>", 5) + `</data></resource></s3xml>`, Limits{Field: 1000}},
		{"an attribute", open + `<data field="a" value="` + long + `"/></resource></s3xml>`, Limits{Field: 1000}},
		{"a comment", `<s3xml><!--` + long + `--></s3xml>`, Limits{Field: 1000}},
		{"a record", open + strings.Repeat(`<x/>`, 1000) + `</resource></s3xml>`, Limits{Record: 1000}},
		{"a document", open + "</resource>" + strings.Repeat(" ", 1000) + "</s3xml>", Limits{Bytes: 500}},
		{"attributes of one element", open + `<x` + manyAttributes(200) + `/></resource></s3xml>`, Limits{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.doc), iotest.OneByteReader(strings.NewReader(tt.doc))} {
				_, _, err := decodeAll(r, tt.limits)
				var syntax *SyntaxError
				if !errors.As(err, &syntax) || syntax.Kind != core.Dangerous {
					t.Errorf("got %v, want Dangerous", err)
				}
			}
		})
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a" + strings.Repeat("b", i) + `=""`)
	}
	return b.String()
}

func TestADocumentUpToItsLimitsIsRead(t *testing.T) {
	text := strings.Repeat("x", 1000)
	doc := `<s3xml><resource name="org_office" uuid="u"><data field="a">` + text + `</data><data field="b" value="` + text + `"/></resource></s3xml>`
	recs, _, err := decodeAll(strings.NewReader(doc), Limits{Depth: 3, Field: 1000, Record: len(doc), Bytes: int64(len(doc))})
	if err != nil || len(recs) != 1 {
		t.Errorf("got %d, %v", len(recs), err)
	}
}

func TestEndlessInputIsRefusedEarly(t *testing.T) {
	for name, beginning := range map[string]string{
		"text":          `<s3xml><resource name="org_office" uuid="u"><data field="a">`,
		"attribute":     `<s3xml><resource name="org_office" uuid="u"><data field="a" value="`,
		"element name":  `<s3xml><`,
		"comment":       `<s3xml><!-- `,
		"a private one": `<s3xml><resource name="auth_user"><data>`,
		"before all":    ``,
		"instruction":   `<?pi `,
	} {
		t.Run(name, func(t *testing.T) {
			source := &endless{beginning: beginning, repeat: 'x'}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := decodeAll(source, Limits{})
			runtime.ReadMemStats(&after)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Errorf("got %v", err)
			}
			if source.read > 100<<20 || after.TotalAlloc-before.TotalAlloc > 200<<20 || after.HeapSys > before.HeapSys+100<<20 {
				t.Errorf("%d MB were read, %d MB allocated", source.read>>20, (after.TotalAlloc-before.TotalAlloc)>>20)
			}
		})
	}
}

func TestBlanksAndCommentsBetweenRecordsTakeNoMemory(t *testing.T) {
	doc := io.MultiReader(strings.NewReader("<s3xml>"), strings.NewReader(strings.Repeat("<!-- nothing -->\n <?pi nothing?>", 1<<20)), strings.NewReader("</s3xml>"))
	d := NewDecoder(doc, Limits{Record: 1 << 20})
	var rec core.Record
	if err := d.Next(&rec); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if cap(d.s.buf) > 2*bufferSize {
		t.Errorf("the buffer grew to %d bytes", cap(d.s.buf))
	}
}

func TestABufferThatGrewShrinksAgain(t *testing.T) {
	element := `<resource name="org_office" uuid="u"><data field="a">` + strings.Repeat("x", 8<<20) + `</data></resource>`
	plain := strings.Repeat(`<resource name="org_office" uuid="v"><data field="a">y</data></resource>`, 20000)
	d := NewDecoder(strings.NewReader("<s3xml>"+element+plain+"</s3xml>"), Limits{})
	n := 0
	var rec core.Record
	var err error
	for err = d.Next(&rec); err == nil; err = d.Next(&rec) {
		n++
	}
	if !errors.Is(err, io.EOF) || n != 20001 || cap(d.s.buf) > 4*bufferSize || cap(d.draft.arena) > 4*bufferSize {
		t.Errorf("%v after %d records, buffers %d and %d", err, n, cap(d.s.buf), cap(d.draft.arena))
	}
}
