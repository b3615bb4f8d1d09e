package sheet

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"github.com/fieldsync/fieldsync/core"
)

// texts are hard to keep as they are.
var texts = []string{"Kathmandu", "मुख्य कार्यालय", "المكتب", "=1+1", " blank ", "tab\tand\nline", "carriage\rreturn", "<&>\"'", "_x000D_", "_x005F_x000D_", "_x00", "bell\a", "\uFFFE", "😀", "00012", "1e5", "_"}

// Excelize, which is used by many, is what the two sides are measured by here.
func TestExcelizeReadsWhatIsWritten(t *testing.T) {
	var b bytes.Buffer
	w, err := newXLSX(&b, "org_office")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"uuid", "name"}, texts, {"", "", "third"}}
	for _, row := range want {
		if err := w.write(row, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if list := f.GetSheetList(); !cmp.Equal(list, []string{"org_office"}) {
		t.Errorf("sheets %q", list)
	}
	got, err := f.GetRows("org_office", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func rowsOf(t *testing.T, data []byte) (rows [][]string) {
	t.Helper()
	s, err := openXLSX(bytes.NewReader(data))
	for err == nil {
		var row []string
		if row, err = s.next(); err == nil {
			rows = append(rows, row)
		}
	}
	if err.Error() != "EOF" {
		t.Fatal(err)
	}
	return rows
}

func TestWhatExcelizeWritesIsRead(t *testing.T) {
	for _, how := range []string{"shared", "inline"} {
		t.Run(how, func(t *testing.T) {
			f := excelize.NewFile()
			defer f.Close()
			rows := map[int][]any{1: nil, 4: {nil, nil, "x"}, 5: {12, -12.5, true, false, 46022, 0.5}}
			for _, text := range texts {
				rows[1] = append(rows[1], text)
			}
			var stream *excelize.StreamWriter
			if how == "inline" {
				var err error
				if stream, err = f.NewStreamWriter("Sheet1"); err != nil {
					t.Fatal(err)
				}
			}
			for _, n := range []int{1, 4, 5} {
				at, err := excelize.CoordinatesToCellName(1, n)
				row := rows[n]
				if err == nil && stream != nil {
					err = stream.SetRow(at, row)
				} else if err == nil {
					err = f.SetSheetRow("Sheet1", at, &row)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if stream != nil {
				if err := stream.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			b, err := f.WriteToBuffer()
			if err != nil {
				t.Fatal(err)
			}
			again, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			want, err := again.GetRows("Sheet1", excelize.Options{RawCellValue: true})
			if err != nil || len(want) != 5 {
				t.Fatal(want, err)
			}
			if diff := cmp.Diff(want, rowsOf(t, b.Bytes()), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDatesAreThoseOfExcelize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, days := range []float64{1, 59, 60, 61, 62, 36526, 46022, 46022.5, 2958465, 2958465.99999} {
		compareDate(t, days)
	}
	for range 2000 {
		compareDate(t, 61+random.Float64()*100_000)
	}
}

func compareDate(t *testing.T, days float64) {
	t.Helper()
	want, err := excelize.ExcelDateToTime(days, false)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := serial(strconv.FormatFloat(days, 'f', -1, 64), XLSX)
	if diff := got.Sub(want).Abs().Seconds(); !ok || diff > 1 {
		t.Errorf("day %v is %v, for excelize %v", days, got, want)
	}
}

func TestTheLastCellsOfARowClearTheirFieldsToo(t *testing.T) {
	rec := sample("urn:uuid:1", "Old")
	sheet := `<worksheet><sheetData><row><c t="str"><v>uuid</v></c><c t="str"><v>name</v></c><c t="str"><v>beds</v></c></row><row><c t="str"><v>urn:uuid:1</v></c></row></sheetData></worksheet>`
	rows, err := readAll(smallWorkbook(t, []byte(sheet), nil), XLSX)
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
		"a cell that is none":   `<row r="3"><c r="3A" t="str"><v>x</v></c></row></sheetData></worksheet>`,
		"a row that is none":    `<row r="third"><c t="str"><v>x</v></c></row></sheetData></worksheet>`,
		"too many rows":         `<row r="1048577"><c t="str"><v>x</v></c></row></sheetData></worksheet>`,
		"too many columns":      `<row r="3"><c r="BXY3" t="str"><v>x</v></c></row></sheetData></worksheet>`,
	} {
		if _, err := readAll(smallWorkbook(t, []byte(head+rest), nil), XLSX); !core.IsKind(err, core.FileUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if rows, err := readAll(smallWorkbook(t, []byte(head+`</sheetData></worksheet>`), nil), XLSX); err != nil || len(rows) != 1 {
		t.Errorf("without all that: %v, %v", rows, err)
	}
}

func TestAWorkbookOfAnOlderProgramOrWithAPasswordIsRefused(t *testing.T) {
	_, err := readAll([]byte(magicOLE+strings.Repeat("\x00", 600)), XLSX)
	if !core.IsKind(err, core.FileUnreadable) || !strings.Contains(core.AsProblem(err).Message(), "password") {
		t.Errorf("got %v", err)
	}
}

func TestEscapesAreTheirOwnInverse(t *testing.T) {
	for _, text := range texts {
		if got := unescape(escape(text)); got != text {
			t.Errorf("%q became %q by way of %q", text, got, escape(text))
		}
	}
	for escaped, want := range map[string]string{"a_x000D_b": "a\rb", "_xD83D__xDE00_": "😀", "_xD83D_": "\uFFFD", "_x005f_x0041_": "_x0041_", "_x12_": "_x12_", "_xzzzz_": "_xzzzz_"} {
		if got := unescape(escaped); got != want {
			t.Errorf("%q is %q, want %q", escaped, got, want)
		}
	}
}
