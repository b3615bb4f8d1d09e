package sheet

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

func TestTheLastCellsOfARowClearTheirFieldsToo(t *testing.T) {
	rec := sample("urn:uuid:1", "Old")
	sheet := `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>uuid</v></c><c r="B1" t="str"><v>name</v></c><c r="C1" t="str"><v>beds</v></c></row><row r="2"><c r="A2" t="str"><v>urn:uuid:1</v></c></row></sheetData></worksheet>`
	rows, err := readAll(workbook(t, []byte(sheet), nil), XLSX)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	if !rows[0].Apply(&rec) || rec.Value("name").Kind != core.Null || rec.Value("beds").Kind != core.Null {
		t.Errorf("name %+v, beds %+v", rec.Value("name"), rec.Value("beds"))
	}
}

// What is damaged must not look like rows that are not there, or like emptied cells.
func TestADamagedSheetIsRefused(t *testing.T) {
	const head = `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>name</v></c></row><row r="2"><c r="A2" t="str"><v>one</v></c></row>`
	for name, rest := range map[string]string{
		"breaks off":            ``,
		"breaks off in a row":   `<row r="3"><c r="A3"`,
		"elements do not match": `<row r="3"><c r="A3"><v>3</c></v></row></sheetData></worksheet>`,
		"no such text":          `<row r="3"><c r="A3" t="s"><v>7</v></c></row></sheetData></worksheet>`,
		"a text that is none":   `<row r="3"><c r="A3" t="s"><v>x</v></c></row></sheetData></worksheet>`,
	} {
		if _, err := readAll(workbook(t, []byte(head+rest), nil), XLSX); !core.IsKind(err, core.FileUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if rows, err := readAll(workbook(t, []byte(head+`</sheetData></worksheet>`), nil), XLSX); err != nil || len(rows) != 1 {
		t.Errorf("without all that: %v, %v", rows, err)
	}
}

func TestTextsThatBreakOffAreRefused(t *testing.T) {
	const sheet = `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row></sheetData></worksheet>`
	for _, texts := range []string{`<sst><si><t>name</t></si><si><t>A</t></si>`, `<sst><si><t>name</t></si></sst>`, ``} {
		if _, err := readAll(workbook(t, []byte(sheet), []byte(texts)), XLSX); !core.IsKind(err, core.FileUnreadable) {
			t.Errorf("%q: %v", texts, err)
		}
	}
}
