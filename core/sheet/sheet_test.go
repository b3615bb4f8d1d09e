package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/fieldsync/fieldsync/core"
)

var offices = core.Schema{Resource: "org_office", Fields: []core.FieldSchema{
	{Name: "name", Type: "string", Label: "Name"},
	{Name: "comments", Type: "text", Label: "Comments"},
	{Name: "beds", Type: "integer", Label: "Number of beds"},
	{Name: "cost", Type: "double"},
	{Name: "open", Type: "boolean"},
	{Name: "since", Type: "date"},
	{Name: "checked", Type: "datetime"},
	{Name: "opens", Type: "time"},
	{Name: "status", Type: "integer", Options: []core.Option{{Value: "1", Label: "Planned"}, {Value: "2", Label: "In use"}}},
	{Name: "organisation_id", Type: "reference", Target: "org_organisation", Label: "Organisation"},
	{Name: "sectors", Type: "list:reference", Target: "org_sector"},
	{Name: "tags", Type: "list:string"},
	{Name: "photo", Type: "upload"},
}}

const (
	redCross = "urn:uuid:11111111-1111-4111-8111-111111111111"
	health   = "urn:uuid:22222222-2222-4222-8222-222222222222"
	water    = "urn:uuid:33333333-3333-4333-8333-333333333333"
)

// lookup knows one organisation, two that share a name, and an office.
func lookup(_ core.Resource, text string) ([]core.Link, error) {
	organisation := func(uuid string) core.Link { return core.Link{Resource: "org_organisation", UUID: uuid} }
	office := core.Link{Resource: "org_office", UUID: health}
	return map[string][]core.Link{"Red Cross": {organisation(redCross)}, "Twins": {organisation(health), organisation(water)}, "North": {office}, health: {office}}[text], nil
}

func sample(uuid, name string) core.Record {
	return core.Record{Resource: "org_office", UUID: uuid, Fields: []core.Field{
		{Name: "name", Value: core.Text(name)},
		{Name: "comments", Value: core.Text("two\nlines, \"quoted\"; and 'more'")},
		{Name: "beds", Value: core.Value{Kind: core.Integer, Str: "12"}},
		{Name: "cost", Value: core.Value{Kind: core.Number, Str: "-12.50"}},
		{Name: "open", Value: core.Value{Kind: core.Boolean, Str: "true"}},
		{Name: "since", Value: core.Value{Kind: core.Bare, Str: "0001-01-01"}},
		{Name: "checked", Value: core.Value{Kind: core.Bare, Str: "9999-12-31T23:59:59"}},
		{Name: "opens", Value: core.Value{Kind: core.Bare, Str: "08:30:00"}},
		{Name: "status", Value: core.Value{Kind: core.Integer, Str: "2"}, Text: "In use"},
		{Name: "organisation_id", Value: core.RefTo("org_organisation", redCross), Text: "Red Cross"},
		{Name: "sectors", Value: core.Value{Kind: core.References, Str: `["` + health + `","` + water + `"]`, Aux: "org_sector"}},
		{Name: "tags", Value: core.Value{Kind: core.JSON, Str: `["a","b c"]`}},
	}}
}

func write(t testing.TB, format Format, recs ...core.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, format, offices)
	if err != nil {
		t.Fatal(err)
	}
	for i := range recs {
		if err := w.Write(&recs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readAll(data []byte, format Format) (rows []Row, err error) {
	r, err := NewReader(bytes.NewReader(data), format, offices, lookup, nil)
	if err != nil {
		return nil, err
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

func TestWhatIsExportedImportsToTheSameContent(t *testing.T) {
	names := []string{"Kathmandu", "मुख्य कार्यालय", "المكتب", "=1+1", "+49 30 1234", "-", "@home", "'quoted'", "'=x", "''-y", " blank ", "a,b;c\td", "\"", "\r\nlines"}
	for _, format := range []Format{CSV, XLSX} {
		var recs []core.Record
		for i, name := range names {
			recs = append(recs, sample(fmt.Sprintf("urn:uuid:%d", i), name))
		}
		rows, err := readAll(write(t, format, recs...), format)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(recs) {
			t.Fatalf("format %d: %d rows, want %d", format, len(rows), len(recs))
		}
		for i, row := range rows {
			got := core.Record{Resource: "org_office", UUID: row.UUID}
			row.Apply(&got)
			if got.UUID != recs[i].UUID || !core.SameContent(&got, &recs[i]) {
				t.Errorf("format %d, %q: %s", format, names[i], cmp.Diff(recs[i], got))
			}
			same := recs[i].Clone()
			if row.Apply(&same) || !cmp.Equal(same, recs[i]) {
				t.Errorf("format %d, %q: importing an unchanged row changes the record: %s", format, names[i], cmp.Diff(recs[i], same))
			}
		}
	}
}

func TestNoCellOfACSVFileBeginsAFormula(t *testing.T) {
	data := string(write(t, CSV, sample("urn:uuid:1", "=cmd|' /C calc'!A0"), sample("urn:uuid:2", "@SUM(1)")))
	for _, want := range []string{",'=cmd|' /C calc'!A0,", ",'@SUM(1),", ",-12.50,"} {
		if !strings.Contains(data, want) {
			t.Errorf("%q is not in %q", want, data)
		}
	}
}

func TestCellsAsPeopleWriteThem(t *testing.T) {
	for _, tt := range []struct {
		name, header, cell string
		field              string
		want               core.Value
	}{
		{"a label stands for its field", "number OF beds", "7", "beds", core.Value{Kind: core.Integer, Str: "7"}},
		{"a whole number written with a fraction", "beds", "7.0", "beds", core.Value{Kind: core.Integer, Str: "7"}},
		{"a choice by its label", "status", "in use", "status", core.Value{Kind: core.Integer, Str: "2"}},
		{"a choice by its value", "status", "2", "status", core.Value{Kind: core.Integer, Str: "2"}},
		{"yes", "open", "Yes", "open", core.Value{Kind: core.Boolean, Str: "true"}},
		{"a reference by name", "Organisation", "Red Cross", "organisation_id", core.RefTo("org_organisation", redCross)},
		{"a reference by uuid", "organisation_id", redCross, "organisation_id", core.RefTo("org_organisation", redCross)},
		{"a list of references", "sectors", health + ";" + water, "sectors", core.Value{Kind: core.References, Str: `["` + health + `","` + water + `"]`, Aux: "org_sector"}},
		{"a list of words", "tags", "a; b", "tags", core.Value{Kind: core.JSON, Str: `["a","b"]`}},
		{"a date of the year 9999", "since", "9999-12-31", "since", core.Value{Kind: core.Bare, Str: "9999-12-31"}},
		{"a date with time becomes UTC", "checked", "2026-06-01 12:00:00+05:45", "checked", core.Value{Kind: core.Bare, Str: "2026-06-01T06:15:00"}},
		{"the first moment of 1970 is a time", "checked", "1970-01-01T00:00:00", "checked", core.Value{Kind: core.Bare, Str: "1970-01-01T00:00:00"}},
		{"a short time of day", "opens", "8:30", "opens", core.Value{Kind: core.Bare, Str: "08:30:00"}},
		{"blanks round a number", "cost", " 1.5 ", "cost", core.Value{Kind: core.Number, Str: "1.5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := readAll([]byte("uuid;"+tt.header+"\nurn:uuid:1;\""+tt.cell+"\"\n"), CSV)
			if err != nil || len(rows) != 1 {
				t.Fatal(rows, err)
			}
			var rec core.Record
			rows[0].Apply(&rec)
			if got := rec.Value(tt.field); got != tt.want {
				t.Errorf("%q is %+v, want %+v", tt.cell, got, tt.want)
			}
		})
	}
}

func TestAnEmptiedCellClearsItsField(t *testing.T) {
	rows, err := readAll([]byte("uuid,name,since,organisation_id,beds\nurn:uuid:1,,,,\n"), CSV)
	if err != nil {
		t.Fatal(err)
	}
	rec := sample("urn:uuid:1", "Old")
	if !rows[0].Apply(&rec) {
		t.Error("clearing fields is no change")
	}
	for field, aux := range map[string]string{"name": "", "since": core.NullDate, "organisation_id": core.NullReference, "beds": ""} {
		if got := rec.Value(field); got.Kind != core.Null || got.Aux != aux {
			t.Errorf("%s is %+v, want a null of kind %q", field, got, aux)
		}
	}
	if got := rec.Value("cost").Str; got != "-12.50" {
		t.Errorf("a column that is absent changed its field to %q", got)
	}
	var fresh core.Record
	if rows[0].Apply(&fresh) || len(fresh.Fields) != 0 {
		t.Errorf("empty cells made fields of a new record: %+v", fresh.Fields)
	}
}

func TestTroubleNamesItsPlaceInWords(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		kind       core.Trouble
		words      string
	}{
		{"empty file", "", core.FileUnreadable, "The file is empty"},
		{"only blank rows", "\n\n,,\n", core.FileUnreadable, "The file is empty"},
		{"no header", "Kathmandu,12\nPokhara,3\n", core.FileUnreadable, "first row must hold the names of the fields of org_office, for example: uuid, name"},
		{"unknown column", "uuid,name,colour\n", core.FileUnreadable, `The column "colour" is no field of org_office`},
		{"two unknown columns", "uuid,colour,name,taste\n", core.FileUnreadable, `The columns "colour", "taste" are no fields of org_office. Remove them`},
		{"an upload has no column", "uuid,photo\n", core.FileUnreadable, `The column "photo" is no field`},
		{"a column twice", "name,Name\n", core.FileUnreadable, `columns A and B of the first row are both named "name"`},
		{"a value without a header", "name,\nx,y\n", core.InvalidSetting, "Row 2, column B: there is a value"},
		{"a value beyond the header", "name\nx,y\n", core.InvalidSetting, "Row 2, column B: there is a value"},
		{"no number", "name,beds\na,1\nb,many\n", core.InvalidSetting, `Row 3, column beds: "many" is not a whole number.`},
		{"a number too large", "beds\n99999999999999999999\n", core.InvalidSetting, "Row 2, column beds"},
		{"a decimal comma", "cost\n\"1,5\"\n", core.InvalidSetting, "write it with a point"},
		{"NaN is no number", "cost\nNaN\n", core.InvalidSetting, "Row 2, column cost"},
		{"neither yes nor no", "open\nperhaps\n", core.InvalidSetting, `"perhaps" is neither yes nor no`},
		{"no date", "since\n31/12/2026\n", core.InvalidSetting, "write year, month and day, as in 2026-12-31"},
		{"30 February", "since\n2026-02-30\n", core.InvalidSetting, "Row 2, column since"},
		{"no time", "opens\n25:00\n", core.InvalidSetting, "write it as 14:30"},
		{"a name nobody has", "organisation_id\nNobody\n", core.InvalidSetting, `there is no record of org_organisation named "Nobody" here`},
		{"a name two have", "organisation_id\nTwins\n", core.InvalidSetting, "there are 2 records"},
		{"no uuid", "uuid\na b\n", core.InvalidSetting, `Row 2, column uuid: "a b" is not a uuid`},
		{"a uuid twice", "uuid,name\nurn:uuid:1,a\nurn:uuid:2,b\nurn:uuid:1,c\n", core.InvalidSetting, "Row 4, column uuid: the same uuid already stands in row 2"},
		{"a stray quotation mark", "name\n\"a\"b\n", core.FileUnreadable, "Line 2 has a quotation mark"},
		{"a quotation mark never closed", "name\n\"a\nb\n", core.FileUnreadable, "quotation mark"},
		{"an endless cell", "name\n\"" + strings.Repeat("x", maxRow+100000), core.FileUnreadable, "A row is longer than 32 MB"},
		{"an old encoding", "name\nCaf\xe9\n", core.FileUnreadable, "Line 2 has letters in an old encoding"},
		{"UTF-16", "\xff\xfen\x00", core.FileUnreadable, "Unicode text"},
		{"a spreadsheet under a wrong name", "PK\x03\x04....", core.FileUnreadable, "should end in .xlsx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll([]byte(tt.data), CSV)
			if !core.IsKind(err, tt.kind) || !strings.Contains(core.AsProblem(err).Message(), tt.words) {
				t.Errorf("error = %v, want kind %d with %q", err, tt.kind, tt.words)
			}
		})
	}
}

// Eden's labels are American; a list that somebody made at an office may not be.
func TestALabelMayBeSpelledEitherWay(t *testing.T) {
	for _, name := range []string{"Organisation", "organization", "ORGANIZATION"} {
		headings, err := Headings(strings.NewReader(name+",Name\nRed Cross,North\n"), CSV, offices)
		if err != nil || headings[0].Field != "organisation_id" {
			t.Errorf("%s: %+v, %v", name, headings, err)
		}
	}
}

func TestTroubleNamesTheColumnAsTheFileDoes(t *testing.T) {
	r, err := NewReader(strings.NewReader("Open days,beds\nperhaps,3\n"), CSV, offices, lookup, []string{"open", "beds"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Next()
	if want := "Row 2, column Open days:"; err == nil || !strings.Contains(core.AsProblem(err).Message(), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
}

func TestDelimitersAndByteOrderMark(t *testing.T) {
	for name, data := range map[string]string{
		"comma":                 "uuid,name\nurn:uuid:1,a\n",
		"semicolon":             "uuid;name\nurn:uuid:1;a\n",
		"tab":                   "uuid\tname\nurn:uuid:1\ta\n",
		"byte order mark":       "\ufeffuuid;name\r\nurn:uuid:1;a\r\n",
		"quoted header":         "\ufeff\"uuid\";\"name\"\nurn:uuid:1;\"a\"",
		"blank row at the head": ";\nuuid;name\n;\nurn:uuid:1;a\n",
	} {
		rows, err := readAll([]byte(data), CSV)
		if err != nil || len(rows) != 1 || rows[0].UUID != "urn:uuid:1" {
			t.Errorf("%s: %+v, %v", name, rows, err)
		}
	}
}

// onlyRecord puts the cells into a workbook and reads the one record in it.
func onlyRecord(t *testing.T, f *excelize.File, cells map[string]any) (rec core.Record) {
	t.Helper()
	for cell, v := range cells {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(b.Bytes(), XLSX)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	rows[0].Apply(&rec)
	return rec
}

func TestXLSXMadeBySomebodyElse(t *testing.T) {
	rec := onlyRecord(t, excelize.NewFile(), map[string]any{"A1": "Name", "B1": "beds", "C1": "since", "D1": "opens", "E1": "open", "A2": "=1+1", "B2": 12, "C2": 46022, "D2": 0.5, "E2": true})
	for field, want := range map[string]string{"name": "=1+1", "beds": "12", "since": "2025-12-31", "opens": "12:00:00", "open": "true"} {
		if got := rec.Value(field).Str; got != want {
			t.Errorf("%s = %q, want %q", field, got, want)
		}
	}
}

func TestAWorkbookOfAnOldMacCountsFrom1904(t *testing.T) {
	f, from1904 := excelize.NewFile(), true
	if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &from1904}); err != nil {
		t.Fatal(err)
	}
	rec := onlyRecord(t, f, map[string]any{"A1": "Name", "B1": "since", "A2": "Old", "B2": 44560})
	if got := rec.Value("since").Str; got != "2025-12-31" {
		t.Errorf("day 44560 is %s", got)
	}
}

func TestAFileThatIsNoXLSXIsRefused(t *testing.T) {
	for name, data := range map[string]string{"empty": "", "text": "uuid,name\n", "cut": string(write(t, XLSX, sample("urn:uuid:1", "x"))[:400])} {
		if _, err := readAll([]byte(data), XLSX); !core.IsKind(err, core.FileUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATextTooLongForACellIsNotCut(t *testing.T) {
	w, err := NewWriter(io.Discard, XLSX, offices)
	if err != nil {
		t.Fatal(err)
	}
	rec := sample("urn:uuid:1", strings.Repeat("x", maxXLSXCell+1))
	if err := w.Write(&rec); !core.IsKind(err, core.FileUnreadable) {
		t.Errorf("Write = %v, want a problem", err)
	}
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]Format{"a.csv": CSV, "A.CSV": CSV, "b.xlsx": XLSX} {
		if got, err := FormatOf(name); err != nil || got != want {
			t.Errorf("FormatOf(%q) = %v, %v", name, got, err)
		}
	}
	if _, err := FormatOf("a.ods"); !core.IsKind(err, core.FileUnreadable) {
		t.Errorf("FormatOf(a.ods) = %v, want a problem", err)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{"uuid,name\nurn:uuid:1,a\n", "\ufeffname;beds\n'=x;5\n", "name\n\"a\nb\"\n", "sectors\ta\n", "uuid,checked\n,0000-00-00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := readAll(data, CSV)
		if err != nil {
			var p *core.Problem
			if !errors.As(err, &p) || p.Message() == "" {
				t.Fatalf("%v is no Problem", err)
			}
			return
		}
		for i, row := range rows {
			rec := core.Record{Resource: "org_office", UUID: fmt.Sprintf("urn:uuid:%d", i)}
			row.Apply(&rec)
			again, err := readAll(write(t, CSV, rec), CSV)
			if err != nil || len(again) != 1 {
				t.Fatalf("what was read from %q is written as something that cannot be read: %v", data, err)
			}
			var back core.Record
			again[0].Apply(&back)
			if !core.SameContent(&rec, &back) {
				t.Fatalf("%q: %s", data, cmp.Diff(rec, back))
			}
		}
	})
}

// A workbook that was damaged, or made to harm: a Problem in words, or rows. Only
// what stands in its sheet and in its texts is varied, within a small workbook that is
// not compressed: in a zip archive any other change is noticed by its checksum.
func FuzzReadXLSX(f *testing.F) {
	const head = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	const tail = `</sheetData></worksheet>`
	for _, seed := range [][2]string{
		{head + `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>beds</t></is></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>5</v></c></row>` + tail,
			`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2"><si><t>name</t></si><si><r><t>a</t></r><r><t> b</t></r></si></sst>`},
		{head + `<row r="1"><c r="A1" t="str"><v>name</v></c></row><row r="3"><c r="A3"><f>1+1</f><v>2</v></c></row>` + tail, ``},
		{head + `<row><c t="s"><v>99</v></c></row><row r="1048577"><c r="XFE1"/></row>` + tail, `<sst/>`},
		{head + `<row r="2"><c r="B2" t="b"><v>1</v></c></row><row r="1"><c r="A1" t="d"><v>2026-01-01</v></c></row>` + tail, ``},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, sheet, texts []byte) {
		if len(sheet)+len(texts) > 1<<16 {
			return
		}
		_, err := readAll(workbook(t, sheet, texts), XLSX)
		var p *core.Problem
		if err != nil && (!errors.As(err, &p) || p.Message() == "") {
			t.Fatalf("%v is no Problem", err)
		}
	})
}

// workbook puts a sheet and its shared texts into the smallest workbook.
func workbook(t testing.TB, sheet, texts []byte) []byte {
	t.Helper()
	const rels = "http://schemas.openxmlformats.org/package/2006/relationships"
	const doc = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + kind + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + kind + `worksheet+xml"/>` +
			`<Override PartName="/xl/sharedStrings.xml" ContentType="` + kind + `sharedStrings+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + rels + `"><Relationship Id="rId1" Type="` + doc + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` + doc + `"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + rels + `"><Relationship Id="rId1" Type="` + doc + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + doc + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", string(sheet)},
		{"xl/sharedStrings.xml", string(texts)},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: zip.Store})
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The workbook that is varied is one that can be read.
func TestTheSmallestWorkbookIsRead(t *testing.T) {
	sheet := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row></sheetData></worksheet>`
	rows, err := readAll(workbook(t, []byte(sheet), []byte(`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>name</t></si><si><t>A</t></si></sst>`)), XLSX)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	var rec core.Record
	if rows[0].Apply(&rec); rec.Value("name").Str != "A" {
		t.Errorf("got %+v", rec)
	}
}

// An Eden drops a reference to the super-entity itself.
func TestAReferenceNamesTheTableOfTheSiteThatItLeadsTo(t *testing.T) {
	site := core.FieldSchema{Name: "site_id", Type: "reference", Target: "org_site"}
	for text, want := range map[string]core.Value{"North": core.RefTo("org_office", health), health: core.RefTo("org_office", health), water: core.RefTo("org_site", water)} {
		if got, err := ParseValue(site, text, lookup); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
	}
}
